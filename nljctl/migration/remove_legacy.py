"""Removes legacy when nothing needs it any more: its services and its consumer group. Its index stays (docs/shift.md).

Running it twice, or again after a kill between any two steps, finishes the same removal.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from nljctl.effects import database, plans, progress
from nljctl.effects.ledger_tables import epoch as epoch_table
from nljctl.effects.ledger_tables import parked
from nljctl.effects.plan import Epoch, Pipeline, Role
from nljctl.errors import NljctlError
from nljctl.kafka.client import admin
from nljctl.kafka.groups import delete_group
from nljctl.kafka.offsets import group_members
from nljctl.migration.compare import CompareOptions, compare
from nljctl.migration.fencing import Decision, decide
from nljctl.migration.gate_values import only_legacy_has
from nljctl.migration.gates import Found, Judged, parse
from nljctl.migration.overview import backfills
from nljctl.migration.removal_checks import Check, Facts, check
from nljctl.migration.shares import require
from nljctl.migration.states import State
from nljctl.migration.steps import Steps
from nljctl.settings import Settings
from nljctl.stack.names import BESIDE, LEGACY
from nljctl.stack.runtime import Runtime
from nljctl.store.client import elasticsearch
from nljctl.store.index import reads_from

SERVICES = (LEGACY, *BESIDE["analytics"])
HISTORY = "history<=0"


@dataclass(slots=True)
class RemovalReport:
    """As the contract's `remove-legacy` prints it."""

    steps: Steps
    epoch: Epoch
    checks: Sequence[Check] = ()
    executed: bool = False

    @property
    def removed(self) -> bool:
        """Whether that was decided before, so that only the rest is to be finished."""
        return self.epoch.state == State.LEGACY_REMOVED

    @property
    def allowed(self) -> bool:
        return self.removed or all(each.status == "ok" for each in self.checks)

    def document(self) -> dict[str, Any]:
        return {
            "checks": [each.document() for each in self.checks],
            "plan": self.steps.document(),
            "executed": self.executed,
            "epoch": self.epoch.number,
            "state": self.epoch.state,
        }


async def plan_removal(settings: Settings, quiet_for: float, steps: Steps, *, compares: bool) -> RemovalReport:
    """Checks, then plans. Changes nothing; `compares`: make the comparison that the history check needs (it leaves its evidence).

    Raises:
        ConfigurationError: nothing is set up.
        UnreachableError: a service does not answer.
    """
    async with database.engine(settings, name="nljctl remove-legacy") as engine:
        async with engine.connect() as connection:
            report = RemovalReport(steps, require(await plans.read_plan(connection)))
        steps.plan("epoch", "legacy is removed: from now on nothing is rolled back")
        steps.plan("services", f"{' and '.join(SERVICES)} are stopped for good; the index {settings.legacy_index} stays")
        steps.plan("group", f"{settings.legacy_group} and its offsets are deleted")
        if report.removed:
            steps.mark("epoch", "already", f"epoch {report.epoch.number}")
        else:
            report.checks = check(await _facts(settings, engine, quiet_for, compares=compares))
    return report


async def remove_legacy(settings: Settings, runtime: Runtime, report: RemovalReport) -> RemovalReport:
    """Takes every step that is not so already.

    Raises:
        RefusedError: somebody else changed the plan since it was made, or a consumer has joined legacy's group.
        UnreachableError: a service does not answer.
        StackError: a service would not stop.
    """
    steps = report.steps
    async with database.engine(settings, name="nljctl remove-legacy") as engine:
        if not report.removed:
            reason = "; ".join(f"{each.name}: {each.detail}" for each in report.checks)
            # Its share is that of the epoch before it, and so are its fences: a new one would wait for a legacy that does not read any more.
            decision = Decision(report.epoch.share, "remove-legacy", State.LEGACY_REMOVED, reason, report.epoch.number, keeps_fences=True)
            report.epoch = await decide(engine, decision)
            steps.mark("epoch", "done", f"epoch {report.epoch.number}")
    stopped = await runtime.stop(SERVICES)
    ran = [each.name for each in stopped if each.how != "already"]
    steps.mark("services", "done" if ran else "already", f"stopped {', '.join(ran)}" if ran else "none of them ran")
    async with admin(settings) as client:
        deleted = await delete_group(client, settings.legacy_group)
    steps.mark("group", "done" if deleted else "already", f"{settings.legacy_group} {'is deleted' if deleted else 'was not there'}")
    report.executed = True
    return report


async def _facts(settings: Settings, engine: AsyncEngine, quiet_for: float, *, compares: bool) -> Facts:
    async with admin(settings) as client:
        members = await group_members(client, settings.legacy_group)
    async with elasticsearch(settings) as client:
        reads = await reads_from(client)
    history = Judged(parse(HISTORY), await _history(settings)) if compares else None
    async with engine.connect() as connection:
        return Facts(
            plan=await plans.read_plan(connection),
            quiet_seconds=await _quiet(connection),
            quiet_for=quiet_for,
            positions=await progress.read(connection, Pipeline.LEGACY),
            parked=await _parked(connection),
            backfill=await backfills(connection),
            reads=reads,
            index=settings.require("index"),
            members=members,
            history=history,
        )


async def _history(settings: Settings) -> Found:
    try:
        return await only_legacy_has(await compare(settings, CompareOptions(effects=False, analytics=False)))
    except NljctlError as problem:
        return Found(None, problem.message)


async def _quiet(connection: AsyncConnection) -> float:
    age = select(func.extract("epoch", func.clock_timestamp() - func.max(epoch_table.c.at)))
    return float((await connection.execute(age)).scalar_one())


async def _parked(connection: AsyncConnection) -> int:
    waiting = select(func.count()).select_from(parked).where(parked.c.role == Role.LIVE, parked.c.pipeline == Pipeline.LEGACY)
    count: int = (await connection.execute(waiting)).scalar_one()
    return count
