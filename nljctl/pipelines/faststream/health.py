"""The consumer's health, from its own state. Pure.

Sources: the shape is the platform's own health check; it was constant there, here every component can be red.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from nljctl.pipelines import announcing
from nljctl.pipelines.patience import KAFKA
from nljctl.pipelines.pressure import Pause

SERVICE = "nlj-faststream-consumer"
SLOW_SECONDS = 6.0
"""A batch takes well below a second: one that takes longer hangs somewhere that has no name yet."""

STUCK_SECONDS = 60.0
"""A batch that is under way for longer without a named reason is stuck."""

STILL_SECONDS = 30.0
"""Records are left and nothing moves: the watchdog ends the consumer later (pipelines/watchdog.py)."""

STALE_SECONDS = 20.0
"""Each service is asked every few seconds: one that was not heard of for so long does not answer."""

LAGGING = 10_000

HEALTHY_RATE, DEGRADED_RATE = 95.0, 80.0
"""Percent of valid records in the last minute, as the platform had them."""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What the consumer knows of itself at one moment.

    Attributes:
        now: seconds since 1970.
        assigned: partitions.
        member: it has had an assignment and knows its lag.
        lag, rising: records left for the whole pipeline; whether that only grew over the last minute.
        stalled_seconds: since anything moved, while records are left and nothing is waited for.
        pauses: what it waits for, by target.
        answered: when a target last answered, in seconds since 1970.
        in_flight, oldest_batch_seconds: batches under way and the age of the oldest.
        window: records and rejected ones of the last minute.
        failure: what ends this consumer.
        unpublished, announcements_due: why announcements are not published, and how many wait (None: not looked yet).
    """

    now: float
    assigned: int
    member: bool
    lag: int | None
    pauses: Mapping[str, Pause]
    oldest_batch_seconds: float
    window: tuple[int, int]
    failure: str | None
    answered: Mapping[str, float]
    rising: bool = False
    stalled_seconds: float = 0.0
    in_flight: int = 0
    unpublished: Pause | None = None
    announcements_due: int | None = None


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
    answer = _target(snapshot, KAFKA)
    if answer["status"] == "healthy" and not snapshot.member:
        return {"status": "unhealthy", "detail": "not a member of its group", "partitions": 0}
    return {**answer, "partitions": snapshot.assigned, "lag": snapshot.lag}


def _target(snapshot: Snapshot, name: str) -> dict[str, Any]:
    pause = snapshot.pauses.get(name)
    if pause is not None:
        return {"status": "degraded", "detail": f"waiting {snapshot.now - pause.since:.0f} s: {pause.reason}", "since": pause.since}
    if name not in snapshot.answered:
        return {"status": "unhealthy", "detail": "has not answered yet"}
    silent = snapshot.now - snapshot.answered[name]
    if silent > STALE_SECONDS:
        return {"status": "degraded", "detail": f"has not answered for {silent:.0f} s", "last_success_seconds": round(silent, 1)}
    return {"status": "healthy", "detail": "answers", "last_success_seconds": round(silent, 1)}


def _flow(snapshot: Snapshot) -> dict[str, Any]:
    facts = {
        "lag": snapshot.lag,
        "in_flight": snapshot.in_flight,
        "oldest_batch_seconds": round(snapshot.oldest_batch_seconds, 1),
        "stalled_seconds": round(snapshot.stalled_seconds, 1),
        "announcements_due": snapshot.announcements_due,
    }
    if snapshot.failure:
        return {"status": "unhealthy", "detail": snapshot.failure, **facts}
    waiting = {name: pause.reason for name, pause in snapshot.pauses.items()}
    if waiting:
        return {"status": "degraded", "detail": "paused: " + "; ".join(f"{name}: {reason}" for name, reason in waiting.items()), "paused": waiting, **facts}
    if snapshot.oldest_batch_seconds > STUCK_SECONDS:
        return {"status": "unhealthy", "detail": f"a batch is under way for {snapshot.oldest_batch_seconds:.0f} s", **facts}
    if snapshot.oldest_batch_seconds > SLOW_SECONDS:
        return {"status": "degraded", "detail": f"a batch is under way for {snapshot.oldest_batch_seconds:.0f} s", **facts}
    if snapshot.stalled_seconds > STILL_SECONDS:
        return {"status": "unhealthy", "detail": f"{snapshot.lag} records are left and nothing has moved for {snapshot.stalled_seconds:.0f} s", **facts}
    if snapshot.lag is not None and snapshot.lag > LAGGING and snapshot.rising:
        return {"status": "degraded", "detail": f"{snapshot.lag} records behind, and more every second", **facts}
    if snapshot.unpublished:
        return {"status": "degraded", "detail": announcing.words(snapshot.unpublished, snapshot.announcements_due, snapshot.now), **facts}
    return {"status": "healthy", "detail": "running", **facts}
