"""The whole move on a stack with both consumers, while events keep coming: shares, kills, a gate that breaks, cutover, rollback, the end of legacy.

The tests are one story and run in their order; each leaves the platform where the next one begins.
"""

from __future__ import annotations

import asyncio
import itertools
import signal
from collections.abc import Iterator

import psutil
import pytest
from moving import begun, caught_up, done, dump, history, killed_after, ownership, until, until_said
from sqlalchemy import func, select, text
from sqlalchemy.exc import DBAPIError
from stacks import Stack, new_stack

from nljctl.effects import database, plans
from nljctl.effects.ledger_tables import applied, outbox, parked
from nljctl.effects.locks import share_plan
from nljctl.effects.plan import Pipeline, Role
from nljctl.migration import fencing
from nljctl.migration.fencing import Decision, decide
from nljctl.migration.states import State
from nljctl.store.client import elasticsearch
from nljctl.store.index import reads_from

SLOWLY = "6"
"""Records a second, both pipelines in step: half of what legacy's LRS takes where sixteen processes want two cores."""

SEEDS = itertools.count(100)

LEGACY_GROUP, FASTSTREAM_GROUP = "nlj-unified-xapi-consumer", "nlj-faststream-consumer"


@pytest.fixture(scope="module")
def parallel() -> Iterator[Stack]:
    """A stack with both consumers, which have read a few hundred records."""
    with new_stack() as stack:
        stack.up("analytics", "faststream")
        publish(stack, "--event", "all", "--count", "300", "--seed", "71", "--duplicates", "2", "--conflicts", "1", "--wait", "processed")
        yield stack


@pytest.fixture
def flowing(parallel: Stack) -> Iterator[Stack]:
    """Events keep coming while a test runs."""
    with begun(
        parallel, "publish-test", "--event", "all", "--count", "20000", "--rate", SLOWLY, "--seed", str(next(SEEDS)), "--duplicates", "2", "--json"
    ) as publisher:
        yield parallel
        publisher.send_signal(signal.SIGINT)
        publisher.communicate(timeout=30)


def publish(stack: Stack, *arguments: str) -> None:
    done(stack.run("publish-test", *arguments, "--json"))


async def test_a_dry_run_shows_plan_and_gates_and_changes_nothing(parallel: Stack) -> None:
    before, evidence = await dump(parallel), list(parallel.home.glob("evidence/*"))
    for command in (["shift", "--steps", "10,50", "--hold", "5"], ["cutover"], ["remove-legacy"], ["rollback"]):
        shown = done(parallel.run(*command, "--dry-run", "--json"))
        assert shown["executed"] is False
        assert {step["status"] for step in shown["plan"]} == {"planned"}
    assert await dump(parallel) == before
    assert list(parallel.home.glob("evidence/*")) == evidence
    assert ownership(parallel)["reads"] == "statements"


def test_without_a_yes_nothing_happens(parallel: Stack) -> None:
    for command in (["shift", "--to", "10"], ["cutover"]):
        refused = parallel.run(*command, "--json")
        assert (refused.code, refused.document["error"]["code"]) == (2, "refused")
    assert ownership(parallel)["epoch"] == 1


def test_a_gate_that_is_not_met_stops_before_the_first_fence(parallel: Stack) -> None:
    stopped = parallel.run("shift", "--to", "10", "--gate", "validation>100", "--yes", "--json")
    assert (stopped.code, stopped.document["executed"], stopped.document["returned"]) == (1, False, False)
    gates = {gate["name"]: gate for gate in stopped.document["gates"]}
    assert (gates["validation"]["met"], gates["compare"]["met"], gates["lag"]["met"]) == (False, True, True)
    assert ownership(parallel)["epoch"] == 1


def test_shares_grow_step_by_step_and_each_step_is_an_epoch(flowing: Stack) -> None:
    report = done(flowing.run("shift", "--steps", "1,10", "--hold", "1", "--yes", "--json"))
    assert (report["share"], report["epoch"], report["executed"], report["returned"]) == (10, 3, True, False)
    assert {step["status"] for step in report["plan"]} == {"done"}
    assert all(gate["met"] for gate in report["gates"])
    assert report["fences"]
    assert [(each["kind"], each["share"]) for each in history(flowing)] == [("initial", 0), ("shift", 1), ("shift", 10)]
    assert ownership(flowing)["state"] == "shifting"


@pytest.mark.parametrize(("share", "said"), [(20, "20 %: gates"), (30, "30 %: fence"), (40, "40 %: passed"), (50, "50 %: hold")])
def test_killed_after_any_step_the_same_command_finishes_it(flowing: Stack, share: int, said: str) -> None:
    command = ("shift", "--to", str(share), "--yes", "--json")
    killed_after(flowing, said, *command, "--hold", "60")
    report = done(flowing.run(*command))
    assert report["share"] == share
    again = done(flowing.run(*command))
    assert (again["epoch"], {step["status"] for step in again["plan"]}) == (report["epoch"], {"already"})
    assert [each["share"] for each in history(flowing)].count(share) == 1


