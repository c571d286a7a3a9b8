"""What a consumer waits for is said once, also when a target comes and goes."""

from __future__ import annotations

import logging

import pytest

from nljctl.pipelines.pressure import QUIET_SECONDS, Pressure


class Clock:
    def __init__(self) -> None:
        self.now = 1_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def pressure(clock: Clock) -> Pressure:
    return Pressure(logging.getLogger("nljctl.test"), clock)


def test_a_wait_is_said_at_its_beginning_and_at_its_end(pressure: Pressure, clock: Clock, caplog: pytest.LogCaptureFixture) -> None:
    for _ in range(5):
        pressure.began("Elasticsearch", "503")
    clock.now += 7
    pressure.over("Elasticsearch")
    assert [record.getMessage() for record in caplog.records] == ["waiting for Elasticsearch: 503", "Elasticsearch is back after 7.0 s"]
    assert (dict(pressure.pauses), pressure.retries["Elasticsearch"]) == ({}, 5)


def test_a_target_that_refuses_every_other_request_is_one_wait(pressure: Pressure, clock: Clock, caplog: pytest.LogCaptureFixture) -> None:
    for _ in range(50):
        pressure.began("Elasticsearch", "429")
        pressure.over("Elasticsearch")
        clock.now += 1
    assert "Elasticsearch" in pressure.pauses
    clock.now += QUIET_SECONDS
    pressure.over("Elasticsearch")
    assert not pressure.pauses
    words = [record.getMessage() for record in caplog.records]
    assert words == ["waiting for Elasticsearch: 429", "Elasticsearch is back after 0.0 s", f"Elasticsearch is back after {50 + QUIET_SECONDS:.1f} s"]


def test_an_unsteady_target_ends_its_wait_without_another_attempt(pressure: Pressure, clock: Clock) -> None:
    for _ in range(2):
        pressure.began("Elasticsearch", "429")
        clock.now += 1
        pressure.over("Elasticsearch")
    pressure.settle()
    assert pressure.pauses
    clock.now += QUIET_SECONDS
    pressure.settle()
    assert not pressure.pauses


def test_one_that_only_failed_stays(pressure: Pressure, clock: Clock) -> None:
    pressure.began("Kafka", "away")
    pressure.over("Kafka")
    pressure.began("Kafka", "away")
    clock.now += 5 * QUIET_SECONDS
    pressure.settle()
    assert pressure.pauses["Kafka"].reason == "away"
