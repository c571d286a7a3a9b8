"""Who has been at which activity, and who has completed it: what every completion rate is made of.

An attempt is a pair of learner and activity with a statement whose verb is one of `ATTEMPTS`, on something that learners work on. It is completed by a
statement that says so: `result.completion` true, or the verb `completed` without a `result.completion` of false.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass

from nljctl.analytics import vocabulary as words
from nljctl.analytics.view import Condition, View, by


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


def completing(view: View) -> Condition:
    """Of such statements those that complete it."""
    return view.flag(words.COMPLETION, True) | (view.equals(words.VERB, words.COMPLETED) & ~view.flag(words.COMPLETION, False))


async def attempts(view: View) -> AsyncIterator[Attempt]:
    """Every attempt, once."""
    keys = by(words.OBJECT, needed=True), by(words.MBOX, needed=True)
    async for group in attempting(view).groups(*keys, of_which={"completed": completing(view)}):
        activity, learner = group.key
        yield Attempt(learner, activity, group.count, group.of_which["completed"] > 0)
