"""Fills the legacy store, in the background, with statements that it has not seen while faststream ran (docs/rollback.md).

Rows of `nljctl.backfill` name the ranges of the log. Statements go in arrays, which Ralph takes by the thousand a second; an array that it
refuses goes again statement by statement, so that each has its own outcome. `done` moves after each array: a kill costs one array, which
the LRS then knows already. Unlike the live consumer this one swallows nothing: while the LRS is away, it waits.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from aiokafka import TopicPartition
from aiokafka.errors import KafkaError
from sqlalchemy import select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine

from nljctl.backoff import Backoff
from nljctl.effects import database, outcomes, topic_generations
from nljctl.effects.batch import Entry, OutcomeRow
from nljctl.effects.ledger_tables import backfill, outcome
from nljctl.effects.plan import Pipeline
from nljctl.errors import UnreachableError
from nljctl.judge import judge
from nljctl.judgement import Origin
from nljctl.kafka.client import consumer
from nljctl.kafka.offsets import Span, spans
from nljctl.kafka.reader import Record, read
from nljctl.pipelines.legacy.ralph import NAME as RALPH
from nljctl.pipelines.legacy.ralph import Answer, Kind, Ralph
from nljctl.pipelines.legacy.sender import Letter, Prepared, Sender, outcome_of
from nljctl.pipelines.patience import away
from nljctl.settings import Settings

log = logging.getLogger("nljctl.legacy.backfill")

LOOK_SECONDS = 5.0
ARRAY_STATEMENTS = 250
ARRAY_BYTES = 4_000_000
SUSPICIOUS = 10
"""If so many statements fail one by one and none is taken, the trouble is the store's (a read-only index, say), not theirs."""


@dataclass(frozen=True, slots=True)
class Gap:
    """A range of the log that the store lacks: offsets `[done, to)` are still to be filled. `begin` is part of its row's key, `generation` the topic's."""

    tp: TopicPartition
    begin: int
    done: int
    to: int
    generation: int = 0


