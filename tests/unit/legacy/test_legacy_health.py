"""The legacy consumer's own word on how it is."""

from __future__ import annotations

from typing import Any

import pytest

from nljctl.pipelines.legacy.health import STALE_SECONDS, STUCK_SECONDS, Snapshot, health
from nljctl.pipelines.pressure import Pause

NOW = 1_740_000_000.0


def snapshot(**changes: Any) -> Snapshot:
    """A consumer that is well, but for the changes."""
    well: dict[str, Any] = {
        "now": NOW,
        "member": True,
        "assigned": 4,
        "turn_seconds": 0.2,
        "lag": 3,
        "pauses": {},
        "answered": {"Kafka": NOW - 1, "Postgres": NOW - 1, "Ralph": NOW - 1},
        "ralph": "",
        "failed": 0,
        "backfill": 0,
    }
    return Snapshot(**(well | changes))


def test_a_consumer_that_works_is_healthy() -> None:
    assert health(snapshot())["status"] == "healthy"


@pytest.mark.parametrize(
    ("changes", "component", "status"),
    [
        ({"member": False}, "kafka", "unhealthy"),
        ({"answered": {"Kafka": NOW, "Ralph": NOW}}, "database", "unhealthy"),
        ({"answered": {"Kafka": NOW, "Postgres": NOW - STALE_SECONDS - 1, "Ralph": NOW}}, "database", "degraded"),
        ({"answered": {"Kafka": NOW - STALE_SECONDS - 1, "Postgres": NOW, "Ralph": NOW}}, "kafka", "degraded"),
        ({"pauses": {"Postgres": Pause("ConnectionRefusedError", NOW - 5)}}, "database", "degraded"),
        ({"pauses": {"Kafka": Pause("KafkaConnectionError", NOW - 5)}}, "kafka", "degraded"),
        ({"pauses": {"Ralph": Pause("connection", NOW - 5)}, "ralph": "connection"}, "ralph", "degraded"),
        ({"ralph": "connection"}, "ralph", "unhealthy"),
        ({"failed": 3}, "ralph", "degraded"),
        ({"lag": 1_000_000}, "legacy", "degraded"),
        ({"unpublished": Pause("KafkaTimeoutError", NOW - 5), "announcements_due": 3}, "legacy", "degraded"),
        ({"turn_seconds": STUCK_SECONDS + 1}, "legacy", "unhealthy"),
    ],
)
def test_a_component_in_trouble_shows_and_is_the_whole(changes: dict[str, Any], component: str, status: str) -> None:
    found = health(snapshot(**changes))
    assert found["components"][component]["status"] == status
    assert found["status"] == status


def test_a_consumer_that_waits_is_not_taken_for_stuck() -> None:
    waiting = snapshot(turn_seconds=STUCK_SECONDS + 1, pauses={"Postgres": Pause("refused", NOW - 90)})
    assert health(waiting)["status"] == "degraded"
