"""Sends letters again: a batch is noted, sent, acknowledged, and noted again (docs/operations.md says why in this order)."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Sequence
from typing import TypeAlias

from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError, MessageSizeTooLargeError
from sqlalchemy.ext.asyncio import AsyncEngine

from nljctl.errors import NljctlError
from nljctl.judge import judge
from nljctl.kafka.client import consumer, producer, unreachable
from nljctl.kafka.offsets import spans
from nljctl.migration.dlq import attempts as book
from nljctl.migration.dlq.coordinates import Coordinates
from nljctl.migration.dlq.decide import decide, origin_of
from nljctl.migration.dlq.fill_in import filled_in
from nljctl.migration.dlq.index import Index, Wanted
from nljctl.migration.dlq.letter import REPLAY_OF, Letter
from nljctl.migration.dlq.originals import timestamps
from nljctl.migration.dlq.plan import subscribed_partitions
from nljctl.migration.dlq.reading import letters
from nljctl.settings import Settings

StillAlone: TypeAlias = Callable[[], Awaitable[None]]

BATCH_LETTERS = 500
BATCH_BYTES = 16 * 1024 * 1024


async def send(
    settings: Settings, engine: AsyncEngine, index: Index, planned: Collection[Coordinates], still_alone: StillAlone, *, force: bool
) -> dict[Coordinates, int]:
    """Sends what is still to be sent; gives the offset of each. The caller is `alone`, which `still_alone` raises for once it is not.

    Raises:
        UnreachableError: Kafka or Postgres does not answer. What was sent until then is noted, or is found by the next replay.
        NljctlError: the broker refuses a record.
    """
    subscribed = await subscribed_partitions(settings)
    sent: dict[Coordinates, int] = {}
    async with producer(settings) as client:
        async for batch in _batches(settings, index, planned):
            async with engine.connect() as connection:
                last = book.last_of(await book.read_attempts(connection, [letter.origin for letter in batch]))
            due = [letter for letter in batch if decide(letter, last.get(letter.origin), subscribed, force=force).sends]
            if due:
                await still_alone()
                numbers = {letter.origin: last[letter.origin].number + 1 if letter.origin in last else 1 for letter in due}
                sent |= await _send_batch(settings, engine, client, due, numbers)
    return sent


async def _batches(settings: Settings, index: Index, planned: Collection[Coordinates]) -> AsyncIterator[list[Letter]]:
    """Letters in batches whose size is bounded."""
    batch: list[Letter] = []
    size = 0
    async for letter in letters(settings, index, Wanted(origins=frozenset(planned))):
        length = len(letter.value or b"")
        if batch and (len(batch) >= BATCH_LETTERS or size + length > BATCH_BYTES):
            yield batch
            batch, size = [], 0
        batch.append(letter)
        size += length
    if batch:
        yield batch


async def _send_batch(
    settings: Settings, engine: AsyncEngine, client: AIOKafkaProducer, due: Sequence[Letter], numbers: dict[Coordinates, int]
) -> dict[Coordinates, int]:
    values = await _values(settings, due)
    async with consumer(settings) as reader:
        log = await spans(reader, {letter.origin.tp for letter in due})
    async with engine.begin() as connection:
        await book.begin(connection, numbers, {letter.origin: log[letter.origin.tp].end for letter in due})
    results = await asyncio.gather(*(_send(client, letter, values[letter.origin]) for letter in due), return_exceptions=True)
    offsets: dict[Coordinates, int] = {}
    problems: list[tuple[Letter, BaseException]] = []
    for letter, result in zip(due, results, strict=True):
        if isinstance(result, BaseException):
            problems.append((letter, result))
        else:
            offsets[letter.origin] = result
    async with engine.begin() as connection:
        await book.note_sent(connection, {(origin, numbers[origin]): offset for origin, offset in offsets.items()})
    for letter, problem in problems:
        raise _in_words(settings, letter, problem) from problem
    return offsets


async def _values(settings: Settings, due: Sequence[Letter]) -> dict[Coordinates, bytes]:
    """The bytes of each, with the id and the timestamp of its first coordinates where it has none."""
    undated = [letter.origin for letter in due if not judge(letter.value, origin_of(letter, letter.at)).timestamp_given]
    known = await timestamps(settings, undated) if undated else {}
    return {letter.origin: filled_in(letter.value, origin_of(letter, known.get(letter.origin, letter.at))) or b"" for letter in due}


async def _send(client: AIOKafkaProducer, letter: Letter, value: bytes) -> int:
    """To the partition that it came from, so that records of one key stay in their order."""
    origin = letter.origin
    metadata = await client.send_and_wait(origin.topic, value=value, key=letter.key, partition=origin.partition, headers=[(REPLAY_OF, str(origin).encode())])
    offset: int = metadata.offset
    return offset


def _in_words(settings: Settings, letter: Letter, problem: BaseException) -> BaseException:
    if isinstance(problem, MessageSizeTooLargeError):
        return NljctlError(
            f"{letter.origin} has {len(letter.value or b''):,} bytes, more than its topic takes",
            f"Raise max.message.bytes of {letter.origin.topic}, or leave it out.",
            code="record-too-large",
        )
    return unreachable(settings, problem) if isinstance(problem, KafkaError) else problem
