"""faststream for good: it owns everything from the fences on, analytics read its index, legacy is stopped and kept (docs/shift.md).

Every step looks first at what is already so: running it twice, or again after a kill between any two steps, finishes the same cutover.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy.ext.asyncio import AsyncEngine

from nljctl.catalogue.topics import SUBSCRIBED
from nljctl.effects import database, plans, progress
from nljctl.effects.plan import Epoch, Pipeline
from nljctl.errors import TimedOutError
from nljctl.kafka.client import admin
from nljctl.kafka.offsets import partitions
from nljctl.migration import fencing
from nljctl.migration.fencing import Decision, decide, ensure_positions, expect_newest
from nljctl.migration.gate_values import look
from nljctl.migration.gates import Condition, Verdict
from nljctl.migration.observed import Observed, observe
from nljctl.migration.overview import running_pipelines
from nljctl.migration.passing import pass_fences
from nljctl.migration.shares import require
from nljctl.migration.states import State
from nljctl.migration.steps import Steps
from nljctl.settings import Settings
from nljctl.stack.names import FASTSTREAM, LEGACY
from nljctl.stack.runtime import Notify, Runtime
from nljctl.store.client import elasticsearch
from nljctl.store.index import move_reads, reads_from

START_SECONDS = 60.0
DRAIN_SECONDS = 10.0
MEMBERSHIP_SECONDS = 45.0
"""The broker keeps a killed member until its session times out."""

POLL_SECONDS = 0.3
FOR_GOOD = (State.CUT_OVER, State.LEGACY_REMOVED)

STEPS = (
    ("gates", "every gate must be met"),
    ("start faststream", f"{FASTSTREAM} runs"),
    ("epoch", "faststream owns all effects from the fences on"),
    ("fences", "both pipelines' effects have reached them; what a stopped one owes is applied from the log"),
    ("reads", "analytics read the new index"),
    ("stop legacy", f"{LEGACY} is stopped and kept, with its LRS and its index"),
    ("verify", "the broker's group membership, the runtime and the alias agree"),
)


@dataclass(frozen=True, slots=True)
class CutoverOptions:
    """`force`: gates are reported and recorded, not obeyed. `timeout`: seconds that the pipelines may take to the fences."""

    conditions: tuple[Condition, ...]
    force: bool = False
    timeout: float = 60.0


@dataclass(slots=True)
class CutoverReport:
    """As the contract's `cutover` prints it."""

    steps: Steps
    epoch: Epoch
    executed: bool = False
    gates: Verdict = field(default_factory=Verdict)
    verified: Mapping[str, Any] = field(default_factory=lambda: {"running": [], "stopped": [], "group_members": {}})

    @property
    def decided(self) -> bool:
        """Whether the epoch stands already, so that only the rest is to be finished."""
        return self.epoch.state in FOR_GOOD

    def document(self) -> dict[str, Any]:
        return {
            "plan": self.steps.document(),
            "executed": self.executed,
            "epoch": self.epoch.number,
            "share": self.epoch.share,
            "state": self.epoch.state,
            "fences": fencing.document(self.epoch.fences),
            "gates": self.gates.document(),
            "verified": dict(self.verified),
        }


async def plan_cutover(settings: Settings, options: CutoverOptions, steps: Steps, *, gates: bool) -> CutoverReport:
    """The steps, from where the platform stands now; with the present value of the gates if `gates`. Changes nothing.

    Raises:
        ConfigurationError: nothing is set up.
        UnreachableError: Postgres does not answer.
    """
    for step, detail in STEPS:
        steps.plan(step, detail)
    async with database.engine(settings, name="nljctl cutover") as engine:
        async with engine.connect() as connection:
            report = CutoverReport(steps, require(await plans.read_plan(connection)))
        if report.decided:
            steps.mark("gates", "already", f"epoch {report.epoch.number} was decided before")
            steps.mark("epoch", "already", f"epoch {report.epoch.number}: faststream owns all effects")
        elif gates:
            report.gates = await look(settings, engine, options.conditions, "last")
    return report