def test_a_gate_that_breaks_during_a_hold_gives_the_effects_back_though_nobody_listens_any_more(flowing: Stack) -> None:
    with begun(flowing, "shift", "--to", "70", "--hold", "120", "--gate", "dead_letters<=1", "--yes", "--json") as held:
        until_said(held, "70 %: hold")
        assert held.stderr is not None
        held.stderr.close()
        held.send_signal(signal.SIGHUP)
        publish(flowing, "--event", "booking.requested", "--count", "40", "--invalid", "90", "--seed", "5")
        assert held.stdout is not None
        report = held.stdout.read()
        assert held.wait(timeout=60) == 1
    assert '"returned": true' in report
    last = history(flowing)[-1]
    assert (last["kind"], last["share"]) == ("shift", 50)
    assert "dead_letters is" in last["reason"]
    assert "<=1" in last["reason"]


def test_an_owner_that_dies_during_a_hold_is_settled_for(flowing: Stack) -> None:
    with begun(flowing, "shift", "--to", "60", "--hold", "120", "--yes", "--json") as held:
        until_said(held, "60 %: hold")
        psutil.Process(flowing.pids()["nlj-faststream-consumer"]).kill()
        report, said = held.communicate(timeout=120)
    assert held.returncode == 1, report + said
    last = history(flowing)[-1]
    assert (last["kind"], last["share"]) == ("shift", 50)
    assert "health is unhealthy" in last["reason"]
    assert "settled for faststream" in report
    flowing.up("faststream")


def test_a_shift_that_holds_does_nothing_more_once_somebody_else_has_decided(flowing: Stack) -> None:
    with begun(flowing, "shift", "--steps", "80,90", "--hold", "20", "--gate", "dead_letters<=50", "--gate", "health<=unhealthy", "--yes", "--json") as held:
        until_said(held, "80 %: hold")
        done(flowing.run("shift", "--to", "55", "--gate", "dead_letters<=50", "--gate", "health<=unhealthy", "--yes", "--json"))
        report, _ = held.communicate(timeout=60)
    assert held.returncode == 2
    assert '"plan-changed"' in report
    assert ownership(flowing)["share"] == 55


async def test_every_effect_happened_once_and_the_rows_are_those_of_one_pipeline_alone(parallel: Stack) -> None:
    until(lambda: caught_up(parallel))
    async with database.engine(parallel.settings) as engine, engine.connect() as connection:
        c = applied.c
        counts = {
            (row.role, row.pipeline): row.effects
            for row in await connection.execute(select(c.role, c.pipeline, func.count().label("effects")).group_by(c.role, c.pipeline))
        }
        of_role = {role: set((await connection.execute(select(c.statement_id).where(c.role == role))).scalars()) for role in Role}
        waiting = (await connection.execute(select(func.count()).select_from(parked))).scalar_one()
        salts = {epoch.salt for epoch in await plans.read_plan(connection)}
    assert counts[Role.LIVE, Pipeline.FASTSTREAM] > 50
    assert counts[Role.LIVE, Pipeline.LEGACY] > 50
    assert of_role[Role.LIVE] == of_role[Role.SHADOW]
    assert (waiting, salts) == (0, {"1"})
    compared = done(parallel.run("compare-legacy", "--json"))
    for table, rows in compared["effects"].items():
        assert rows["same"] == sum(count for kind, count in rows.items() if kind != "explained"), (table, rows)


async def test_cutover_killed_after_any_step_is_finished_by_the_next(flowing: Stack) -> None:
    command = ("cutover", "--gate", "dead_letters<=50", "--gate", "health<=unhealthy", "--yes", "--json")
    for said in ("gates:", "epoch:", "fences:", "reads:", "stop legacy:"):
        killed_after(flowing, said, *command)
    report = done(flowing.run(*command))
    assert {step["status"] for step in report["plan"]} <= {"done", "already"}
    assert report["executed"] is True
    assert "nlj-faststream-consumer" in report["verified"]["running"]
    assert "xapi-consumer" in report["verified"]["stopped"]
    assert report["verified"]["group_members"][LEGACY_GROUP] == []
    assert report["verified"]["group_members"][FASTSTREAM_GROUP]
    async with elasticsearch(flowing.settings) as client:
        assert await reads_from(client) == "xapi-statements"
    assert [each["kind"] for each in history(flowing)].count("cutover") == 1
    again = done(flowing.run(*command))
    assert {step["status"] for step in again["plan"] if step["step"] not in ("verify", "fences")} == {"already"}
    assert again["epoch"] == report["epoch"]


def test_after_a_cutover_shift_says_what_goes_back(parallel: Stack) -> None:
    refused = parallel.run("shift", "--to", "10", "--yes", "--json")
    assert (refused.code, refused.document["error"]["code"]) == (2, "cut-over")
    assert "rollback" in refused.document["error"]["hint"]
    assert done(parallel.run("shift", "--to", "100", "--yes", "--json"))["share"] == 100