class Backfill:
    """Fills gaps one after the other, oldest first, for as long as it runs."""

    def __init__(self, settings: Settings, engine: AsyncEngine, sender: Sender, ralph: Ralph) -> None:
        self._settings = settings
        self._engine = engine
        self._sender = sender
        self._ralph = ralph
        self.left: int | None = None
        """Offsets still to be filled; None before the first look."""
        self.filled = 0

    async def run(self) -> None:
        """Looks for gaps now and then, and fills them. What it needs being away makes it wait."""
        backoff = Backoff()
        while True:
            try:
                for gap in await self.gaps():
                    await self._fill(gap)
                await self.gaps()
            except (*database.Unavailable, DBAPIError, KafkaError, UnreachableError, _AwayError) as problem:
                trouble = (RALPH, str(problem)) if isinstance(problem, _AwayError) else away(problem)
                if trouble is None:
                    raise
                if not backoff.attempts:
                    log.warning("waiting for %s: %s", *trouble)
                await asyncio.sleep(backoff.next())
            else:
                backoff.reset()
                await asyncio.sleep(LOOK_SECONDS)

    async def gaps(self) -> list[Gap]:
        """What is left to fill, in the order of the log."""
        c = backfill.c
        query = select(c.topic, c.partition, c["from"], c.done, c.to, topic_generations.current(c.topic)).where(
            c.index == self._settings.legacy_index, c.done < c.to
        )
        async with self._engine.connect() as connection:
            rows = (await connection.execute(query.order_by(c.topic, c.partition, c["from"]))).all()
        found = [Gap(TopicPartition(row.topic, row.partition), row[2], row.done, row.to, row[5]) for row in rows]
        self.left = sum(gap.to - gap.done for gap in found)
        return found

    async def _fill(self, gap: Gap) -> None:
        async with consumer(self._settings) as client:
            held = (await spans(client, [gap.tp]))[gap.tp]
        begin, end = max(gap.done, held.begin), min(gap.to, held.end)
        log.info("filling", extra={"topic": gap.tp.topic, "partition": gap.tp.partition, "begin": begin, "end": end})
        if begin > gap.done:
            log.warning("%d offsets were removed by retention before they were filled", min(begin, gap.to) - gap.done)
        done = gap.done
        if begin < end:
            async with contextlib.aclosing(read(self._settings, {gap.tp: Span(begin, end)}, at_once=ARRAY_STATEMENTS)) as batches:
                async for records in batches:
                    for array in _arrays(self._prepare(gap, records)):
                        entries = await self._send(gap, array)
                        following = array[-1][0].offset + 1
                        if not await self._note(gap, done, following, entries):
                            return
                        done = following
        await self._note(gap, done, max(end, done) if end < gap.to else gap.to, [])

    def _prepare(self, gap: Gap, records: Iterable[Record]) -> list[tuple[Record, Prepared]]:
        return [(record, self._sender.prepare(record.value, _origin(record, gap.generation))) for record in records]

    async def _send(self, gap: Gap, array: Sequence[tuple[Record, Prepared]]) -> list[Entry]:
        """Posts an array; the entries of those records that have an outcome to note."""
        letters = [prepared.letter for _, prepared in array if prepared.letter is not None]
        answer = await self._ralph.post(b"[" + b",".join(letter.body for letter in letters) + b"]") if letters else Answer(Kind.STORED)
        alone: dict[str, OutcomeRow | None] = {}
        if answer.kind not in (Kind.STORED, Kind.DUPLICATE):
            alone = {letter.id: await self._send_alone(letter) for letter in letters}
            if len(alone) >= SUSPICIOUS and all(row is not None and row.kind == Kind.FAILED for row in alone.values()):
                raise _AwayError("it fails every statement")
        entries = []
        for record, prepared in array:
            row = alone.get(prepared.letter.id) if prepared.letter is not None else prepared.outcome
            if row is not None:
                entries.append(Entry(gap.tp, record.offset, judge(record.value, _origin(record, gap.generation)), row, effects=False))
        return entries

    async def _send_alone(self, letter: Letter) -> OutcomeRow | None:
        answer = await self._ralph.post(letter.body)
        if answer.kind is Kind.FAILED and (trouble := await self._ralph.heartbeat()):
            raise _AwayError(trouble)
        # What the store knows already may be of this very record, from before a kill; the ledger tells a duplicate from the log itself.
        if answer.kind is Kind.DUPLICATE or (answer.kind is Kind.CONFLICT and not letter.timestamp_given):
            return None
        return outcome_of(answer)

    async def _note(self, gap: Gap, before: int, after: int, entries: Sequence[Entry]) -> bool:
        """Moves `done`; False if somebody else has moved it. A failure that the live consumer noted is over where the statement is stored now."""
        c, o = backfill.c, outcome.c
        here: tuple[Any, ...] = (c.index == self._settings.legacy_index, c.topic == gap.tp.topic, c.partition == gap.tp.partition, c["from"] == gap.begin)
        async with self._engine.begin() as connection:
            moved = await connection.execute(backfill.update().where(*here, c.done == before).values(done=after))
            if moved.rowcount != 1:
                return False
            covered = (o.topic == gap.tp.topic, o.partition == gap.tp.partition, o.offset >= before, o.offset < after, o.generation == gap.generation)
            await connection.execute(outcome.delete().where(o.pipeline == Pipeline.LEGACY, o.kind == Kind.FAILED, *covered))
            await outcomes.write(connection, Pipeline.LEGACY, entries, {gap.tp: gap.generation})
        self.filled += after - before
        self.left = max(0, (self.left or 0) - (after - before))
        return True


class _AwayError(Exception):
    """The LRS does not answer."""


def _arrays(prepared: Iterable[tuple[Record, Prepared]]) -> Iterable[list[tuple[Record, Prepared]]]:
    """Cuts records into arrays that Ralph takes: bounded, and no id twice in one (it refuses that)."""
    array: list[tuple[Record, Prepared]] = []
    ids: set[str] = set()
    size = 0
    for record, item in prepared:
        letter = item.letter
        name, weight = (letter.id.lower(), len(letter.body)) if letter else ("", 0)
        if array and (name in ids or len(array) >= ARRAY_STATEMENTS or size + weight > ARRAY_BYTES):
            yield array
            array, ids, size = [], set(), 0
        array.append((record, item))
        size += weight
        if name:
            ids.add(name)
    if array:
        yield array


def _origin(record: Record, generation: int) -> Origin:
    return Origin(record.topic, record.partition, record.offset, record.timestamp, generation)
