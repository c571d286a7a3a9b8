"""What is done with a letter when it is to be sent again, and why. Pure."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Literal

from aiokafka import TopicPartition

from nljctl.judge import judge
from nljctl.judgement import Judgement, Origin, Verdict
from nljctl.migration.dlq.attempts import Attempt
from nljctl.migration.dlq.fill_in import filled_in
from nljctl.migration.dlq.letter import Letter

Why = Literal["", "conflict", "already stored", "under way", "not subscribed", "still invalid", "id cannot be filled in"]

WORDS: dict[Why, str] = {
    "conflict": "another statement holds its id, so sending it again can only conflict again",
    "already stored": "an earlier replay has stored it, or found it stored",
    "under way": "it was sent again, and faststream has not read that yet",
    "not subscribed": "nobody reads its topic or partition any more",
    "still invalid": "it would be refused again; --force sends it all the same",
    "id cannot be filled in": "its id comes from where it stood, and cannot be written into it",
}


@dataclass(frozen=True, slots=True)
class Decision:
    """`why` it is not sent; empty if it is."""

    why: Why = ""

    @property
    def sends(self) -> bool:
        return not self.why


def judged_now(letter: Letter) -> Judgement:
    """What the record would be judged today, at its first coordinates."""
    return judge(letter.value, origin_of(letter, letter.at))


def origin_of(letter: Letter, timestamp: int) -> Origin:
    """`timestamp`: the record's own, or the letter's where only its id matters."""
    return Origin(*letter.origin, timestamp)


def decide(letter: Letter, last: Attempt | None, subscribed: Collection[TopicPartition], *, force: bool = False) -> Decision:
    """Whether a letter is sent again.

    Args:
        last: the newest attempt of its origin.
        subscribed: the partitions that there are of the topics that the pipelines read.
        force: send even what would be refused again.
    """
    if letter.conflicts or (last is not None and last.fate == "conflict"):
        return Decision("conflict")
    if last is not None and last.fate in ("stored", "duplicate"):
        return Decision("already stored")
    if last is not None and last.fate in ("under way", "unnoted"):
        return Decision("under way")
    if letter.origin.tp not in subscribed:
        return Decision("not subscribed")
    if not force and judged_now(letter).verdict is Verdict.REJECTED:
        return Decision("still invalid")
    if filled_in(letter.value, origin_of(letter, letter.at)) is None:
        return Decision("id cannot be filled in")
    return Decision()
