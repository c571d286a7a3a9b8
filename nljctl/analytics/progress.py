"""Who has been at which activity, and who has completed it: what every completion rate is made of.

An attempt is a pair of learner and activity with a statement whose verb is one of `ATTEMPTS`, on something that learners work on. It is completed by a
statement that says so: `result.completion` true, or the verb `completed` without a `result.completion` of false.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from typing import Any

from nljctl.analytics import vocabulary as words
from nljctl.analytics.grouping import ACTIVITY, LEARNER, Group, Key
from nljctl.analytics.view import View


@dataclass(frozen=True, slots=True)
class Attempt:
    """A learner (mbox) at an activity: by how many statements, and whether one of them completed it."""

    learner: str
    activity: str
    statements: int
    completed: bool


def attempting(view: View) -> View:
    """The statements by which somebody is at an activity."""
    return view.where(view.equals(words.VERB, *words.ATTEMPTS), ~view.equals(words.TYPE, *words.JOBS))


def completing(view: View) -> Any:
    """The condition: of such statements those that complete it."""
    return view.flag(words.COMPLETION, True) | (view.equals(words.VERB, words.COMPLETED) & ~view.flag(words.COMPLETION, False))


async def attempts(view: View) -> AsyncIterator[Attempt]:
    """Every attempt, once."""
    async for group in attempting(view).groups(ACTIVITY, LEARNER, of_which={"completed": completing(view)}):
        activity, learner = group.key
        yield Attempt(learner, activity, group.count, group.of_which["completed"] > 0)


@dataclass(frozen=True, slots=True)
class Progress:
    """How many attempts there are, and how many of them are completed."""

    attempted: int
    completed: int


async def progress(view: View) -> Progress:
    """All attempts together."""
    (whole,) = await attempted_per(view)
    return progress_of(whole)


async def attempted_per(view: View, *per: Key, of: Sequence[Key] = (ACTIVITY, LEARNER)) -> list[Group]:
    """The attempts of each group: `progress_of` says what such a group tells.

    Args:
        of: what makes an attempt one of its own, where the groups do not tell it already.
    """
    return await attempting(view).different(*of, per=per, of_which={"completed": completing(view)})


def progress_of(group: Group) -> Progress:
    return Progress(group.count, group.of_which["completed"])
