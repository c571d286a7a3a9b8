"""The consumer's health, from its own state. Pure.

Sources: the shape is the platform's own health check; it was constant there, here every component can be red.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from nljctl.pipelines.pressure import Pause

SERVICE = "nlj-faststream-consumer"
STUCK_SECONDS = 60.0
"""A batch that is under way for longer without a named reason is stuck."""

HEALTHY_RATE, DEGRADED_RATE = 95.0, 80.0
"""Percent of valid records in the last minute, as the platform had them."""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What the consumer knows of itself at one moment. `window` is (records, rejected ones) of the last minute."""

    now: float
    assigned: int
    member: bool
    lag: int | None
    pauses: Mapping[str, Pause]
    oldest_batch_seconds: float
    window: tuple[int, int]
    failure: str | None


def health(snapshot: Snapshot) -> dict[str, Any]:
    """As the contract's `health`, for the parts that this consumer sees."""
    components = {
        "kafka": _kafka(snapshot),
        "database": _target(snapshot, "Postgres"),
        "elasticsearch": _target(snapshot, "Elasticsearch"),
        "xapi_validation": validation(*snapshot.window),
        "faststream": _flow(snapshot),
    }
    return {
        "status": worst([component["status"] for component in components.values()]),
        "service": SERVICE,
        "timestamp": datetime.fromtimestamp(snapshot.now, UTC).isoformat(timespec="milliseconds"),
        "components": components,
    }


def worst(statuses: Sequence[str]) -> str:
    order = ("unhealthy", "degraded")
    return next((status for status in order if status in statuses), "healthy")


def validation(records: int, rejected: int) -> dict[str, Any]:
    """Health of the validation over a window; no records are no reason for alarm."""
    rate = 100.0 * (records - rejected) / records if records else 100.0
    status = "healthy" if rate >= HEALTHY_RATE else "degraded" if rate >= DEGRADED_RATE else "unhealthy"
    return {"status": status, "detail": f"{rate:.2f} % of {records} records valid in the last minute", "records": records, "rejected": rejected}


def _kafka(snapshot: Snapshot) -> dict[str, Any]:
    if not snapshot.member:
        return {"status": "unhealthy", "detail": "not a member of its group", "partitions": 0}
    return {"status": "healthy", "detail": f"{snapshot.assigned} partitions assigned", "partitions": snapshot.assigned, "lag": snapshot.lag}


def _target(snapshot: Snapshot, name: str) -> dict[str, Any]:
    pause = snapshot.pauses.get(name)
    if pause is None:
        return {"status": "healthy", "detail": "answers"}
    return {"status": "degraded", "detail": f"waiting {snapshot.now - pause.since:.0f} s: {pause.reason}", "since": pause.since}


def _flow(snapshot: Snapshot) -> dict[str, Any]:
    if snapshot.failure:
        return {"status": "unhealthy", "detail": snapshot.failure}
    waiting = {name: pause.reason for name, pause in snapshot.pauses.items()}
    if waiting:
        return {"status": "degraded", "detail": "paused: " + "; ".join(f"{name}: {reason}" for name, reason in waiting.items()), "paused": waiting}
    if snapshot.oldest_batch_seconds > STUCK_SECONDS:
        return {"status": "unhealthy", "detail": f"a batch is under way for {snapshot.oldest_batch_seconds:.0f} s"}
    return {"status": "healthy", "detail": "running"}
