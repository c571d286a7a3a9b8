"""Moves effects between the pipelines share by share: gates, fence, both pass it, hold; back to the last good epoch when a gate breaks (docs/shift.md)."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine

from nljctl.catalogue.topics import SUBSCRIBED
from nljctl.effects import database, plans
from nljctl.effects.plan import Epoch
from nljctl.errors import RefusedError, TimedOutError
from nljctl.kafka.client import admin
from nljctl.kafka.offsets import partitions
from nljctl.migration import fencing
from nljctl.migration.fencing import Decision, decide, expect_newest
from nljctl.migration.gate_values import look
from nljctl.migration.gates import Condition, Verdict
from nljctl.migration.overview import running_pipelines
from nljctl.migration.passing import pass_fences
from nljctl.migration.shares import path, require, state_at
from nljctl.migration.steps import Steps
from nljctl.pipelines.patience import away
from nljctl.settings import Settings

LOOK_SECONDS = 3.0
AWAY_SECONDS = 60.0
"""How long Postgres may be away during a hold: meanwhile nobody applies effects, and nothing can be decided."""

PROFILES = {"faststream": "faststream", "legacy": "analytics"}


@dataclass(frozen=True, slots=True)
class ShiftOptions:
    """`asked`: the shares to go through. `hold`: seconds to watch the gates after each. `timeout`: seconds for both pipelines to pass a fence."""

    asked: tuple[int, ...]
    conditions: tuple[Condition, ...]
    hold: float = 0.0
    timeout: float = 60.0


@dataclass(slots=True)
class ShiftReport:
    """As the contract's `shift` prints it. `epoch` is the newest one that this command knows of; `reached`: faststream owns the share asked for."""

    steps: Steps
    epoch: Epoch
    shares: tuple[int, ...]
    """Those that were still to be gone to when the plan was made."""

    executed: bool = False
    returned: bool = False
    reached: bool = False
    gates: Verdict = field(default_factory=Verdict)

    def document(self) -> dict[str, Any]:
        return {
            "plan": self.steps.document(),
            "executed": self.executed,
            "returned": self.returned,
            "epoch": self.epoch.number,
            "share": self.epoch.share,
            "state": self.epoch.state,
            "fences": fencing.document(self.epoch.fences),
            "gates": self.gates.document(),
        }


async def plan_shift(settings: Settings, options: ShiftOptions, steps: Steps, *, gates: bool) -> ShiftReport:
    """What is to be done, from where the platform stands now; with the present value of the gates if `gates`. Changes nothing.

    Raises:
        ConfigurationError: nothing is set up.
        RefusedError: legacy does not run for good, so there is nothing to shift.
        UnreachableError: Postgres does not answer.
    """
    async with database.engine(settings, name="nljctl shift") as engine:
        async with engine.connect() as connection:
            plan = await plans.read_plan(connection)
        newest, shares = require(plan), path(plan, options.asked)
        plan_steps(steps, newest, options.asked, shares, options.hold)
        report = ShiftReport(steps, newest, shares)
        if gates and shares:
            report.gates = await look(settings, engine, options.conditions, "last")
    return report


def plan_steps(steps: Steps, newest: Epoch, asked: Sequence[int], shares: Sequence[int], hold: float) -> None:
    """The steps of a shift; those of shares that faststream owns already are marked so. Pure."""
    for share in asked:
        if share not in shares:
            steps.plan(f"{share} %", f"faststream owns {newest.share} % since epoch {newest.number}")
            steps.mark(f"{share} %", "already")
            continue
        steps.plan(f"{share} %: gates", "every gate must be met")
        steps.plan(f"{share} %: fence", f"faststream owns {share} % of the aggregates from the fences on")
        steps.plan(f"{share} %: passed", "both pipelines' effects have reached the fences")
        if hold:
            steps.plan(f"{share} %: hold", f"the gates hold for {hold:g} s, else back to the last good epoch")


