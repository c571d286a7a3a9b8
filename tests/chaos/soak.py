"""A consumer under a steady load: what it takes of memory, how far it is behind, and what it says again and again.

The load is what a platform's is: learning statements, and among them some events of every kind, with their effects.
"""

from __future__ import annotations

import asyncio
import statistics
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

import psutil
from member import repeated
from positions import until_processed
from proof import prove
from world import MIX, World

EVERY_SECONDS = 5.0
WARM_SECONDS = 120.0
"""The first minutes do not count: caches fill, pools grow."""
PROCESSED_SECONDS = 300.0
MEGABYTE = 1024 * 1024

MOST_DRIFT = 10.0
"""Percent by which memory may differ between the first and the last quarter of what counts."""
MOST_LAG_DRIFT_SECONDS = 1.0
"""The seconds of the load by which the lag may grow between the first and the last quarter of what counts."""
MOST_REPEATS = 3

LEARNING = "learning.experienced"
EVENTS_SHARE = 0.02


@dataclass(frozen=True, slots=True)
class Moment:
    """Seconds since the beginning, resident megabytes, records behind (None: it could not say)."""

    at: float
    megabytes: float
    lag: int | None


@dataclass(frozen=True, slots=True)
class Spread:
    low: float
    median: float
    high: float


@dataclass(slots=True)
class Soak:
    seed: int
    figures: dict[str, float | int | None] = field(default_factory=dict)
    said: Counter[str] = field(default_factory=Counter)
    moments: list[Moment] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)


def run_soak(world: World, seed: int, minutes: float, rate: float, events: Sequence[str] = ()) -> Soak:
    """Publishes for so long, looks every few seconds, and proves everything in the end.

    Args:
        rate: records a second.
        events: only these; by default learning statements with `EVENTS_SHARE` of all events among them.
    """
    run = Soak(seed)
    member = world.start_member(direct=True)
    member.until_ready()
    process = psutil.Process(member.pid)
    parts = [(rate, tuple(events))] if events else [(rate * (1 - EVENTS_SHARE), (LEARNING,)), (rate * EVENTS_SHARE, ())]
    loads = [
        world.publish(seed + number, round(minutes * 60 * part), part, *MIX, *(word for event in named for word in ("--event", event)))
        for number, (part, named) in enumerate(parts)
    ]
    begun = time.monotonic()
    while any(load.poll() is None for load in loads):
        answer = member.ask("/stats") or {}
        run.moments.append(Moment(time.monotonic() - begun, process.memory_info().rss / MEGABYTE, answer.get("lag")))
        time.sleep(EVERY_SECONDS)
    seconds = time.monotonic() - begun
    run.wrong += [f"publish-test ended with {load.returncode}: {load.communicate()[1][-500:]}" for load in loads if load.returncode != 0]
    if not asyncio.run(until_processed(world.settings, PROCESSED_SECONDS)):
        run.wrong.append(f"not processed {PROCESSED_SECONDS:.0f} s after the load")
    run.said = repeated(member.log.read_bytes())
    proof = asyncio.run(prove(world.settings, world.refusable))
    run.figures = {"records a second": round(proof.records / seconds), **measured(run.moments), **proof.figures()}
    repeats = [f"said {count} times: {words}" for words, count in run.said.items() if count > MOST_REPEATS]
    run.wrong += [*proof.wrong, *flat(run.moments, rate), *repeats]
    return run


def measured(moments: Sequence[Moment]) -> dict[str, float | int | None]:
    """Lowest, median and highest after the warm minutes, and the drift. Pure."""
    memory, lag = spread([moment.megabytes for moment in counted(moments)]), spread([float(moment.lag or 0) for moment in counted(moments)])
    return {
        **{f"MB {name}": round(getattr(memory, name), 1) for name in ("low", "median", "high")},
        "MB drift %": round(drift(moments), 1),
        **{f"lag {name}": round(getattr(lag, name)) for name in ("low", "median", "high")},
        "lag drift": round(lag_drift(moments)),
    }


def flat(moments: Sequence[Moment], rate: float) -> list[str]:
    """What is not flat under `rate` records a second. Pure."""
    memory, lag = drift(moments), lag_drift(moments)
    return [
        *([f"memory drifts by {memory:.1f} %"] if abs(memory) > MOST_DRIFT else []),
        *([f"the lag grows by {lag:,.0f} records"] if lag > MOST_LAG_DRIFT_SECONDS * rate else []),
    ]


def counted(moments: Sequence[Moment]) -> Sequence[Moment]:
    """Those after the warm minutes; of a run that is shorter, its second half."""
    warm = [moment for moment in moments if moment.at >= WARM_SECONDS]
    return warm if len(warm) > len(moments) // 4 else moments[len(moments) // 2 :]


def drift(moments: Sequence[Moment]) -> float:
    """Percent from the median of the first quarter to that of the last one. Pure."""
    first, last = _quarters([moment.megabytes for moment in counted(moments)])
    return 100.0 * (last - first) / first


def lag_drift(moments: Sequence[Moment]) -> float:
    """Records from the median of the first quarter to that of the last one. Pure."""
    first, last = _quarters([float(moment.lag or 0) for moment in counted(moments)])
    return last - first


def spread(values: Sequence[float]) -> Spread:
    return Spread(min(values), statistics.median(values), max(values))


def _quarters(values: Sequence[float]) -> tuple[float, float]:
    size = max(1, len(values) // 4)
    return statistics.median(values[:size]), statistics.median(values[-size:])
