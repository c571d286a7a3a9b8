"""Finds out whether what an interrupted replay had in hand was sent: the records in the log carry the header that says so."""

from __future__ import annotations

from dataclasses import replace

from aiokafka import TopicPartition
from sqlalchemy.ext.asyncio import AsyncEngine

from nljctl.kafka.client import consumer
from nljctl.kafka.offsets import Span, spans
from nljctl.kafka.reader import Record
from nljctl.migration.dlq import attempts as book
from nljctl.migration.dlq.attempts import Attempt
from nljctl.migration.dlq.coordinates import Coordinates, found
from nljctl.migration.dlq.letter import REPLAY_OF
from nljctl.migration.dlq.reading import answering
from nljctl.settings import Settings


async def read_completed(settings: Settings, engine: AsyncEngine) -> list[Attempt]:
    """Every attempt, with where each lies that was sent and not noted. What was neither sent nor can be any more is left out. Writes nothing."""
    async with engine.connect() as connection:
        # In this order: once nobody replays any more, the log holds all that these rows can still come to.
        attempts = await book.read_attempts(connection)
        replaying = await book.somebody_replays(connection)
    unnoted = {attempt.origin: attempt for attempt in attempts if attempt.fate == "unnoted"}
    offsets = await _sent(settings, unnoted) if unnoted else {}
    return [
        replace(attempt, sent_offset=offsets[attempt.origin], fate="under way") if attempt.fate == "unnoted" and attempt.origin in offsets else attempt
        for attempt in attempts
        if attempt.fate != "unnoted" or attempt.origin in offsets or replaying
    ]


async def recover(settings: Settings, engine: AsyncEngine) -> None:
    """Notes what was sent, and forgets what was not. Only who is alone may do this: the rows of somebody who still sends look the same."""
    async with engine.connect() as connection:
        unnoted = [attempt for attempt in await book.read_attempts(connection) if attempt.fate == "unnoted"]
    if not unnoted:
        return
    offsets = await _sent(settings, {attempt.origin: attempt for attempt in unnoted})
    async with engine.begin() as connection:
        await book.note_sent(connection, {(each.origin, each.number): offsets[each.origin] for each in unnoted if each.origin in offsets})
        await book.forget(connection, [(each.origin, each.number) for each in unnoted if each.origin not in offsets])


async def _sent(settings: Settings, unnoted: dict[Coordinates, Attempt]) -> dict[Coordinates, int]:
    begins: dict[TopicPartition, int] = {}
    for attempt in unnoted.values():
        begins[attempt.origin.tp] = min(attempt.log_end, begins.get(attempt.origin.tp, attempt.log_end))
    async with consumer(settings) as client:
        log = await spans(client, begins)
    offsets: dict[Coordinates, int] = {}
    async for record in answering(settings, {tp: Span(max(begin, log[tp].begin), log[tp].end) for tp, begin in begins.items()}):
        origin = replay_of(record)
        if origin in unnoted and record.offset >= unnoted[origin].log_end:
            offsets.setdefault(origin, record.offset)
    return offsets


def replay_of(record: Record) -> Coordinates | None:
    """The coordinates that a record's header says it is sent again from."""
    value = dict(record.headers).get(REPLAY_OF)
    return None if value is None else found(value.decode("utf-8", "replace"))
