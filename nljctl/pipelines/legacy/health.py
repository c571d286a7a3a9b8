"""Whether the legacy consumer is well, from what it knows of itself. Pure: a snapshot in, the contract's `health` out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from nljctl.pipelines import announcing
from nljctl.pipelines.legacy.ralph import NAME as RALPH
from nljctl.pipelines.patience import KAFKA, POSTGRES
from nljctl.pipelines.pressure import Pause

SERVICE = "xapi-consumer"
STUCK_SECONDS = 60.0
"""Longer than a POST may take, its doubt included: past it the loop does not turn."""
STALE_SECONDS = 20.0
"""Each service is asked every few seconds: one that was not heard of for so long does not answer."""
LAGGING = 10_000
ORDER = ("healthy", "degraded", "unhealthy")


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The consumer at one moment.

    Attributes:
        now: seconds since 1970.
        member: it has taken over what its group assigned to it.
        assigned: partitions.
        turn_seconds: since the loop last turned, or dealt with a record.
        lag: log end minus progress over all its topics; None if not known.
        pauses: what it waits for.
        answered: when a service last answered, in seconds since 1970.
        ralph: empty if Ralph's last heartbeat was well, else what was wrong with it; None before the first.
        failed: statements that Ralph failed to take in the last minute.
        backfill: offsets still to be filled; None if not known.
        unpublished, announcements_due: why announcements are not published, and how many wait (None: not looked yet).
    """

    now: float
    member: bool
    assigned: int
    turn_seconds: float
    lag: int | None
    pauses: Mapping[str, Pause]
    answered: Mapping[str, float]
    ralph: str | None
    failed: int
    backfill: int | None
    unpublished: Pause | None = None
    announcements_due: int | None = None


def health(snapshot: Snapshot) -> dict[str, Any]:
    """The body of `/health`; the worst component is the whole's status."""
    components = {
        "kafka": _kafka(snapshot),
        "database": _service(snapshot, POSTGRES),
        "ralph": _ralph(snapshot),
        "legacy": _legacy(snapshot),
    }
    return {
        "status": max((component["status"] for component in components.values()), key=ORDER.index),
        "service": SERVICE,
        "timestamp": datetime.fromtimestamp(snapshot.now, UTC).isoformat(timespec="milliseconds"),
        "components": components,
    }


def _kafka(snapshot: Snapshot) -> dict[str, Any]:
    answer = _service(snapshot, KAFKA)
    if answer["status"] == "healthy" and not snapshot.member:
        return {"status": "unhealthy", "detail": "no assignment taken over yet", "partitions": 0}
    return {**answer, "partitions": snapshot.assigned, "lag": snapshot.lag}


def _service(snapshot: Snapshot, name: str) -> dict[str, Any]:
    if (pause := snapshot.pauses.get(name)) is not None:
        return {"status": "degraded", "detail": f"waiting {snapshot.now - pause.since:.0f} s: {pause.reason}", "since": pause.since}
    if name not in snapshot.answered:
        return {"status": "unhealthy", "detail": "has not answered yet"}
    silent = snapshot.now - snapshot.answered[name]
    if silent > STALE_SECONDS:
        return {"status": "degraded", "detail": f"has not answered for {silent:.0f} s", "last_success_seconds": round(silent, 1)}
    return {"status": "healthy", "detail": "answers", "last_success_seconds": round(silent, 1)}


def _ralph(snapshot: Snapshot) -> dict[str, Any]:
    if snapshot.ralph and RALPH not in snapshot.pauses:
        # The consumer goes on without it and records each statement as failed: that is what the original did, and it is no good state.
        return {"status": "unhealthy", "detail": f"heartbeat: {snapshot.ralph}", "failed_last_minute": snapshot.failed}
    if snapshot.failed and RALPH not in snapshot.pauses:
        return {"status": "degraded", "detail": f"{snapshot.failed} statements failed in the last minute", "failed_last_minute": snapshot.failed}
    return _service(snapshot, RALPH)


def _legacy(snapshot: Snapshot) -> dict[str, Any]:
    facts = {
        "lag": snapshot.lag,
        "backfill": snapshot.backfill,
        "turn_seconds": round(snapshot.turn_seconds, 1),
        "announcements_due": snapshot.announcements_due,
    }
    if snapshot.pauses:
        return {"status": "degraded", "detail": "waits for " + ", ".join(f"{name}: {pause.reason}" for name, pause in snapshot.pauses.items()), **facts}
    if snapshot.turn_seconds > STUCK_SECONDS:
        return {"status": "unhealthy", "detail": f"the loop has not turned for {snapshot.turn_seconds:.0f} s", **facts}
    if snapshot.lag is not None and snapshot.lag > LAGGING:
        return {"status": "degraded", "detail": f"{snapshot.lag} records behind", **facts}
    if snapshot.unpublished:
        return {"status": "degraded", "detail": announcing.words(snapshot.unpublished, snapshot.announcements_due, snapshot.now), **facts}
    return {"status": "healthy", "detail": "running", **facts}
