"""`nljctl dlq replay`: sends what was planned, then waits for what becomes of it."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy.ext.asyncio import AsyncEngine

from nljctl.effects import database
from nljctl.effects.plan import Pipeline
from nljctl.errors import EXIT_NOT_SO, EXIT_OK, EXIT_TROUBLE
from nljctl.migration.dlq import attempts as book
from nljctl.migration.dlq.coordinates import Coordinates
from nljctl.migration.dlq.plan import ReplayOptions, ReplayPlan, by_origin, make_plan
from nljctl.migration.dlq.recover import recover
from nljctl.migration.dlq.send import send
from nljctl.migration.overview import running_pipelines
from nljctl.migration.steps import Steps
from nljctl.settings import Settings

POLL_SECONDS = 0.25
OUTCOMES = ("stored", "duplicate", "conflict", "dead_lettered", "unknown")
AT_ONCE = 5_000
"""Origins in one question to Postgres, which takes at most 32,767 parameters."""


@dataclass(slots=True)
class ReplayReport:
    """As the contract's `dlq replay` prints it. `why`: what keeps an outcome unknown."""

    plan: ReplayPlan
    steps: Steps
    executed: bool = False
    sent: Mapping[Coordinates, int] = field(default_factory=dict)
    outcomes: Mapping[Coordinates, str] = field(default_factory=dict)
    running: bool = True
    why: str = ""

    def document(self) -> dict[str, Any]:
        by_reason, skipped = self.plan.by_reason, Counter[str](self.plan.skips)
        skipped["beyond --limit"] = self.plan.beyond_limit
        skipped["sent by somebody else meanwhile"] = len(self.plan.sends) - len(self.sent) if self.executed else 0
        return {
            "count": by_reason.total(),
            "by_reason": dict(by_reason.most_common()),
            "items": self.plan.items,
            "plan": self.steps.document(),
            "executed": self.executed,
            "replayed": len(self.sent),
            "skipped": skipped.total(),
            "skipped_because": {str(why): count for why, count in skipped.most_common() if count},
            "outcomes": {**dict.fromkeys(OUTCOMES, 0), **Counter(self.outcomes.values())},
            "why": self.why,
        }

    @property
    def exit_code(self) -> int:
        """Not so where one was refused again; trouble where a running consumer did not say in time."""
        if {"conflict", "dead_lettered"} & set(self.outcomes.values()):
            return EXIT_NOT_SO
        return EXIT_TROUBLE if self.running and "unknown" in self.outcomes.values() else EXIT_OK


async def plan_replay(settings: Settings, options: ReplayOptions) -> ReplayReport:
    """What a replay would do. Writes nothing."""
    async with database.engine(settings, name="nljctl dlq") as engine:
        plan = await make_plan(settings, engine, options)
    return ReplayReport(plan, plan.steps(options.timeout))


async def replay(settings: Settings, options: ReplayOptions, report: ReplayReport) -> ReplayReport:
    """Does what `report` plans, and completes it.

    Raises:
        RefusedError: somebody else replays.
        UnreachableError: Kafka or Postgres does not answer.
    """
    report.executed = True
    if not report.plan.sends:
        report.steps.mark("send", "already")
        return report
    async with database.engine(settings, name="nljctl dlq") as engine:
        async with book.alone(engine) as still_alone:
            await recover(settings, engine)
            report.sent = await send(settings, engine, report.plan.index, report.plan.sends, still_alone, force=options.force)
        report.steps.mark("send", "done" if report.sent else "already", f"{len(report.sent):,} sent")
        await _wait(settings, engine, options.timeout, report)
    items = by_origin(report.plan)
    for origin, offset in report.sent.items():
        if origin in items:
            items[origin] |= {"replayed_to": offset, "outcome": report.outcomes[origin]}
    return report


async def _wait(settings: Settings, engine: AsyncEngine, seconds: float, report: ReplayReport) -> None:
    """Until faststream has read all, or does not run, or the time is over."""
    report.running = (await running_pipelines(settings))[Pipeline.FASTSTREAM]
    deadline = time.monotonic() + (seconds if report.running else 0.0)
    while True:
        report.outcomes = await _outcomes(engine, report.sent)
        unknown = sum(outcome == "unknown" for outcome in report.outcomes.values())
        if not unknown or time.monotonic() >= deadline:
            break
        await asyncio.sleep(POLL_SECONDS)
    if unknown:
        report.why = f"faststream has not read {unknown:,} of them within {seconds:g} s" if report.running else "the faststream consumer is not running"
    report.steps.mark("wait", "failed" if unknown and report.running else "done", report.why or f"faststream has read {len(report.sent):,}")


async def _outcomes(engine: AsyncEngine, sent: Mapping[Coordinates, int]) -> dict[Coordinates, str]:
    origins = list(sent)
    fates: dict[Coordinates, str] = {}
    async with engine.connect() as connection:
        for start in range(0, len(origins), AT_ONCE):
            last = book.last_of(await book.read_attempts(connection, origins[start : start + AT_ONCE]))
            fates.update({origin: attempt.fate for origin, attempt in last.items()})
    return {origin: fates[origin] if fates.get(origin) in OUTCOMES else "unknown" for origin in origins}
