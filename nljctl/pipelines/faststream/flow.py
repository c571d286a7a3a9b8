"""The bounded flow behind the subscriber: fetch, judge, write and commit overlap, and every record ends with one outcome.

A batch claims its ranges when it comes in, is judged, written and dead-lettered beside at most `DEPTH - 1` others, and then waits for the
batches before it: Postgres sees batches in the order of their claims, those that are ready together in one transaction. Only then are
their offsets committed.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from aiokafka import AIOKafkaConsumer, TopicPartition

from nljctl.effects.batch import Batch, BatchResult, Entry
from nljctl.effects.claim import Position
from nljctl.effects.transaction import EffectsWriter
from nljctl.kafka.offsets import Span
from nljctl.kafka.reader import Record
from nljctl.pipelines.faststream.batch import JudgedBatch, follow, judge_batch, merged
from nljctl.pipelines.faststream.committer import Committer
from nljctl.pipelines.faststream.deadletters import DeadLetters
from nljctl.pipelines.faststream.meter import Meter
from nljctl.pipelines.patience import patiently
from nljctl.pipelines.pressure import Pressure
from nljctl.store.documents import document, stored_at
from nljctl.store.writer import StatementWriter

log = logging.getLogger("nljctl.faststream")

DEPTH = 6
"""Batches under way at once, in Elasticsearch and in Postgres together: many small ones rather than few large ones. Of the same records in memory, more are
with Elasticsearch while others are judged or wait for the batches before them (docs/performance.md)."""

DRAIN_SECONDS = 10.0


@dataclass(eq=False, slots=True)
class InFlight:
    """A batch under way. `stored` is done when each of its statements has its place in the index or in the dead-letter topic."""

    claims: Mapping[TopicPartition, Span]
    records: Sequence[Record]
    begun: float
    ids: frozenset[str] = frozenset()
    judged: JudgedBatch = field(default_factory=lambda: JudgedBatch(()))
    stored: asyncio.Task[None] | None = None

    @property
    def ready(self) -> bool:
        """Whether all of it is stored. A failed or cancelled one is never ready, so nothing behind it gets to Postgres either."""
        return self.stored is not None and self.stored.done() and not self.stored.cancelled() and self.stored.exception() is None


class Flow:
    """Takes batches from the subscriber, one after the other, and finishes them."""

    def __init__(
        self,
        consumer: Callable[[], AIOKafkaConsumer | None],
        writer: StatementWriter,
        letters: DeadLetters,
        live: EffectsWriter,
        shadow: EffectsWriter,
        committer: Committer,
        pressure: Pressure,
        meter: Meter,
        failed: Callable[[BaseException], None],
    ) -> None:
        self._consumer = consumer
        self._writer = writer
        self._letters = letters
        self._live = live
        self._shadow = shadow
        self._committer = committer
        self._pressure = pressure
        self._meter = meter
        self._failed = failed
        self._slots = asyncio.Semaphore(DEPTH)
        self._queue: deque[InFlight] = deque()
        self._finisher: asyncio.Task[None] | None = None
        self._claimed: dict[TopicPartition, int] = {}
        self.positions: dict[TopicPartition, Position] = {}
        self.held: set[TopicPartition] = set()
        self._gaps: dict[TopicPartition, Span] = {}
        self._assignment = 0
        self._closing = False

    def begin(self, positions: Mapping[TopicPartition, Position], start: Mapping[TopicPartition, int]) -> None:
        """Takes over partitions that have just been assigned, at their positions in Postgres."""
        self._assignment += 1
        self.positions.update(positions)
        self._claimed.update(start)
        for tp in start:  # whoever had them may have died between Postgres and Kafka, and there may be nothing left to read
            self._committer.done(tp, start[tp])

    async def submit(self, records: Sequence[Record]) -> None:
        """Claims the ranges of a batch and starts it. Waits while `DEPTH` batches are under way: that is the back-pressure on fetching."""
        assignment = self._assignment
        await self._slots.acquire()
        current = await self._current(records)
        if assignment != self._assignment or self._closing or not current:
            self._slots.release()
            return
        claims: dict[TopicPartition, Span] = {}
        for tp, end in _ends(current).items():
            claims[tp] = Span(self._claimed[tp], end)
        self._start(claims, current)

    async def _current(self, records: Sequence[Record]) -> Sequence[Record]:
        """Those records that reading has not turned back from since they were fetched (a rebalance, a seek): the others come again.

        A claim begins where the one before it ended, so a record that was fetched before a seek must never extend it.
        """
        consumer = self._consumer()
        stale = set()
        for tp, end in _ends(records).items():
            if consumer is None or tp not in self._claimed or tp not in consumer.assignment() or await consumer.position(tp) < end:
                stale.add(tp)
        return [record for record in records if (record.topic, record.partition) not in stale] if stale else records

    async def tick(self) -> None:
        """Looks at partitions that nothing else moves: effects held at a barrier, offsets at the end that hold no record.

        Such a gap is claimed only if it was there at the look before too and nothing is under way: a record that has just been fetched looks the same.
        """
        consumer = self._consumer()
        if consumer is None or self._closing:
            return
        gaps: dict[TopicPartition, Span] = {}
        for tp in consumer.assignment() if self.idle else ():
            claimed = self._claimed.get(tp)
            position = await consumer.position(tp) if claimed is not None else None
            if claimed is not None and position is not None and position > claimed:
                gaps[tp] = Span(claimed, position)
        before, self._gaps = self._gaps, gaps
        claims = {tp: Span(self._claimed[tp], self._claimed[tp]) for tp in self.held if tp in self._claimed}
        if self.idle:
            claims.update({tp: span for tp, span in gaps.items() if before.get(tp) == span and self._claimed.get(tp) == span.begin})
        if claims and not self._slots.locked():
            await self._slots.acquire()
            self._start(claims, [])

    @property
    def oldest_seconds(self) -> float:
        """Age of the oldest batch under way."""
        return time.monotonic() - self._queue[0].begun if self._queue else 0.0

    @property
    def in_flight(self) -> int:
        """Batches under way."""
        return len(self._queue)

    @property
    def idle(self) -> bool:
        return not self._queue

    async def revoke(self, tps: Iterable[TopicPartition]) -> None:
        """Finishes what is under way within `DRAIN_SECONDS`, abandons the rest (its rows in Postgres keep it from counting later), commits."""
        self._assignment += 1
        await self._drain()
        await self._committer.commit()
        for tp in tps:
            self._claimed.pop(tp, None)
            self.positions.pop(tp, None)
            self.held.discard(tp)
        self._committer.forget(tps)

    async def close(self) -> None:
        """Takes no more batches, finishes what is under way as `revoke` does."""
        self._closing = True
        await self._drain()
        await self._committer.commit()

    async def _drain(self) -> None:
        if self._finisher is None:
            return
        await asyncio.wait([self._finisher], timeout=DRAIN_SECONDS)
        if self._queue:
            log.warning("%d batches abandoned after at most %.0f s: %s", len(self._queue), DRAIN_SECONDS, self._why())
            await self._abandon()

    async def _abandon(self) -> None:
        tasks = [task for task in (self._finisher, *(batch.stored for batch in self._queue)) if task is not None]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        while self._queue:
            self._queue.popleft()
            self._slots.release()

    def _why(self) -> str:
        return "; ".join(f"{target}: {pause.reason}" for target, pause in self._pressure.pauses.items()) or "they were still being written"

    def _start(self, claims: Mapping[TopicPartition, Span], records: Sequence[Record]) -> None:
        self._claimed.update({tp: span.end for tp, span in claims.items()})
        batch = InFlight(claims, records, time.monotonic())
        batch.stored = asyncio.create_task(self._store(batch, list(self._queue)))
        self._queue.append(batch)
        if self._finisher is None or self._finisher.done():
            self._finisher = asyncio.create_task(self._finish())
            self._finisher.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[None]) -> None:
        problem = None if task.cancelled() else task.exception()
        if problem is not None:
            self._failed(problem)

    async def _store(self, batch: InFlight, earlier: Sequence[InFlight]) -> None:
        """Judges, writes and dead-letters a batch. If it shares a statement id with an earlier one under way it waits: the first in the log is stored first."""
        judged = judge_batch(batch.records, *self._known(batch.claims))
        to_write = judged.to_write()
        batch.judged = judged
        batch.ids = frozenset(one.judgement.id for one in to_write if one.judgement.id is not None)
        for other in earlier:
            if other.stored is not None and not other.ids.isdisjoint(batch.ids):
                await asyncio.wait([other.stored])
        if to_write:
            now = stored_at(datetime.now(UTC))
            written = await self._writer.write([document(one.judgement, one.origin, now) for one in to_write])
            for one, fate in zip(to_write, written, strict=True):
                one.written = fate
        letters = judged.dead_letters()
        if letters:
            await self._letters.send(letters)

    def _known(self, tps: Iterable[TopicPartition]) -> tuple[Mapping[TopicPartition, int], Mapping[TopicPartition, int]]:
        """Where statements go on, and which making of its topic each partition is."""
        known = {tp: self.positions[tp] for tp in tps if tp in self.positions}
        return {tp: position.statements_next for tp, position in known.items()}, {tp: position.generation for tp, position in known.items()}

    async def _finish(self) -> None:
        """Brings stored batches to Postgres in their order, until none is under way."""
        while self._queue:
            head = self._queue[0]
            if head.stored is not None:
                await head.stored
            parts: list[Batch] = []
            for batch in self._queue:
                if not batch.ready or not follow(parts, batch_of := batch.judged.batch(batch.claims)):
                    break
                parts.append(batch_of)
            await self._apply(merged(parts))
            for _ in parts:
                self._queue.popleft()
                self._slots.release()

    async def _apply(self, batch: Batch) -> None:
        stored_already = {tp: self.positions[tp].statements_next for tp in batch.claims if tp in self.positions}
        result = await self._write_effects(batch)
        self.positions.update(result.positions)
        self.held.difference_update(batch.claims)
        self.held.update(result.held)
        self._meter.count(_fresh(batch.entries, stored_already))
        self._seek(result.seek)

    async def _write_effects(self, batch: Batch) -> BatchResult:
        """The live role, then the shadow; both in the order of claims.

        Done is what both have: after a death between the two, the live role is beyond what is read again for the shadow.
        """
        live = await patiently(lambda: self._live.write(batch), self._pressure)
        shadow = await patiently(lambda: self._shadow.write(batch), self._pressure)
        for tp, position in live.positions.items():
            self._committer.done(tp, min(position.seek, shadow.positions[tp].seek))
        self._meter.effects.add(live.effects)
        self._meter.effects.add(shadow.effects)
        seek = {tp: min(offset for offset in (live.seek.get(tp), shadow.seek.get(tp)) if offset is not None) for tp in {*live.seek, *shadow.seek}}
        return replace(live, seek=seek)

    def _seek(self, seek: Mapping[TopicPartition, int]) -> None:
        consumer = self._consumer()
        assigned = consumer.assignment() if consumer is not None else frozenset()
        for tp, offset in seek.items():
            if consumer is not None and tp in assigned:
                consumer.seek(tp, offset)
                self._claimed[tp] = offset


def _ends(records: Sequence[Record]) -> dict[TopicPartition, int]:
    """The offset behind the last record, per partition."""
    ends: dict[tuple[str, int], int] = {}
    for record in records:
        ends[record.topic, record.partition] = record.offset + 1
    return {TopicPartition(*place): end for place, end in ends.items()}


def _fresh(entries: Sequence[Entry], stored_already: Mapping[TopicPartition, int]) -> list[Entry]:
    """Those that no earlier transaction has counted."""
    return [entry for entry in entries if entry.offset >= stored_already.get(entry.tp, 0)]
