"""Rollback on a stack of its own: from a killed faststream that owned everything, to legacy, and nothing is lost or applied twice."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import Any

import psutil
import pytest
from sqlalchemy import func, select
from stacks import Stack, new_stack

from nljctl.effects import database
from nljctl.effects.ledger_tables import applied, parked
from nljctl.effects.plan import Pipeline, Role
from nljctl.effects.platform_tables import training_bookings, training_sessions
from nljctl.store.client import elasticsearch
from nljctl.store.index import reads_from

SEED = "31"
PATIENCE_SECONDS = 180


@pytest.fixture(scope="module")
def rolled_back() -> Iterator[tuple[Stack, dict[str, Any]]]:
    """A stack whose faststream owned everything, was killed with events still to come, and was rolled back."""
    with new_stack() as stack:
        stack.up("faststream")
        publish(stack, "--count", "300", "--seed", SEED, "--wait", "processed")
        psutil.Process(stack.pids()["nlj-faststream-consumer"]).kill()
        publish(stack, "--count", "150", "--seed", "32")
        answer = stack.run("rollback", "--yes", "--json")
        assert answer.code == 0, answer.stdout + answer.stderr
        until(lambda: caught_up(stack))
        yield stack, answer.document


def publish(stack: Stack, *arguments: str) -> None:
    answer = stack.run("publish-test", "--event", "all", "--duplicates", "2", "--conflicts", "1", *arguments, "--json")
    assert answer.code == 0, answer.stdout + answer.stderr


def caught_up(stack: Stack) -> bool:
    status = stack.run("status", "--json").document
    return bool(status["lag"]["legacy"] == 0 and not status["backfill"])


def until(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not holds():
        assert time.monotonic() < deadline, f"not so after {PATIENCE_SECONDS} s"
        time.sleep(1)


def test_it_says_what_it_did_and_how_that_was_verified(rolled_back: tuple[Stack, dict[str, Any]]) -> None:
    stack, report = rolled_back
    assert {step["status"] for step in report["plan"]} <= {"done", "already"}
    assert report["executed"] is True
    assert "xapi-consumer" in report["verified"]["running"]
    assert "nlj-faststream-consumer" in report["verified"]["stopped"]
    assert report["verified"]["group_members"]["nlj-faststream-consumer"] == []
    assert len(report["verified"]["group_members"]["nlj-unified-xapi-consumer"]) == 1
    assert report["verified"]["profiles"] == ["analytics"]
    assert report["backfill"], "legacy had never run, so its store lacked everything"
    assert stack.run("status", "--json").document["ownership"]["state"] == "rolled-back"


async def test_every_effect_happened_once_and_none_waits_for_ever(rolled_back: tuple[Stack, dict[str, Any]]) -> None:
    stack, _ = rolled_back
    async with database.engine(stack.settings) as engine, engine.connect() as connection:
        by_pipeline = {
            row.pipeline: row.effects
            for row in await connection.execute(
                select(applied.c.pipeline, func.count().label("effects")).where(applied.c.role == Role.LIVE).group_by(applied.c.pipeline)
            )
        }
        waiting = (await connection.execute(select(func.count()).select_from(parked).where(parked.c.role == Role.LIVE))).scalar_one()
        s, b = training_sessions.c, training_bookings.c
        confirmed = select(b.session_id, func.count().label("seats")).where(b.booking_status == "confirmed").group_by(b.session_id).subquery()
        oversold = await connection.execute(select(s.id).join(confirmed, confirmed.c.session_id == s.id).where(confirmed.c.seats > s.capacity))
    assert by_pipeline[Pipeline.FASTSTREAM] > 0
    assert by_pipeline[Pipeline.LEGACY] > 0
    assert waiting == 0
    assert oversold.all() == []


def test_what_legacy_had_not_seen_is_in_its_store_or_has_a_reason(rolled_back: tuple[Stack, dict[str, Any]]) -> None:
    stack, _ = rolled_back
    answer = stack.run("compare-legacy", "--no-effects", "--json")
    ledger = answer.document["ledger"]
    assert (answer.code, answer.document["verdict"]) == (0, "explained")
    assert ledger["legacy"]["stored"] > 0
    assert (ledger["legacy"]["unexplained"], ledger["faststream"]["missing"]) == (0, 0)


async def test_analytics_read_the_legacy_index_once_it_is_full(rolled_back: tuple[Stack, dict[str, Any]]) -> None:
    stack, _ = rolled_back

    def reads() -> bool:
        return bool(stack.run("status", "--json").document["ownership"]["reads"] == "statements")

    until(reads)
    async with elasticsearch(stack.settings) as client:
        assert await reads_from(client) == "statements"


def test_running_it_again_changes_nothing(rolled_back: tuple[Stack, dict[str, Any]]) -> None:
    stack, report = rolled_back
    again = stack.run("rollback", "--yes", "--json")
    assert again.code == 0
    assert {step["step"]: step["status"] for step in again.document["plan"]}["epoch"] == "already"
    assert again.document["fences"] == report["fences"]
    history = stack.run("status", "--history", "--json").document["history"]
    assert [entry["kind"] for entry in history] == ["initial", "rollback"]
