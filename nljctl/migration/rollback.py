"""Back to legacy, now: without losing an effect or a statement, whatever state faststream is in (docs/rollback.md).

Every step looks first at what is already so: running it twice, or again after a kill anywhere, finishes the same rollback.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from aiokafka import TopicPartition
from aiokafka.errors import KafkaError
from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncEngine

from nljctl.catalogue.topics import SUBSCRIBED
from nljctl.effects import database, plans, progress
from nljctl.effects.claim import Position
from nljctl.effects.ledger_tables import applied, backfill, fence
from nljctl.effects.plan import Epoch, Pipeline, Role
from nljctl.errors import ConfigurationError, StackError, TimedOutError
from nljctl.kafka.client import admin, consumer
from nljctl.kafka.offsets import group_members, partitions
from nljctl.migration.fencing import Decision, decide, ensure_positions
from nljctl.migration.overview import backfills, log_spans
from nljctl.migration.settle import settle
from nljctl.migration.states import State
from nljctl.migration.steps import Steps
from nljctl.settings import Settings
from nljctl.stack.names import CONSUMERS, FASTSTREAM, LEGACY
from nljctl.stack.runtime import Notify, Runtime
from nljctl.store.client import elasticsearch
from nljctl.store.index import move_reads, reads_from

DRAIN_SECONDS = 10.0
START_SECONDS = 60.0
MEMBERSHIP_SECONDS = 45.0
"""The broker keeps a killed member until its session times out."""

FIRST_EFFECT_SECONDS = 15.0


@dataclass(frozen=True, slots=True)
class RollbackOptions:
    drain: bool = True
    reads: Literal["auto", "now"] = "auto"
    reason: str = "nljctl rollback"


@dataclass(slots=True)
class RollbackReport:
    """As the contract's `rollback` prints it."""

    steps: Steps
    executed: bool = False
    fences: Mapping[TopicPartition, int] = field(default_factory=dict)
    verified: dict[str, Any] = field(default_factory=lambda: {"running": [], "stopped": [], "group_members": {}, "profiles": []})
    backfill: list[dict[str, Any]] = field(default_factory=list)
    seconds_to_first_effect: float | None = None

    def document(self) -> dict[str, Any]:
        fences: dict[str, dict[str, int]] = {}
        for tp, offset in sorted(self.fences.items()):
            fences.setdefault(tp.topic, {})[str(tp.partition)] = offset
        return {
            "plan": self.steps.document(),
            "executed": self.executed,
            "fences": fences,
            "verified": self.verified,
            "backfill": self.backfill,
            "seconds_to_first_effect": self.seconds_to_first_effect,
        }


STEPS = (
    ("epoch", "legacy owns all effects from the fences on"),
    ("stop faststream", f"{FASTSTREAM} finishes what is under way within {DRAIN_SECONDS:.0f} s, or is killed"),
    ("settle", "what a stopped pipeline still owes below the fences is applied from the log"),
    ("positions", "legacy goes on at the fences; what its store lacks is noted for the backfill"),
    ("start legacy", f"{LEGACY} and its LRS run"),
    ("verify", "the broker's group membership and the runtime agree: legacy runs, faststream does not"),
    ("reads", "analytics read the legacy index once it is full"),
)


def plan_rollback(watch: Steps | None = None) -> Steps:
    """The steps, before any of them is taken."""
    steps = watch or Steps()
    for step, detail in STEPS:
        steps.plan(step, detail)
    return steps


