"""What is put on a topic, and what is known of it once the broker has it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from zlib import crc32

import msgspec

from nljctl.catalogue.samples import Kind, Sample


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A record to send. `line` is its place in the file or in the run, from 1; event and kind are unknown of a file's lines."""

    topic: str
    key: str | None
    value: bytes
    id: str | None
    line: int
    event: str | None = None
    kind: Kind | None = None
    parent: bool = False

    def partition(self, partitions: int) -> int | None:
        """For records without key: by statement id, so that a run sends each statement to the same partition every time. Keys decide by themselves."""
        return None if self.key is not None else crc32((self.id or "").encode() or self.value) % partitions


@dataclass(frozen=True, slots=True)
class Receipt:
    """A record that the log holds."""

    record: Outgoing
    partition: int
    offset: int


class _Identified(msgspec.Struct):
    id: str | None = None


async def of_samples(samples: Iterator[Sample]) -> AsyncIterator[Outgoing]:
    for line, sample in enumerate(samples, 1):
        yield Outgoing(sample.topic, sample.key, sample.value, sample.id, line, sample.event, sample.kind, sample.parent)


async def of_lines(lines: AsyncIterator[bytes], topic: str) -> AsyncIterator[Outgoing]:
    """Each line as it is, under no key."""
    number = 0
    async for line in lines:
        number += 1
        yield Outgoing(topic, None, line, statement_id(line), number)


def statement_id(value: bytes) -> str | None:
    """The id that a value carries, if it can be read at all."""
    try:
        return msgspec.json.decode(value, type=_Identified).id
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None
