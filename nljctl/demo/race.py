"""Watches both pipelines work through the same log: how far each is, and how fast."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from nljctl.effects import database, progress
from nljctl.effects.plan import Pipeline
from nljctl.errors import TimedOutError
from nljctl.migration.overview import log_spans
from nljctl.settings import Settings

LOOK_SECONDS = 0.25
PATIENCE_SECONDS = 90.0
"""How long a pipeline may stand still before the race is called off."""


@dataclass(slots=True)
class Runner:
    """One pipeline in the race. `seconds` is None until it has read everything."""

    done: int = 0
    seconds: float | None = None

    def rate(self, elapsed: float) -> float:
        """Records a second, up to now or up to its end."""
        return self.done / max(self.seconds or elapsed, 0.001)


@dataclass(slots=True)
class Race:
    """Both pipelines over the same `total` records, `elapsed` seconds after the start."""

    total: int
    elapsed: float = 0.0
    runners: dict[Pipeline, Runner] = field(default_factory=lambda: {Pipeline.FASTSTREAM: Runner(), Pipeline.LEGACY: Runner()})


async def race(settings: Settings, began: float, watch: Callable[[Race], None]) -> Race:
    """Returns when both have read the log to its end; `began` is when it was filled (time.monotonic). `watch` sees every look.

    Raises:
        TimedOutError: one of them stands still.
    """
    ends = await log_spans(settings)
    found = Race(total=sum(len(span) for span in ends.values()))
    moved = time.monotonic()
    async with database.engine(settings, name="nljctl demo") as engine:
        while any(runner.seconds is None for runner in found.runners.values()):
            found.elapsed = time.monotonic() - began
            for pipeline, runner in found.runners.items():
                async with engine.connect() as connection:
                    positions = await progress.read(connection, pipeline)
                done = sum(min(positions[tp].statements_next, span.end) - span.begin for tp, span in ends.items() if tp in positions)
                if done != runner.done:
                    runner.done, moved = done, time.monotonic()
                if done == found.total and runner.seconds is None:
                    runner.seconds = found.elapsed
            watch(found)
            if time.monotonic() - moved > PATIENCE_SECONDS:
                raise TimedOutError(f"no consumer has moved for {PATIENCE_SECONDS:.0f} s", "See `nljctl health` and `nljctl logs` on the demo's stack.")
            await asyncio.sleep(LOOK_SECONDS)
    return found