async def rollback(settings: Settings, runtime: Runtime, options: RollbackOptions, steps: Steps, notify: Notify) -> RollbackReport:
    """Takes every step that is not so already.

    Raises:
        UnreachableError: Postgres or Kafka does not answer; nothing was started.
        StackError: a service would not start or stop.
        TimedOutError: a step took longer than it may; run it again.
    """
    report = RollbackReport(steps)
    async with database.engine(settings, name="nljctl rollback") as engine:
        began = time.monotonic()
        since = await _clock(engine)
        epoch = await _write_epoch(settings, engine, options, steps)
        report.fences = epoch.fences

        stopped = await runtime.stop_consumer("faststream", drain_seconds=DRAIN_SECONDS if options.drain else 0.0)
        steps.mark("stop faststream", "already" if stopped.how == "already" else "done", f"{stopped.name} {stopped.how} in {stopped.seconds:.1f} s")

        await _settle(settings, engine, epoch, steps)
        noted = await _raise_legacy(settings, engine, epoch, steps)

        started = await runtime.start_consumer("analytics", timeout=START_SECONDS, notify=notify)
        steps.mark("start legacy", "done" if started else "already", ", ".join(started) or f"{LEGACY} was running")

        report.verified = await _verify(settings, runtime, steps)
        report.seconds_to_first_effect = await _first_effect(settings, engine, epoch, since, began)
        await _reads(settings, engine, options, steps)
        async with engine.connect() as connection:
            report.backfill = noted or await backfills(connection)
    report.executed = True
    return report


async def _clock(engine: AsyncEngine) -> datetime:
    async with engine.connect() as connection:
        now: datetime = (await connection.execute(select(func.clock_timestamp()))).scalar_one()
        return now


async def _write_epoch(settings: Settings, engine: AsyncEngine, options: RollbackOptions, steps: Steps) -> Epoch:
    async with engine.connect() as connection:
        plan = await plans.read_plan(connection)
    if not plan:
        raise ConfigurationError("the platform has no first epoch: nothing can be rolled back", "Run `nljctl setup`.", code="not-set-up")
    newest = plan[-1]
    if newest.state == State.LEGACY_REMOVED:
        raise ConfigurationError("legacy was removed: there is nothing to roll back to", "Set the legacy services up again first.", code="legacy-removed")
    if newest.state == State.ROLLED_BACK:
        steps.mark("epoch", "already", f"epoch {newest.number} is a rollback")
        return newest
    async with admin(settings) as client:
        tps = await partitions(client, SUBSCRIBED)
    for pipeline in Pipeline:
        await ensure_positions(settings, engine, pipeline, tps)
    epoch = await decide(engine, Decision(0, "rollback", State.ROLLED_BACK, options.reason, newest.number))
    steps.mark("epoch", "done", f"epoch {epoch.number}: share 0 from the fences of {len(epoch.fences)} partitions on")
    return epoch


async def _settle(settings: Settings, engine: AsyncEngine, epoch: Epoch, steps: Steps) -> None:
    stopped = [Pipeline.FASTSTREAM]
    async with admin(settings) as client:
        if not await group_members(client, settings.legacy_group):
            stopped.append(Pipeline.LEGACY)
    settled = await settle(settings, engine, stopped, epoch.fences)
    steps.mark("settle", "done" if settled.offsets else "already", f"{settled.offsets} offsets, {settled.effects.applied} effects applied")


async def _raise_legacy(settings: Settings, engine: AsyncEngine, epoch: Epoch, steps: Steps) -> list[dict[str, Any]]:
    """Moves legacy's statements up to where its effects go on, never down; gives the ranges that its store then lacks, which it has noted."""
    skipped = 0
    noted: list[dict[str, Any]] = []
    async with engine.begin() as connection:
        positions = await progress.lock(connection, Pipeline.LEGACY, Role.LIVE, epoch.fences)
        raised: dict[TopicPartition, tuple[Position, str | None]] = {}
        for tp, first in epoch.fences.items():
            position = positions[tp]
            target = min(first, position.effects_next)
            if target <= position.statements_next:
                continue
            raised[tp] = (Position(target, position.effects_next), None)
            skipped += target - position.statements_next
            row = {
                "index": settings.legacy_index,
                "topic": tp.topic,
                "partition": tp.partition,
                "from": position.statements_next,
                "to": target,
                "done": position.statements_next,
            }
            noted.append(row)
            await connection.execute(insert(backfill).values(row).on_conflict_do_nothing())
        await progress.move(connection, Pipeline.LEGACY, Role.LIVE, raised)
    await _tell_group(settings, {tp: position.seek for tp, (position, _) in raised.items()})
    steps.mark("positions", "done" if skipped else "already", f"{skipped} offsets left to the backfill")
    return noted


