"""Changes the plan: a new epoch whose fences are where both pipelines' effects stand (docs/ownership.md, "Changing the plan")."""

from __future__ import annotations

import getpass
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from aiokafka import TopicPartition
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine

from nljctl.effects import plans, progress
from nljctl.effects.claim import Position
from nljctl.effects.ledger_tables import epoch as epoch_table
from nljctl.effects.locks import own_plan
from nljctl.effects.plan import Epoch, Pipeline, Role
from nljctl.errors import RefusedError, TimedOutError
from nljctl.kafka.client import admin, consumer
from nljctl.kafka.offsets import committed, spans
from nljctl.migration.states import State
from nljctl.settings import Settings
from nljctl.stack.names import FASTSTREAM, LEGACY

PLAN_LOCK_SECONDS = 20.0
LOCK_NOT_AVAILABLE = "55P03"
OWN_SESSIONS = ("nljctl%", FASTSTREAM, LEGACY)
"""What nljctl's commands and consumers call themselves at Postgres (`LIKE` patterns)."""


@dataclass(frozen=True, slots=True)
class Decision:
    """What a new epoch says.

    Attributes:
        after: the number of the epoch that the decision was made from.
        evidence: the folder of the comparison that it rests on.
        both: partitions on which both pipelines must have a position.
        keeps_fences: it changes no owner, so it begins where the epoch before it began.
    """

    share: int
    kind: str
    state: State
    reason: str
    after: int
    evidence: str | None = None
    both: frozenset[TopicPartition] = frozenset()
    keeps_fences: bool = False


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

    Batches that hold the plan for `PLAN_LOCK_SECONDS` hang: their sessions are ended, which rolls them back, and it is tried once more.

    Raises:
        RefusedError: somebody else changed the plan meanwhile, or a pipeline lacks a position.
        TimedOutError: somebody holds the plan who is not nljctl's, or may not be ended; says who.
    """
    if (epoch := await _write(engine, decision)) is not None:
        return epoch
    holders = await _end_holders(engine)
    if (epoch := await _write(engine, decision)) is not None:
        return epoch
    raise TimedOutError(
        f"the plan is held since more than {PLAN_LOCK_SECONDS:.0f} s: {', '.join(holders) or 'nobody any more'}",
        "Run it again; if one of them hangs, stop that process first.",
        code="plan-locked",
    )


async def _write(engine: AsyncEngine, decision: Decision) -> Epoch | None:
    """The epoch; None if the plan's lock could not be had in time."""
    try:
        async with engine.begin() as connection:
            await own_plan(connection, PLAN_LOCK_SECONDS)
            positions = {pipeline: await progress.read(connection, pipeline) for pipeline in Pipeline}
            for pipeline, known in positions.items():
                _expect_positions(pipeline, known, decision.both)
            plan = await plans.read_plan(connection)
            fences = plan[-1].fences if plan and decision.keeps_fences else fences_of(positions[Pipeline.LEGACY], positions[Pipeline.FASTSTREAM])
            number = await plans.write_epoch(
                connection,
                share=decision.share,
                salt=plan[-1].salt if plan else "1",
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
            await connection.execute(epoch_table.update().where(epoch_table.c.number == number).values(evidence=decision.evidence))
            return (await plans.read_plan(connection))[-1]
    except DBAPIError as problem:
        if getattr(problem.orig, "sqlstate", None) != LOCK_NOT_AVAILABLE:
            raise
        return None


async def expect_newest(engine: AsyncEngine, ours: Epoch) -> None:
    """Raises unless this epoch still rules: who goes on with steps of an older one would undo what somebody else has decided.

    Raises:
        RefusedError: another one does.
    """
    async with engine.connect() as connection:
        newest = (await plans.read_plan(connection))[-1]
    if newest.number != ours.number:
        raise RefusedError(
            f"somebody else changed the plan meanwhile: epoch {newest.number}, {newest.kind}, share {newest.share}",
            "This command does nothing more. Look at `nljctl status --history`.",
            code="plan-changed",
        )


def fences_of(legacy: Mapping[TopicPartition, Position], faststream: Mapping[TopicPartition, Position]) -> dict[TopicPartition, int]:
    """Per partition the highest `effects_next`: no record was or will be judged by two plans. Pure."""
    return {tp: max(position.effects_next for position in (legacy.get(tp), faststream.get(tp)) if position is not None) for tp in {*legacy, *faststream}}


def document(fences: Mapping[TopicPartition, int]) -> dict[str, dict[str, int]]:
    """`{topic: {partition: offset}}`, as the contract names it. Pure."""
    by_topic: dict[str, dict[str, int]] = {}
    for tp, offset in sorted(fences.items()):
        by_topic.setdefault(tp.topic, {})[str(tp.partition)] = offset
    return by_topic


def _expect_positions(pipeline: Pipeline, known: Mapping[TopicPartition, Position], wanted: Iterable[TopicPartition]) -> None:
    missing = sorted(tp for tp in wanted if tp not in known)
    if missing:
        raise RefusedError(
            f"{pipeline} has no position on {missing[0].topic}/{missing[0].partition}{f' and {len(missing) - 1} more' if len(missing) > 1 else ''}",
            "Effects can only change hands on what both read: start it, on every topic, and wait until it has been assigned them all.",
            code="no-position",
        )


async def _end_holders(engine: AsyncEngine) -> list[str]:
    """Ends the sessions of nljctl's own that hold the plan; gives the names of all that held it."""
    async with engine.connect() as connection:
        rows = (await connection.execute(_HELD, {"own": list(OWN_SESSIONS)})).all()
    return sorted({f"{row.name}{' (ended)' if row.ended else ''}" for row in rows})


_HELD = text(
    "SELECT coalesce(nullif(a.application_name, ''), 'process ' || a.pid) AS name,"
    " CASE WHEN a.application_name LIKE ANY(CAST(:own AS text[])) AND a.usename = current_user THEN pg_terminate_backend(a.pid) END AS ended"
    " FROM pg_locks l JOIN pg_stat_activity a USING (pid)"
    " WHERE l.locktype = 'advisory' AND l.classid = 7301 AND l.granted AND a.datname = current_database()"
)