async def cutover(settings: Settings, runtime: Runtime, options: CutoverOptions, report: CutoverReport, notify: Notify) -> CutoverReport:
    """Takes every step that is not so already; none but the first if a gate is not met.

    Raises:
        RefusedError: somebody else changed the plan since it was made.
        UnreachableError: a service does not answer.
        StackError: a service would not start or stop.
        TimedOutError: a step took longer than it may; run it again.
    """
    steps = report.steps
    async with database.engine(settings, name="nljctl cutover") as engine:
        if not report.decided:
            report.gates = await look(settings, engine, options.conditions)
            if report.gates.broken and not options.force:
                steps.mark("gates", "failed", report.gates.words)
                return report
            steps.mark("gates", "done", f"{'not obeyed: ' if report.gates.broken else ''}{report.gates.words}")
        await _start(settings, runtime, steps, notify)
        if not report.decided:
            report.epoch = await _write_epoch(settings, engine, report)
        steps.mark("fences", "done", await pass_fences(settings, engine, report.epoch.fences, options.timeout, settling=True))
        if not options.force:
            await _wait_for_statements(engine, report.epoch, options.timeout)
        await expect_newest(engine, report.epoch)
        await _move_reads(settings, steps)
        await expect_newest(engine, report.epoch)
        stopped = await runtime.stop_consumer("analytics", drain_seconds=DRAIN_SECONDS)
        steps.mark("stop legacy", "already" if stopped.how == "already" else "done", f"{stopped.name} {stopped.how} in {stopped.seconds:.1f} s")
        report.verified = (await _verify(settings, runtime, engine, report)).document()
    report.executed = True
    return report


async def _start(settings: Settings, runtime: Runtime, steps: Steps, notify: Notify) -> None:
    if (await running_pipelines(settings))[Pipeline.FASTSTREAM]:
        steps.mark("start faststream", "already", f"{settings.group} has a member")
        return
    started = await runtime.start_consumer("faststream", timeout=START_SECONDS, notify=notify)
    steps.mark("start faststream", "done" if started else "already", ", ".join(started) or f"{FASTSTREAM} was running")


async def _write_epoch(settings: Settings, engine: AsyncEngine, report: CutoverReport) -> Epoch:
    async with admin(settings) as client:
        tps = await partitions(client, SUBSCRIBED)
    for pipeline in Pipeline:
        await ensure_positions(settings, engine, pipeline, tps)
    reason = f"cutover{', forced' if report.gates.broken else ''}: {report.gates.words}"
    epoch = await decide(engine, Decision(100, "cutover", State.CUT_OVER, reason, report.epoch.number, report.gates.evidence, frozenset(tps)))
    report.steps.mark("epoch", "done", f"epoch {epoch.number}: share 100 from the fences of {len(epoch.fences)} partitions on")
    return epoch


async def _wait_for_statements(engine: AsyncEngine, epoch: Epoch, seconds: float) -> None:
    """Analytics must not lose what they have shown: the new index holds everything up to the fences before they read it."""
    deadline = time.monotonic() + seconds
    while True:
        async with engine.connect() as connection:
            positions = await progress.read(connection, Pipeline.FASTSTREAM)
        lacking = sum(max(0, fence - positions[tp].statements_next) for tp, fence in epoch.fences.items() if tp in positions)
        if not lacking:
            return
        if time.monotonic() > deadline:
            raise TimedOutError(
                f"after {seconds:g} s the new index still lacks {lacking} records below the fences",
                f"Is {FASTSTREAM} running (`nljctl status`)? Run cutover again; --force moves the reads all the same.",
                code="reads-behind",
            )
        await asyncio.sleep(POLL_SECONDS)


async def _move_reads(settings: Settings, steps: Steps) -> None:
    async with elasticsearch(settings) as client:
        if await reads_from(client) == settings.index:
            steps.mark("reads", "already", f"analytics read {settings.index}")
            return
        await move_reads(client, settings.index)
    steps.mark("reads", "done", f"analytics read {settings.index} now")


async def _verify(settings: Settings, runtime: Runtime, engine: AsyncEngine, report: CutoverReport) -> Observed:
    """Waits until everybody who knows agrees that faststream runs and legacy does not."""
    deadline = time.monotonic() + MEMBERSHIP_SECONDS
    while True:
        await expect_newest(engine, report.epoch)
        seen = await observe(settings, runtime)
        wrong = _wrong(seen, settings)
        async with elasticsearch(settings) as client:
            if (reads := await reads_from(client)) != settings.index:
                # Until it stopped, a legacy consumer that had just been rolled back to could move the alias once more.
                await move_reads(client, settings.index)
                wrong = f"analytics read {reads}"
        if not wrong:
            report.steps.mark("verify", "done", f"{len(seen.members[Pipeline.FASTSTREAM])} member of {settings.group}, none of {settings.legacy_group}")
            return seen
        if time.monotonic() > deadline:
            report.steps.mark("verify", "failed", wrong)
            raise TimedOutError(f"after {MEMBERSHIP_SECONDS:.0f} s {wrong}", "See `nljctl status`; then run cutover again.", code="not-verified")
        await asyncio.sleep(POLL_SECONDS)


def _wrong(seen: Observed, settings: Settings) -> str:
    """What is not as it should be after a cutover; empty if all is."""
    if LEGACY in seen.running:
        return f"{LEGACY} runs"
    if members := seen.members[Pipeline.LEGACY]:
        return f"{settings.legacy_group} still has members: {', '.join(members)}"
    if not seen.members[Pipeline.FASTSTREAM]:
        return f"{settings.group} has no member"
    return ""
