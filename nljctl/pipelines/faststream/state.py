"""One member of the faststream group at one moment, as a value that can be sent to its supervisor, and what health and statistics make of it. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from nljctl.pipelines.faststream.health import Snapshot, health
from nljctl.pipelines.metrics import Reading
from nljctl.pipelines.pressure import Pause
from nljctl.pipelines.report import ConsumerReport


@dataclass(frozen=True, slots=True)
class State:
    """`window`: records and rejected ones of the last minute. `unpublished`: why announcements wait. `failure`: what ends the member."""

    report: ConsumerReport
    reading: Reading
    ready: bool = False
    assigned: int = 0
    rising: bool = False
    stalled_seconds: float = 0.0
    per_second: float = 0.0
    window: tuple[int, int] = (0, 0)
    pauses: Mapping[str, Pause] = field(default_factory=dict)
    unpublished: Pause | None = None
    failure: str | None = None


def health_of(state: State, now: float) -> dict[str, Any]:
    """As the contract's `health`. `now`: seconds since 1970."""
    return health(
        Snapshot(
            now=now,
            assigned=state.assigned,
            member=state.reading.lag is not None,
            lag=state.reading.lag,
            rising=state.rising,
            stalled_seconds=state.stalled_seconds,
            pauses=state.pauses,
            answered=state.reading.last_success,
            in_flight=state.reading.in_flight,
            oldest_batch_seconds=state.reading.oldest_seconds,
            window=state.window,
            failure=state.failure,
            unpublished=state.unpublished,
            announcements_due=state.reading.announcements_due,
        )
    )


def stats_of(state: State) -> dict[str, Any]:
    """Counts since the start, and live rates."""
    records, rejected = state.window
    return {
        **state.report.document(),
        "lag": state.reading.lag,
        "live": {"per_second": round(state.per_second, 1), "last_minute": {"records": records, "rejected": rejected}},
        "paused": dict(state.reading.paused),
        "announcements_due": state.reading.announcements_due,
    }