async def shift(settings: Settings, options: ShiftOptions, report: ShiftReport) -> ShiftReport:
    """Takes the steps that were planned. It stops where a gate is not met, and goes back to the last good epoch if it had taken a step by then.

    Raises:
        RefusedError: somebody else changed the plan since it was made, or a pipeline does not run.
        TimedOutError: a pipeline did not pass a fence in time; run it again.
        UnreachableError: Postgres or Kafka does not answer.
    """
    async with database.engine(settings, name="nljctl shift") as engine:
        if not report.shares:
            await pass_fences(settings, engine, report.epoch.fences, options.timeout, settling=False)
            await expect_newest(engine, report.epoch)
            report.executed = report.reached = True
            return report
        good = report.epoch
        for share in report.shares:
            report.gates = await look(settings, engine, options.conditions)
            if report.gates.broken:
                report.steps.mark(f"{share} %: gates", "failed", report.gates.words)
                await _back(settings, engine, options, report, good)
                return report
            report.steps.mark(f"{share} %: gates", "done", report.gates.words)
            good = report.epoch
            await _step(settings, engine, options, report, share)
            if options.hold and not await _hold(settings, engine, options, report):
                await _back(settings, engine, options, report, good)
                return report
        report.reached = True
    return report


async def _step(settings: Settings, engine: AsyncEngine, options: ShiftOptions, report: ShiftReport, share: int) -> None:
    """Fences, and waits until both have passed."""
    absent = [pipeline.value for pipeline, runs in (await running_pipelines(settings)).items() if not runs]
    if absent:
        raise RefusedError(
            f"{' and '.join(absent)} has no member in its group: effects that it owns would wait",
            f"Start it first: {', '.join(f'nljctl up --profile {PROFILES[name]}' for name in absent)}.",
            code="not-running",
        )
    async with admin(settings) as client:
        both = frozenset(await partitions(client, SUBSCRIBED))
    reason = f"shift from {report.epoch.share} % to {share} %: {report.gates.words}"
    report.epoch = await decide(engine, Decision(share, "shift", state_at(share), reason, after=report.epoch.number, evidence=report.gates.evidence, both=both))
    report.executed = True
    report.steps.mark(f"{share} %: fence", "done", f"epoch {report.epoch.number}: {share} % from the fences of {len(report.epoch.fences)} partitions on")
    report.steps.mark(f"{share} %: passed", "running")
    try:
        how = await pass_fences(settings, engine, report.epoch.fences, options.timeout, settling=False)
    except TimedOutError as problem:
        report.steps.mark(f"{share} %: passed", "failed", problem.message)
        raise
    await expect_newest(engine, report.epoch)
    report.steps.mark(f"{share} %: passed", "done", how)


async def _hold(settings: Settings, engine: AsyncEngine, options: ShiftOptions, report: ShiftReport) -> bool:
    """Watches the gates for as long as asked; False as soon as one is broken. A comparison is made at the end, unless the next step makes one."""
    name = f"{report.epoch.share} %: hold"
    report.steps.mark(name, "running")
    last = report.epoch.share == report.shares[-1]
    began = answered = time.monotonic()
    while (left := began + options.hold - time.monotonic()) > 0:
        await asyncio.sleep(min(LOOK_SECONDS, left))
        ended = time.monotonic() >= began + options.hold
        try:
            await expect_newest(engine, report.epoch)
            report.gates = await look(settings, engine, options.conditions, "now" if ended and last else "never")
        except (DBAPIError, *database.Unavailable) as problem:
            if away(problem) is None or time.monotonic() - answered > AWAY_SECONDS:
                raise
            continue
        answered = time.monotonic()
        if report.gates.broken:
            report.steps.mark(name, "failed", f"after {time.monotonic() - began:.0f} s: {report.gates.words}")
            return False
    report.steps.mark(name, "done", f"{report.gates.words} for {options.hold:g} s")
    return True


async def _back(settings: Settings, engine: AsyncEngine, options: ShiftOptions, report: ShiftReport, good: Epoch) -> None:
    """A new epoch with the share of the last good one, unless that one still rules. What a pipeline owes that died meanwhile is settled."""
    if good.number == report.epoch.number:
        return
    reason = f"back from {report.epoch.share} % to {good.share} %: {report.gates.words}"
    report.steps.plan("return", f"faststream owns {good.share} % again, as in epoch {good.number}")
    report.epoch = await decide(engine, Decision(good.share, "shift", state_at(good.share), reason, after=report.epoch.number, evidence=report.gates.evidence))
    report.returned = True
    try:
        how = await pass_fences(settings, engine, report.epoch.fences, options.timeout, settling=True)
    except TimedOutError as problem:
        report.steps.mark("return", "failed", f"epoch {report.epoch.number} rules, but {problem.message}")
    else:
        report.steps.mark("return", "done", f"epoch {report.epoch.number}: {reason}; {how}")