def test_a_rollback_without_elasticsearch_is_done_and_the_reads_follow_when_it_is_back(flowing: Stack) -> None:
    psutil.Process(flowing.pids()["elasticsearch"]).kill()
    rolled_back = done(flowing.run("rollback", "--no-drain", "--yes", "--json"))
    assert {step["step"]: step["status"] for step in rolled_back["plan"]}["reads"] == "waiting"
    assert "xapi-consumer" in rolled_back["verified"]["running"]
    assert rolled_back["verified"]["group_members"][LEGACY_GROUP]
    owned = ownership(flowing)
    assert (owned["state"], owned["reads"], owned["reads_due"]) == ("rolled-back", None, "statements")
    assert flowing.run("health", "--json").document["components"]["ownership"]["detail"].endswith("statements once it is full")
    flowing.up()
    until(lambda: ownership(flowing)["reads"] == "statements")
    assert ownership(flowing)["reads_due"] is None


def test_cutover_after_a_rollback(flowing: Stack) -> None:
    assert flowing.run("status", "--json").document["backfill"] == []
    stopped = flowing.run("cutover", "--gate", "lag<=100000", "--gate", "dead_letters<0", "--yes", "--json")
    assert (stopped.code, stopped.document["executed"]) == (1, False)
    forced = done(flowing.run("cutover", "--gate", "dead_letters<0", "--force", "--yes", "--json"))
    assert forced["executed"] is True
    last = history(flowing)[-1]
    assert (last["kind"], last["state"]) == ("cutover", "cut-over")
    assert "forced: dead_letters is" in last["reason"]
    assert ownership(flowing)["reads"] == "xapi-statements"


async def test_what_effects_announced_is_in_the_log(parallel: Stack) -> None:
    async with database.engine(parallel.settings) as engine, engine.connect() as connection:
        async with asyncio.timeout(30):
            while (await connection.execute(select(func.count()).where(outbox.c.published_at.is_(None)))).scalar_one():
                await asyncio.sleep(0.5)
                await connection.rollback()
        announced = set((await connection.execute(select(outbox.c.id))).scalars())
        known = set((await connection.execute(select(applied.c.statement_id).where(applied.c.event == "content.generation.started"))).scalars())
    assert announced
    assert announced & known, "a generation starts with what the request of it announced"


async def test_nothing_was_lost_or_done_twice_on_the_way(parallel: Stack) -> None:
    until(lambda: parallel.run("status", "--json").document["lag"]["faststream"] == 0)
    async with database.engine(parallel.settings) as engine, engine.connect() as connection:
        of_role = {role: set((await connection.execute(select(applied.c.statement_id).where(applied.c.role == role))).scalars()) for role in Role}
        waiting = (await connection.execute(select(func.count()).select_from(parked))).scalar_one()
    assert of_role[Role.LIVE] == of_role[Role.SHADOW]
    assert waiting == 0
    effects = parallel.run("compare-legacy", "--json").document["effects"]
    assert {table: (rows["differs"], rows["only_legacy"], rows["only_faststream"]) for table, rows in effects.items()} == dict.fromkeys(effects, (0, 0, 0))


def test_legacy_is_removed_when_nothing_needs_it_and_then_nothing_rolls_back(parallel: Stack) -> None:
    early = parallel.run("remove-legacy", "--quiet-for", "100000", "--yes", "--json")
    assert (early.code, early.document["executed"]) == (1, False)
    assert [check["name"] for check in early.document["checks"] if check["status"] == "failed"] == ["quiet"]
    removed = done(parallel.run("remove-legacy", "--quiet-for", "0", "--yes", "--json"))
    assert {step["status"] for step in removed["plan"]} == {"done"}
    assert {check["status"] for check in removed["checks"]} == {"ok"}
    assert done(parallel.run("remove-legacy", "--yes", "--json"))["executed"] is True
    status = parallel.run("status", "--json").document
    assert status["ownership"]["state"] == "legacy-removed"
    assert {service["name"] for service in status["services"] if service["state"] == "running"}.isdisjoint({"xapi-consumer", "ralph-lrs"})
    refused = parallel.run("rollback", "--yes", "--json")
    assert (refused.code, refused.document["error"]["code"]) == (2, "legacy-removed")
    publish(parallel, "--event", "all", "--count", "50", "--seed", "99", "--wait", "processed")


async def test_a_session_that_hangs_on_the_plan_is_ended(parallel: Stack, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fencing, "PLAN_LOCK_SECONDS", 1.0)
    async with database.engine(parallel.settings, name="nljctl hung") as hung, database.engine(parallel.settings) as engine, hung.connect() as holder:
        await share_plan(holder)
        async with engine.connect() as connection:
            newest = (await plans.read_plan(connection))[-1]
        decision = Decision(newest.share, newest.kind, State(newest.state), "a test", newest.number, keeps_fences=True)
        assert (await decide(engine, decision)).number == newest.number + 1
        with pytest.raises(DBAPIError):
            await holder.execute(text("SELECT 1"))
        await holder.invalidate()
