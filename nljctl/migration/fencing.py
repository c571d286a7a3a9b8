"""Changes the plan: a new epoch whose fences are where both pipelines' effects stand (docs/ownership.md, "Changing the plan")."""

from __future__ import annotations

import getpass
from collections.abc import Mapping
from dataclasses import dataclass

from aiokafka import TopicPartition
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine

from nljctl.effects import plans, progress
from nljctl.effects.claim import Position
from nljctl.effects.locks import own_plan
from nljctl.effects.plan import Epoch, Pipeline, Role
from nljctl.errors import RefusedError, TimedOutError
from nljctl.kafka.client import admin, consumer
from nljctl.kafka.offsets import committed, spans
from nljctl.migration.states import State
from nljctl.settings import Settings

PLAN_LOCK_SECONDS = 20.0
LOCK_NOT_AVAILABLE = "55P03"


@dataclass(frozen=True, slots=True)
class Decision:
    """What a new epoch says. `after` is the number of the epoch that the decision was made from."""

    share: int
    kind: str
    state: State
    reason: str
    after: int


async def ensure_positions(settings: Settings, engine: AsyncEngine, pipeline: Pipeline, tps: list[TopicPartition]) -> None:
    """Writes the progress rows that a pipeline lacks, from its group's committed offsets, else from the log's start, as it would itself."""
    async with engine.connect() as connection:
        known = await progress.read(connection, pipeline)
    missing = [tp for tp in tps if tp not in known]
    if not missing:
        return
    group = settings.group if pipeline is Pipeline.FASTSTREAM else settings.legacy_group
    async with admin(settings) as client:
        offsets = await committed(client, group)
    async with consumer(settings) as reader:
        log = await spans(reader, missing)
    async with engine.begin() as connection:
        await progress.ensure(connection, pipeline, Role.LIVE, {tp: min(offsets.get(tp, log[tp].begin), log[tp].end) for tp in missing})


async def decide(engine: AsyncEngine, decision: Decision) -> Epoch:
    """Writes the epoch under the plan's lock, with fences at the highest live `effects_next` of the two pipelines; gives it.

    Raises:
        RefusedError: somebody else changed the plan meanwhile.
        TimedOutError: batches held the plan for too long; says who.
    """
    try:
        async with engine.begin() as connection:
            await own_plan(connection, PLAN_LOCK_SECONDS)
            positions = {pipeline: await progress.read(connection, pipeline) for pipeline in Pipeline}
            fences = fences_of(positions[Pipeline.LEGACY], positions[Pipeline.FASTSTREAM])
            number = await plans.write_epoch(
                connection,
                share=decision.share,
                salt="1",
                kind=decision.kind,
                state=decision.state,
                by=getpass.getuser(),
                reason=decision.reason,
                fences=fences,
                after=decision.after,
            )
            if not number:
                raise RefusedError(
                    "somebody else changed the plan meanwhile", "Look at `nljctl status --history`, then run the command again.", code="plan-changed"
                )
            return (await plans.read_plan(connection))[-1]
    except DBAPIError as problem:
        if getattr(problem.orig, "sqlstate", None) != LOCK_NOT_AVAILABLE:
            raise
        holders = await _holders(engine)
        raise TimedOutError(
            f"batches held the plan for {PLAN_LOCK_SECONDS:.0f} s: {', '.join(holders) or 'nobody any more'}",
            "Run it again; if one of them hangs, stop that process first.",
            code="plan-locked",
        ) from problem


def fences_of(legacy: Mapping[TopicPartition, Position], faststream: Mapping[TopicPartition, Position]) -> dict[TopicPartition, int]:
    """Per partition the highest `effects_next`: no record was or will be judged by two plans. Pure."""
    return {tp: max(position.effects_next for position in (legacy.get(tp), faststream.get(tp)) if position is not None) for tp in {*legacy, *faststream}}


async def _holders(engine: AsyncEngine) -> list[str]:
    async with engine.connect() as connection:
        rows = await connection.execute(
            text(
                "SELECT DISTINCT coalesce(nullif(a.application_name, ''), 'process ' || a.pid) FROM pg_locks l JOIN pg_stat_activity a USING (pid)"
                " WHERE l.locktype = 'advisory' AND l.classid = 7301 AND l.granted ORDER BY 1"
            )
        )
        return [row[0] for row in rows]
