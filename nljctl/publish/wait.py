"""Waits until every running pipeline has processed a run, and says what became of its records."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from aiokafka import TopicPartition
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from nljctl.effects import progress
from nljctl.effects.ledger_tables import outcome
from nljctl.effects.plan import Pipeline
from nljctl.effects.topic_generations import current
from nljctl.errors import TimedOutError, UndecidedError
from nljctl.migration.overview import running_pipelines
from nljctl.publish.passed import Behind, behind, unread_topics
from nljctl.settings import Settings

POLL_SECONDS = 0.25
_SHOWN = 5
_KINDS = ("duplicate", "conflict", "dead_lettered")

Offsets = Mapping[TopicPartition, Sequence[int]]


@dataclass(frozen=True, slots=True)
class Processed:
    """What became of a run.

    Attributes:
        pipeline: whose outcomes they are: faststream's if it runs, else legacy's.
        outcomes: records by outcome; `stored` is what nothing else is said of.
        dead: ids of those that were dead-lettered.
        unread: records by topic that no running pipeline reads.
    """

    pipeline: Pipeline
    outcomes: Mapping[str, int]
    dead: Sequence[str]
    unread: Mapping[str, int]


async def running(settings: Settings) -> tuple[Pipeline, ...]:
    """The pipelines whose consumer group has a member, faststream first.

    Raises:
        UndecidedError: none has.
    """
    found = await running_pipelines(settings)
    pipelines = tuple(pipeline for pipeline in (Pipeline.FASTSTREAM, Pipeline.LEGACY) if found[pipeline])
    if not pipelines:
        raise UndecidedError(
            f"no consumer is running: the groups {settings.group} and {settings.legacy_group} have no members, so nothing would be processed",
            "Start one (`nljctl up --profile faststream`), or leave --wait out.",
            code="nothing-running",
        )
    return pipelines


async def until_processed(engine: AsyncEngine, pipelines: Sequence[Pipeline], offsets: Offsets, seconds: float) -> Processed:
    """Returns when each pipeline's live progress has passed each record of the topics that it reads.

    Args:
        offsets: the run's records, ascending per partition.
        seconds: how long to wait at most.

    Raises:
        TimedOutError: names who is behind, and where.
    """
    left: list[Behind] = []
    try:
        async with asyncio.timeout(seconds):
            while True:
                async with engine.connect() as connection:
                    positions = {pipeline: await _positions(connection, pipeline) for pipeline in pipelines}
                    left = [entry for pipeline in pipelines for entry in behind(pipeline, positions[pipeline], offsets)]
                    if not left:
                        unread = unread_topics(list(positions.values()), offsets)
                        return await _processed(connection, pipelines[0], offsets, unread)
                await asyncio.sleep(POLL_SECONDS)
    except TimeoutError as problem:
        raise _timed_out(seconds, left) from problem


async def _positions(connection: AsyncConnection, pipeline: Pipeline) -> dict[TopicPartition, int]:
    return {tp: position.statements_next for tp, position in (await progress.read(connection, pipeline)).items()}


async def _processed(connection: AsyncConnection, pipeline: Pipeline, offsets: Offsets, unread: Mapping[str, int]) -> Processed:
    counts: Counter[str] = Counter(dict.fromkeys(("stored", *_KINDS), 0))
    dead: list[str] = []
    c = outcome.c
    for tp, run in offsets.items():
        if tp.topic in unread:
            continue
        rows = await connection.execute(
            select(c.offset, c.kind, c.statement_id).where(
                c.pipeline == pipeline, c.topic == tp.topic, c.partition == tp.partition, c.offset.between(run[0], run[-1]), c.generation == current(c.topic)
            )
        )
        ours = set(run)
        told = [row for row in rows if row.offset in ours]
        counts.update(row.kind for row in told)
        counts["stored"] += len(run) - len(told)
        dead += [row.statement_id for row in told if row.kind == "dead_lettered" and row.statement_id]
    return Processed(pipeline, dict(counts), dead, unread)


def _timed_out(seconds: float, left: Sequence[Behind]) -> TimedOutError:
    shown = "; ".join(str(entry) for entry in left[:_SHOWN])
    more = f"; and {len(left) - _SHOWN} more partitions" if len(left) > _SHOWN else ""
    records = sum(entry.records for entry in left)
    return TimedOutError(
        f"not processed within {seconds:g} s: {records} records are pending: {shown}{more}"
        if left
        else f"Postgres did not tell the progress within {seconds:g} s",
        "The records are published. See `nljctl health` for what holds the consumers up, or allow more with --timeout.",
    )
