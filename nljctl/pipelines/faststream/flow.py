"""The bounded flow behind the subscriber: fetch, judge, write and commit overlap, and every record ends with one outcome.

A batch claims its ranges when it comes in, is judged, written and dead-lettered beside at most `DEPTH - 1` others, and then waits for the
batch before it: Postgres sees batches in the order of their claims. Only then are its offsets committed.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime

from aiokafka import AIOKafkaConsumer, TopicPartition

from nljctl.effects.batch import Batch, BatchResult
from nljctl.effects.claim import Position
from nljctl.effects.transaction import EffectsWriter
from nljctl.kafka.offsets import Span
from nljctl.kafka.reader import Record
from nljctl.pipelines.faststream.batch import JudgedBatch, judge_batch
from nljctl.pipelines.faststream.committer import Committer
from nljctl.pipelines.faststream.deadletters import DeadLetters
from nljctl.pipelines.faststream.meter import Meter
from nljctl.pipelines.patience import patiently
from nljctl.pipelines.pressure import Pressure
from nljctl.store.documents import document
from nljctl.store.writer import StatementWriter

log = logging.getLogger("nljctl.faststream")

DEPTH = 3
"""Batches under way at once."""

DRAIN_SECONDS = 10.0


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
        self._tasks: set[asyncio.Task[None]] = set()
        self._begun: dict[asyncio.Task[None], float] = {}
        self._last: asyncio.Future[None] | None = None
        self._claimed: dict[TopicPartition, int] = {}
        self.positions: dict[TopicPartition, Position] = {}
        self.held: set[TopicPartition] = set()
        self._assignment = 0
        self._closing = False

    def begin(self, positions: Mapping[TopicPartition, Position], start: Mapping[TopicPartition, int]) -> None:
        """Takes over partitions that have just been assigned, at their positions in Postgres."""
        self._assignment += 1
        self.positions.update(positions)
        self._claimed.update(start)

    async def submit(self, records: Sequence[Record]) -> None:
        """Claims the ranges of a batch and starts it. Waits while `DEPTH` batches are under way: that is the back-pressure on fetching."""
        assignment = self._assignment
        await self._slots.acquire()
        current = await self._current(records)
        if assignment != self._assignment or self._closing or not current:
            self._slots.release()
            return
        claims: dict[TopicPartition, Span] = {}
        for record in current:
            tp = TopicPartition(record.topic, record.partition)
            claims[tp] = Span(claims[tp].begin if tp in claims else self._claimed[tp], record.offset + 1)
        self._claimed.update({tp: span.end for tp, span in claims.items()})
        self._start(claims, current)

    async def _current(self, records: Sequence[Record]) -> list[Record]:
        """Those records that reading has not turned back from since they were fetched (a rebalance, a seek): the others come again.

        A claim begins where the one before it ended, so a record that was fetched before a seek must never extend it.
        """
        consumer = self._consumer()
        ends = {TopicPartition(record.topic, record.partition): record.offset + 1 for record in records}
        stale = set()
        for tp, end in ends.items():
            if consumer is None or tp not in self._claimed or tp not in consumer.assignment() or await consumer.position(tp) < end:
                stale.add(tp)
        return [record for record in records if TopicPartition(record.topic, record.partition) not in stale]

    async def tick(self) -> None:
        """Looks at partitions that nothing else moves: effects held at a barrier, offsets at the end that hold no record."""
        consumer = self._consumer()
        if consumer is None or self._tasks or self._closing:
            return
        claims: dict[TopicPartition, Span] = {}
        for tp in consumer.assignment():
            claimed = self._claimed.get(tp)
            position = await consumer.position(tp) if claimed is not None else None
            if claimed is not None and position is not None and (position > claimed or tp in self.held):
                claims[tp] = Span(claimed, max(position, claimed))
        if claims and not self._tasks and not self._slots.locked():
            await self._slots.acquire()
            self._claimed.update({tp: span.end for tp, span in claims.items()})
            self._start(claims, [])

    @property
    def oldest_seconds(self) -> float:
        """Age of the oldest batch under way."""
        return time.monotonic() - min(self._begun.values()) if self._begun else 0.0

    @property
    def idle(self) -> bool:
        return not self._tasks

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
        if self._tasks:
            _, late = await asyncio.wait(set(self._tasks), timeout=DRAIN_SECONDS)
            for task in late:
                task.cancel()
            if late:
                log.warning("%d batches abandoned after %.0f s: %s", len(late), DRAIN_SECONDS, self._why())
                await asyncio.wait(late)
        self._last = None

    def _why(self) -> str:
        return "; ".join(f"{target}: {pause.reason}" for target, pause in self._pressure.pauses.items()) or "they were still being written"

    def _start(self, claims: Mapping[TopicPartition, Span], records: Sequence[Record]) -> None:
        turn, self._last = self._last, asyncio.get_running_loop().create_future()
        task = asyncio.create_task(self._run(claims, records, turn, self._last))
        self._tasks.add(task)
        self._begun[task] = time.monotonic()
        task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        self._begun.pop(task, None)
        self._slots.release()
        problem = None if task.cancelled() else task.exception()
        if problem is not None:
            self._failed(problem)

    async def _run(
        self, claims: Mapping[TopicPartition, Span], records: Sequence[Record], turn: asyncio.Future[None] | None, done: asyncio.Future[None]
    ) -> None:
        batch = judge_batch(records, {tp: self.positions[tp].statements_next for tp in claims if tp in self.positions})
        await self._write_statements(batch)
        letters = batch.dead_letters()
        if letters:
            await self._letters.send(letters)
        if turn is not None:
            await turn
        entries = batch.entries()
        result = await self._write_effects(Batch(claims, entries))
        for tp, position in result.positions.items():
            self.positions[tp] = position
            self._committer.done(tp, position.seek)
        self.held.difference_update(claims)
        self.held.update(result.held)
        fresh = {(judged.tp, judged.record.offset) for judged in batch.fresh()}
        self._meter.count([entry for entry in entries if (entry.tp, entry.offset) in fresh])
        self._seek(result.seek)
        done.set_result(None)

    async def _write_statements(self, batch: JudgedBatch) -> None:
        to_write = batch.to_write()
        if not to_write:
            return
        now = datetime.now(UTC)
        written = await self._writer.write([document(judged.judgement, judged.origin, now) for judged in to_write])
        for judged, fate in zip(to_write, written, strict=True):
            judged.written = fate

    async def _write_effects(self, batch: Batch) -> BatchResult:
        """The live role, then the shadow; both in the order of claims."""
        live = await patiently(lambda: self._live.write(batch), self._pressure)
        shadow = await patiently(lambda: self._shadow.write(batch), self._pressure)
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
