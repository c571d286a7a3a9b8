"""What containers mean: states, endpoints, what should run."""

from __future__ import annotations

from pathlib import Path

import pytest
from containers import container

from nljctl.stack.compose import view
from nljctl.stack.runtime import ServiceState

FASTSTREAM, LEGACY = "nlj-faststream-consumer", "xapi-consumer"


def state(*replicas: object, wanted: bool = True, name: str = FASTSTREAM) -> ServiceState:
    names = frozenset({name}) if wanted else frozenset()
    return next(each for each in view.states(replicas, names) if each.name == name)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("status", "health", "expected"),
    [
        ("running", "healthy", ("running", "healthy")),
        ("running", None, ("running", "healthy")),
        ("running", "starting", ("running", "starting")),
        ("running", "unhealthy", ("running", "unhealthy")),
        ("restarting", "unhealthy", ("running", "unhealthy")),
        ("paused", "unhealthy", ("running", "unhealthy")),
        # The engine calls whatever does not run unhealthy: that says nothing.
        ("exited", "unhealthy", ("exited", None)),
        ("created", None, ("exited", None)),
        ("dead", None, ("exited", None)),
    ],
)
def test_the_state_decides_before_the_health(status: str, health: str | None, expected: tuple[str, str | None]) -> None:
    found = state(container(FASTSTREAM, status, health=health))
    assert (found.state, found.health) == expected


def test_what_nobody_wants_is_stopped_and_what_somebody_wants_has_exited() -> None:
    gone = container(LEGACY, "exited", exit_code=137)
    assert (state(gone, name=LEGACY).state, "killed" in state(gone, name=LEGACY).detail) == ("exited", True)
    assert (state(gone, name=LEGACY, wanted=False).state, state(gone, name=LEGACY, wanted=False).detail) == ("stopped", "")


def test_a_service_that_should_run_and_has_no_container_has_exited() -> None:
    found = state()
    assert (found.state, found.detail, found.image) == ("exited", "it has no container", None)


def test_of_several_replicas_the_worst_is_told() -> None:
    found = state(container(FASTSTREAM), container(FASTSTREAM, health="unhealthy", probe="no answer", number=2), container(FASTSTREAM, "exited", number=3))
    assert (found.health, found.detail) == ("unhealthy", "2 of 3 replicas run; no answer")


def test_one_shot_services_are_no_services() -> None:
    assert "setup" not in {each.name for each in view.states([container("setup", "exited")], frozenset())}


def test_wanted_is_what_was_asked_for_and_what_somebody_started_by_hand() -> None:
    containers = [container("redpanda"), container(FASTSTREAM, "exited"), container(LEGACY)]
    assert view.wanted(frozenset({FASTSTREAM}), containers) == {FASTSTREAM, LEGACY, "redpanda"}
    assert view.wanted(frozenset(), containers) == {LEGACY, "redpanda"}
    assert view.wanted(None, containers) == {FASTSTREAM, LEGACY, "redpanda"}, "nljctl was never asked: all that there is"


def test_profiles_are_the_wanted_consumers() -> None:
    assert view.profiles({LEGACY, "ralph-lrs"}) == ("analytics",)


def test_endpoints_stay_known_while_a_service_is_stopped() -> None:
    for status in ("running", "exited"):
        found = view.endpoints([container(FASTSTREAM, status, port=(8080, "8083-8089")), container("redpanda", status, port=(9092, "19092"))], {FASTSTREAM})
        assert (found["faststream"], found["kafka"]) == ("http://127.0.0.1:8083", "127.0.0.1:19092")


def test_a_consumer_that_should_not_run_has_no_endpoint() -> None:
    assert view.endpoints([container(LEGACY, "exited", port=(8080, "8090"))], frozenset())["legacy"] is None


def test_the_database_is_named_as_its_container_was_told_and_without_a_password() -> None:
    database = container("nlj-db", port=(5432, "5433"), env={"POSTGRES_USER": "me", "POSTGRES_DB": "mine"}, mounts={view.DATABASE_SECRET: "/secrets/password"})
    assert view.endpoints([database], frozenset())["database"] == "postgresql://me@127.0.0.1:5433/mine"
    assert view.secrets([database]) == {"database_password": Path("/secrets/password")}


def test_drained_is_who_ended_by_itself_when_asked() -> None:
    before = {each.id: each for each in (container(FASTSTREAM), container(FASTSTREAM, number=2), container(LEGACY))}
    after = [container(FASTSTREAM, "exited"), container(FASTSTREAM, "exited", exit_code=137, number=2), container(LEGACY, "exited")]
    assert view.drained(before, after) == {FASTSTREAM: False, LEGACY: True}
