"""Back to legacy, now: without losing an effect or a statement, whatever state faststream is in (docs/rollback.md).

Every step looks first at what is already so: running it twice, or again after a kill anywhere, finishes the same rollback.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from aiokafka import TopicPartition
from aiokafka.errors import KafkaError
from sqlalchemy.ext.asyncio import AsyncEngine

from nljctl.catalogue.topics import SUBSCRIBED
from nljctl.effects import database, plans, reads
from nljctl.effects.plan import Epoch, Pipeline
from nljctl.effects.reads import When
from nljctl.errors import ConfigurationError, StackError, TimedOutError, UnreachableError
from nljctl.kafka.client import admin, consumer
from nljctl.kafka.offsets import group_members, partitions
from nljctl.migration import fencing
from nljctl.migration.fencing import Decision, decide, ensure_positions, expect_newest
from nljctl.migration.first_effect import clock, first_effect
from nljctl.migration.log import KafkaLog
from nljctl.migration.observed import observe
from nljctl.migration.overview import backfills
from nljctl.migration.settle import settle
from nljctl.migration.states import State
from nljctl.migration.steps import Steps
from nljctl.migration.take_back import TakenBack, take_back
from nljctl.settings import Settings
from nljctl.stack.names import FASTSTREAM, LEGACY
from nljctl.stack.runtime import Notify, Runtime
from nljctl.store.client import elasticsearch
from nljctl.store.index import move_reads, reads_from

DRAIN_SECONDS = 10.0
START_SECONDS = 60.0
MEMBERSHIP_SECONDS = 45.0
"""The broker keeps a killed member until its session times out."""

FIRST_EFFECT_SECONDS = 15.0
ANSWER_SECONDS = 3.0
POLL_SECONDS = 0.3


@dataclass(frozen=True, slots=True)
class RollbackOptions:
    drain: bool = True
    reads: When = "auto"
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
        return {
            "plan": self.steps.document(),
            "executed": self.executed,
            "fences": fencing.document(self.fences),
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
        RefusedError: somebody else changed the plan meanwhile.
        StackError: a service would not start or stop.
        TimedOutError: a step took longer than it may; run it again.
    """
    report = RollbackReport(steps)
    async with database.engine(settings, name="nljctl rollback") as engine:
        began = time.monotonic()
        since = await clock(engine)
        epoch = await _write_epoch(settings, engine, options, steps)
        report.fences = epoch.fences

        stopped = await runtime.stop_consumer("faststream", drain_seconds=DRAIN_SECONDS if options.drain else 0.0)
        steps.mark("stop faststream", "already" if stopped.how == "already" else "done", f"{stopped.name} {stopped.how} in {stopped.seconds:.1f} s")

        await _settle(settings, engine, epoch, steps)
        taken = await take_back(engine, epoch, settings.require("legacy_index"), options.reads)
        await _tell_group(settings, taken)
        steps.mark("positions", "done" if taken.offsets else "already", f"{taken.offsets} offsets left to the backfill")

        await expect_newest(engine, epoch)
        await _start(settings, runtime, steps, notify)
        report.verified = await _verify(settings, runtime, steps)
        report.seconds_to_first_effect = await first_effect(settings, engine, epoch, since, began + FIRST_EFFECT_SECONDS)
        await _reads(settings, engine, steps)
        async with engine.connect() as connection:
            report.backfill = [dict(row) for row in taken.lacking] or await backfills(connection)
    report.executed = True
    return report


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
    settled = await settle(KafkaLog(settings), engine, stopped, epoch.fences)
    steps.mark("settle", "done" if settled.offsets else "already", f"{settled.offsets} offsets, {settled.effects.applied} effects applied")


async def _tell_group(settings: Settings, taken: TakenBack) -> None:
    """Sets the group's committed offsets, for people. The broker refuses it while the group has members, whose own commits then say it."""
    if not taken.raised:
        return
    async with consumer(settings, group_id=settings.legacy_group) as client:
        client.assign(list(taken.raised))
        try:
            await client.commit({tp: position.seek for tp, position in taken.raised.items()})
        except KafkaError:
            return


async def _start(settings: Settings, runtime: Runtime, steps: Steps, notify: Notify) -> None:
    """Starts legacy. Without Elasticsearch its LRS cannot be healthy: then nobody waits for that, legacy itself does, and loses nothing by it."""
    away = await _elasticsearch_away(settings)
    started = await runtime.start_consumer("analytics", timeout=START_SECONDS, notify=notify, healthy=not away)
    waits = f"; it waits for its LRS: {away}" if away else ""
    steps.mark("start legacy", "done" if started else "already", f"{', '.join(started) or f'{LEGACY} was running'}{waits}")


async def _elasticsearch_away(settings: Settings) -> str:
    """How it shows that Elasticsearch does not serve; empty if it does."""
    try:
        async with elasticsearch(settings, max_retries=0, request_timeout=ANSWER_SECONDS) as client:
            await client.info()
    except UnreachableError as problem:
        return problem.message
    return ""


async def _verify(settings: Settings, runtime: Runtime, steps: Steps) -> dict[str, Any]:
    """Waits until the broker and the runtime agree that legacy runs and faststream does not."""
    deadline = time.monotonic() + MEMBERSHIP_SECONDS
    while True:
        seen = await observe(settings, runtime)
        ours, theirs = seen.members[Pipeline.LEGACY], seen.members[Pipeline.FASTSTREAM]
        if ours and not theirs and LEGACY in seen.running and FASTSTREAM not in seen.running:
            steps.mark("verify", "done", f"{len(ours)} member of {settings.legacy_group}, none of {settings.group}")
            return {**seen.document(), "profiles": list(runtime.profiles())}
        if LEGACY not in seen.running:
            steps.mark("verify", "failed", f"{LEGACY} ended")
            raise StackError(f"{LEGACY} started and ended again", f"See `nljctl logs {LEGACY}`; then run rollback again.")
        if time.monotonic() > deadline:
            steps.mark("verify", "failed", f"group members: {seen.document()['group_members']}")
            raise TimedOutError("the consumer groups do not look as they should after a rollback", "See `nljctl status`; then run rollback again.")
        await asyncio.sleep(POLL_SECONDS)


async def _reads(settings: Settings, engine: AsyncEngine, steps: Steps) -> None:
    """Moves the alias if it may move; what cannot be done now is noted already, and the legacy consumer, or the next rollback, does it."""
    index = settings.require("legacy_index")
    async with engine.connect() as connection:
        due = await reads.due(connection)
    try:
        async with elasticsearch(settings, max_retries=0) as client:
            now = await reads_from(client)
            if now != index and due is not None and due.filling:
                steps.mark("reads", "done", f"analytics read {now} until the backfill of {index} is full; {LEGACY} moves them then")
                return
            if now != index:
                await move_reads(client, index)
    except UnreachableError as problem:
        steps.mark("reads", "waiting", f"{LEGACY} moves them to {index} when it can: {problem.message}")
        return
    if due is not None:
        async with engine.begin() as connection:
            await reads.note_moved(connection, due.epoch)
    steps.mark("reads", "already" if now == index else "done", f"analytics read {index}{'' if now == index else ' now'}")
