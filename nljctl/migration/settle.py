"""Applies what a pipeline still owes below the fences, in its name: nobody leaves owing (docs/ownership.md).

Anyone may settle anyone, a live pipeline too; it can be killed and run again. Only `effects_next` moves.
"""

from __future__ import annotations

import asyncio
import time
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from aiokafka import TopicPartition
from sqlalchemy.ext.asyncio import AsyncEngine

from nljctl.effects import plans, progress, topic_generations
from nljctl.effects.batch import Batch, EffectCounts, Entry
from nljctl.effects.plan import Pipeline, may_own
from nljctl.effects.transaction import EffectsWriter
from nljctl.errors import TimedOutError
from nljctl.judge import judge
from nljctl.judgement import Origin
from nljctl.kafka.offsets import Span
from nljctl.kafka.reader import Record
from nljctl.migration.log import Log

PATIENCE_SECONDS = 60.0
"""How long settling waits at an older barrier for a pipeline that still runs."""


@dataclass(slots=True)
class Settled:
    """Offsets passed and effects applied, for people."""

    offsets: int = 0
    effects: EffectCounts = field(default_factory=EffectCounts)


async def settle(log: Log, engine: AsyncEngine, pipelines: Sequence[Pipeline], fences: Mapping[TopicPartition, int]) -> Settled:
    """Brings the effects of each pipeline to the fences.

    Raises:
        TimedOutError: an older barrier did not open.
    """
    settled = Settled()
    deadline = time.monotonic() + PATIENCE_SECONDS
    while True:
        owed = {pipeline: await _owed(engine, pipeline, fences) for pipeline in pipelines}
        if not any(owed.values()):
            return settled
        moved = 0
        for pipeline, ranges in owed.items():
            moved += await _settle_once(log, engine, pipeline, ranges, settled)
        settled.offsets += moved
        if moved:
            deadline = time.monotonic() + PATIENCE_SECONDS
        elif time.monotonic() > deadline:
            raise TimedOutError("effects below the fences wait for a pipeline that does not move", "See `nljctl status`; start or settle the other pipeline.")
        else:
            await asyncio.sleep(0.2)


async def _owed(engine: AsyncEngine, pipeline: Pipeline, fences: Mapping[TopicPartition, int]) -> dict[TopicPartition, Span]:
    async with engine.connect() as connection:
        positions = await progress.read(connection, pipeline)
    return {tp: Span(positions[tp].effects_next, fence) for tp, fence in fences.items() if tp in positions and positions[tp].effects_next < fence}


async def _settle_once(log: Log, engine: AsyncEngine, pipeline: Pipeline, ranges: Mapping[TopicPartition, Span], settled: Settled) -> int:
    """One pass over the ranges; gives how many offsets it moved."""
    if not ranges:
        return 0
    async with engine.connect() as connection:
        plan = await plans.read_plan(connection)
        numbers = await topic_generations.numbers(connection)
    generations = {tp: numbers.get(tp.topic, topic_generations.FIRST) for tp in ranges}
    writer = EffectsWriter(engine, pipeline)
    unread = {tp: span for tp, span in ranges.items() if not may_own(plan, pipeline, tp, span.begin, span.end)}
    moved = await _write(writer, Batch(unread, (), settling=True, generations=generations), settled) if unread else 0
    to_read = {tp: span for tp, span in ranges.items() if tp not in unread}
    if not to_read:
        return moved
    held = await log.spans(to_read)
    begins = {tp: span.begin for tp, span in to_read.items()}
    readable = {tp: Span(max(span.begin, held[tp].begin), span.end) for tp, span in to_read.items()}
    async for records in log.read(readable):
        by_partition: dict[TopicPartition, list[Record]] = defaultdict(list)
        for record in records:
            by_partition[TopicPartition(record.topic, record.partition)].append(record)
        claims = {tp: Span(begins[tp], found[-1].offset + 1) for tp, found in by_partition.items()}
        begins.update({tp: span.end for tp, span in claims.items()})
        moved += await _write(writer, Batch(claims, _entries(by_partition, generations), settling=True, generations=generations), settled)
    rest = {tp: Span(begins[tp], span.end) for tp, span in to_read.items() if begins[tp] < span.end}
    return moved + (await _write(writer, Batch(rest, (), settling=True, generations=generations), settled) if rest else 0)


def _entries(by_partition: Mapping[TopicPartition, Sequence[Record]], generations: Mapping[TopicPartition, int]) -> list[Entry]:
    return [
        Entry(tp, record.offset, judge(record.value, Origin(record.topic, record.partition, record.offset, record.timestamp, generations[tp])))
        for tp, found in by_partition.items()
        for record in found
    ]


async def _write(writer: EffectsWriter, batch: Batch, settled: Settled) -> int:
    result = await writer.write(batch)
    settled.effects.add(result.effects)
    return sum(max(0, position.effects_next - batch.claims[tp].begin) for tp, position in result.positions.items())
