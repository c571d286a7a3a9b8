"""The faststream consumer's health can be red, component by component."""

from __future__ import annotations

from dataclasses import replace

import pytest

from nljctl.pipelines.faststream.health import LAGGING, SLOW_SECONDS, STALE_SECONDS, STILL_SECONDS, STUCK_SECONDS, Snapshot, health
from nljctl.pipelines.pressure import Pause

WELL = Snapshot(
    now=1_000.0,
    assigned=6,
    member=True,
    lag=0,
    pauses={},
    oldest_batch_seconds=0.1,
    window=(100, 0),
    failure=None,
    answered={"Kafka": 999.0, "Postgres": 998.5, "Elasticsearch": 999.5},
)


def test_a_consumer_that_runs_is_healthy() -> None:
    answer = health(WELL)
    assert answer["status"] == "healthy"
    assert {component["status"] for component in answer["components"].values()} == {"healthy"}


@pytest.mark.parametrize(
    ("snapshot", "component", "status"),
    [
        (replace(WELL, member=False), "kafka", "unhealthy"),
        (replace(WELL, pauses={"Elasticsearch": Pause("503", 990.0)}), "elasticsearch", "degraded"),
        (replace(WELL, pauses={"Postgres": Pause("away", 990.0)}), "database", "degraded"),
        (replace(WELL, oldest_batch_seconds=SLOW_SECONDS + 1), "faststream", "degraded"),
        (replace(WELL, oldest_batch_seconds=STUCK_SECONDS + 1), "faststream", "unhealthy"),
        (replace(WELL, failure="broken"), "faststream", "unhealthy"),
        (replace(WELL, answered={"Kafka": 999.0, "Postgres": 998.5}), "elasticsearch", "unhealthy"),
        (replace(WELL, answered={**WELL.answered, "Postgres": 999.0 - STALE_SECONDS}), "database", "degraded"),
        (replace(WELL, pauses={"Kafka": Pause("KafkaConnectionError", 990.0)}), "kafka", "degraded"),
        (replace(WELL, lag=5, stalled_seconds=STILL_SECONDS + 1), "faststream", "unhealthy"),
        (replace(WELL, lag=LAGGING + 1, rising=True), "faststream", "degraded"),
        (replace(WELL, unpublished=Pause("KafkaTimeoutError", 990.0), announcements_due=3), "faststream", "degraded"),
        (replace(WELL, window=(100, 10)), "xapi_validation", "degraded"),
        (replace(WELL, window=(100, 30)), "xapi_validation", "unhealthy"),
    ],
)
def test_each_trouble_shows_in_its_component_and_in_the_whole(snapshot: Snapshot, component: str, status: str) -> None:
    answer = health(snapshot)
    assert (answer["components"][component]["status"], answer["status"]) == (status, status)


def test_no_records_are_no_reason_for_alarm() -> None:
    assert health(replace(WELL, window=(0, 0)))["components"]["xapi_validation"]["status"] == "healthy"


def test_waiting_says_for_what_and_how_long() -> None:
    answer = health(replace(WELL, pauses={"Elasticsearch": Pause("503 unavailable", 990.0)}))
    assert answer["components"]["elasticsearch"]["detail"] == "waiting 10 s: 503 unavailable"
    assert answer["components"]["faststream"]["paused"] == {"Elasticsearch": "503 unavailable"}


def test_announcements_that_wait_say_how_many_since_when_and_why() -> None:
    answer = health(replace(WELL, unpublished=Pause("KafkaTimeoutError", 990.0), announcements_due=3))
    assert answer["components"]["faststream"]["detail"] == "3 announcements have not been published for 10 s: KafkaTimeoutError"
    assert "paused" not in answer["components"]["faststream"]


def test_a_lag_that_falls_is_no_reason_for_alarm() -> None:
    assert health(replace(WELL, lag=LAGGING + 1))["status"] == "healthy"
