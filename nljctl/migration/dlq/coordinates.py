"""Where a record stood in the log, and how people write it: `TOPIC/PARTITION@OFFSET`. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final, NamedTuple

from aiokafka import TopicPartition

from nljctl.errors import UsageError

_WRITTEN: Final = re.compile(r"(?P<topic>[A-Za-z0-9._-]{1,249})/(?P<partition>\d{1,9})@(?P<offset>\d{1,18})", re.ASCII)


class Coordinates(NamedTuple):
    topic: str
    partition: int
    offset: int

    @property
    def tp(self) -> TopicPartition:
        return TopicPartition(self.topic, self.partition)

    def __str__(self) -> str:
        return f"{self.topic}/{self.partition}@{self.offset}"


def written(words: Sequence[str]) -> list[Coordinates]:
    """The coordinates that a command line names: each as `TOPIC/PARTITION@OFFSET`, or one as three words.

    Raises:
        UsageError: a word is none.
    """
    if len(words) == 3 and words[1].isdecimal() and words[2].isdecimal():
        words = [f"{words[0]}/{words[1]}@{words[2]}"]
    return [_one(word) for word in words]


def found(text: str) -> Coordinates | None:
    """The coordinates that a text holds, if it is exactly that."""
    match = _WRITTEN.fullmatch(text)
    return None if match is None else Coordinates(match["topic"], int(match["partition"]), int(match["offset"]))


def _one(word: str) -> Coordinates:
    coordinates = found(word)
    if coordinates is None:
        raise UsageError(f"{word!r} names no record", "Write TOPIC/PARTITION@OFFSET, as `nljctl stats` and `nljctl dlq list` print it.")
    return coordinates
