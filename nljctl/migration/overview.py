"""Who owns what, how far each pipeline is behind, what waits: the state of the move, read from Postgres, Kafka and Elasticsearch."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from aiokafka import TopicPartition
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from nljctl.catalogue.topics import SUBSCRIBED
from nljctl.effects import database, plans, progress, reads
from nljctl.effects.claim import Position
from nljctl.effects.ledger_tables import backfill, parked
from nljctl.effects.plan import Epoch, Pipeline, Role
from nljctl.errors import UnreachableError
from nljctl.kafka.client import admin, consumer
from nljctl.kafka.offsets import Span, group_members, partitions, spans
from nljctl.migration.states import State
from nljctl.settings import Settings
from nljctl.store.client import elasticsearch
from nljctl.store.index import reads_from

READ_SECONDS = 3.0


async def overview(settings: Settings) -> dict[str, Any]:
    """The keys `ownership`, `lag`, `parked`, `backfill` and `history` of `nljctl status`; `why` says what is not known because Elasticsearch is away.

    Raises:
        UnreachableError: Kafka or Postgres does not answer.
        ConfigurationError: nothing is set up yet.
    """
    ends = await log_spans(settings)
    running = await running_pipelines(settings)
    read_now, why = await _read_now(settings)
    async with database.engine(settings) as engine, engine.connect() as connection:
        plan = await plans.read_plan(connection)
        lags = {pipeline: lag(await progress.read(connection, pipeline), ends) for pipeline in Pipeline}
        due = await reads.due(connection)
        return {
            "why": why,
            "ownership": {**ownership(plan, running, lags, read_now), "reads_due": due.index if due else None},
            "lag": {pipeline.value: lags[pipeline] for pipeline in Pipeline},
            "parked": await parked_events(connection),
            "backfill": await backfills(connection),
            "history": await plans.history(connection),
        }


async def _read_now(settings: Settings) -> tuple[str | None, str]:
    """What analytics read, and why that is not known."""
    try:
        async with elasticsearch(settings, max_retries=0, request_timeout=READ_SECONDS) as client:
            return await reads_from(client), ""
    except UnreachableError as problem:
        return None, problem.message


def ownership(plan: Sequence[Epoch], running: Mapping[Pipeline, bool], lags: Mapping[Pipeline, int | None], read_now: str | None) -> dict[str, Any]:
    """Who owns the effects now. `owner_running`: every pipeline that owns something has a member in its group; None before the first epoch. Pure."""
    if not plan:
        return {"epoch": None, "share": None, "state": None, "reads": read_now, "owner_running": None}
    newest = plan[-1]
    owners = [Pipeline.FASTSTREAM] * (newest.share > 0) + [Pipeline.LEGACY] * (newest.share < 100)
    return {
        "epoch": newest.number,
        "share": newest.share,
        "state": state(newest, lags),
        "reads": read_now,
        "owner_running": all(running[pipeline] for pipeline in owners),
    }


def state(epoch: Epoch, lags: Mapping[Pipeline, int | None]) -> str:
    """`legacy` becomes `parallel` once faststream has begun to read along. Pure."""
    return State.PARALLEL.value if epoch.state == State.LEGACY and lags[Pipeline.FASTSTREAM] is not None else epoch.state


def lag(positions: Mapping[TopicPartition, Position], ends: Mapping[TopicPartition, Span]) -> int | None:
    """Log end minus live progress over the topics that a pipeline reads; None if it never ran. Pure."""
    if not positions:
        return None
    return sum(max(0, ends[tp].end - position.statements_next) for tp, position in positions.items() if tp in ends)


async def log_spans(settings: Settings) -> dict[TopicPartition, Span]:
    """What the log holds of every topic of the catalogue."""
    async with admin(settings) as client:
        tps = await partitions(client, SUBSCRIBED)
    async with consumer(settings) as reader:
        return await spans(reader, tps)


async def running_pipelines(settings: Settings) -> dict[Pipeline, bool]:
    """Whether a pipeline's consumer group has a member, as the broker sees it."""
    groups = {Pipeline.FASTSTREAM: settings.group, Pipeline.LEGACY: settings.legacy_group}
    async with admin(settings) as client:
        return {pipeline: bool(await group_members(client, group)) for pipeline, group in groups.items()}


async def parked_events(connection: AsyncConnection) -> int:
    """How many events wait for a parent row."""
    waiting: int = (await connection.execute(select(func.count()).select_from(parked).where(parked.c.role == Role.LIVE))).scalar_one()
    return waiting


async def backfills(connection: AsyncConnection) -> list[dict[str, Any]]:
    """Ranges that a store still lacks, with how far each is filled."""
    c = backfill.c
    rows = await connection.execute(select(c.index, c.topic, c.partition, c["from"], c.to, c.done).where(c.done < c.to).order_by(c.index, c.topic, c.partition))
    return [dict(row._mapping) for row in rows]