async def _tell_group(settings: Settings, offsets: Mapping[TopicPartition, int]) -> None:
    """Sets the group's committed offsets, for people. The broker refuses it while the group has members, whose own commits then say it."""
    if not offsets:
        return
    async with consumer(settings, group_id=settings.legacy_group) as client:
        client.assign(list(offsets))
        try:
            await client.commit(dict(offsets))
        except KafkaError:
            return


async def _verify(settings: Settings, runtime: Runtime, steps: Steps) -> dict[str, Any]:
    """Waits until the broker and the runtime agree that legacy runs and faststream does not."""
    deadline = time.monotonic() + MEMBERSHIP_SECONDS
    while True:
        async with admin(settings) as client:
            members = {group: await group_members(client, group) for group in (settings.group, settings.legacy_group)}
        states = {service.name: service.state for service in await runtime.state()}
        running = sorted(name for name, state in states.items() if state == "running")
        verified = {
            "running": running,
            "stopped": sorted(name for name in states.keys() | set(CONSUMERS.values()) if name not in running),
            "group_members": members,
            "profiles": list(runtime.profiles()),
        }
        if members[settings.legacy_group] and not members[settings.group] and LEGACY in running and FASTSTREAM not in running:
            steps.mark("verify", "done", f"{len(members[settings.legacy_group])} member of {settings.legacy_group}, none of {settings.group}")
            return verified
        if LEGACY not in running:
            steps.mark("verify", "failed", f"{LEGACY} ended")
            raise StackError(f"{LEGACY} started and ended again", f"See `nljctl logs {LEGACY}`; then run rollback again.")
        if time.monotonic() > deadline:
            steps.mark("verify", "failed", f"group members: {members}")
            raise TimedOutError("the consumer groups do not look as they should after a rollback", "See `nljctl status`; then run rollback again.")
        await asyncio.sleep(0.3)


async def _first_effect(settings: Settings, engine: AsyncEngine, epoch: Epoch, since: datetime, began: float) -> float | None:
    """Seconds from the decision to legacy's first effect beyond the fences; None if the log held none for it."""
    ends = await log_spans(settings)
    c = applied.c
    same_partition = (fence.c.epoch == epoch.number) & (fence.c.topic == c.topic) & (fence.c.partition == c.partition)
    found = (
        select(func.min(c.at))
        .select_from(applied.outerjoin(fence, same_partition))
        .where(c.role == Role.LIVE, c.pipeline == Pipeline.LEGACY, c.at > since, c.offset >= func.coalesce(fence.c.offset, 0))
    )
    while time.monotonic() - began < FIRST_EFFECT_SECONDS:
        async with engine.connect() as connection:
            first: datetime | None = (await connection.execute(found)).scalar_one()
            positions = await progress.read(connection, Pipeline.LEGACY)
        if first is not None:
            return round((first - since).total_seconds(), 3)
        if all(position.effects_next >= ends[tp].end for tp, position in positions.items() if tp in ends):
            return None
        await asyncio.sleep(0.2)
    return None


async def _reads(settings: Settings, engine: AsyncEngine, options: RollbackOptions, steps: Steps) -> None:
    async with engine.connect() as connection:
        unfilled = await backfills(connection)
    async with elasticsearch(settings) as client:
        reads = await reads_from(client)
        if reads == settings.legacy_index:
            steps.mark("reads", "already", f"analytics read {reads}")
        elif unfilled and options.reads == "auto":
            steps.mark("reads", "done", f"analytics read {reads} until the backfill of {settings.legacy_index} is full")
        else:
            await move_reads(client, settings.legacy_index)
            steps.mark("reads", "done", f"analytics read {settings.legacy_index} now")
