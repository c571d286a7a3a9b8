"""A deployment that `nljctl up` started, in the hands of people who also use `docker compose`, kill containers and restart the engine.

The tests are one story and run in their order; each leaves the deployment where the next one begins.
"""

from __future__ import annotations

import stat
from collections.abc import Callable, Iterator
from datetime import datetime

import pytest
from deployment import Deployment, deployed, service, until
from engine import Engine
from truth import wrong_rows

from nljctl.effects import database, plans
from nljctl.store.client import elasticsearch

SHARED = {"nlj-db", "redpanda", "elasticsearch", "nlj-api"}
NEW, LEGACY = {"nlj-faststream-consumer"}, {"ralph-lrs", "xapi-consumer"}
START_SECONDS = 5.0


@pytest.fixture(scope="module")
def moved(engine: Engine, image: str) -> Iterator[Deployment]:
    """Both consumers, started by the program, which have read a few hundred records."""
    with deployed(engine, image, "move") as made:
        up = made.does("nljctl up --runtime compose --profile faststream --profile analytics --json").document
        assert (up["runtime"], set(up["profiles"])) == ("compose", {"faststream", "analytics"})
        publish(made, "--count 200 --seed 11 --duplicates 2 --conflicts 1 --wait processed")
        yield made


def publish(made: Deployment, how: str) -> None:
    made.does(f"nljctl publish-test --event all --yes --json {how}")


def caught_up(made: Deployment) -> bool:
    status = made.does("nljctl status --json").document
    lags = [lag for name, lag in status["lag"].items() if name in expected(status["profiles"])]
    return not any(lags) and None not in lags and not status["backfill"]


def expected(profiles: list[str]) -> set[str]:
    return {{"faststream": "faststream", "analytics": "legacy"}[profile] for profile in profiles}


def unhealthy(made: Deployment) -> dict[str, str]:
    """Who is not well, and why."""
    found = made.type("nljctl health --json")
    assert found.code == (1 if found.document["status"] == "unhealthy" else 0)
    return {name: each["detail"] for name, each in found.document["components"].items() if each["status"] == "unhealthy"}


def test_both_run_and_every_service_is_told_as_the_engine_sees_it(moved: Deployment) -> None:
    assert moved.running() == dict.fromkeys(SHARED | NEW | LEGACY, "healthy")
    services = {each["name"]: each for each in moved.does("nljctl status --json").document["services"]}
    assert set(services) == SHARED | NEW | LEGACY
    assert {(each["state"], each["health"]) for each in services.values()} == {("running", "healthy")}
    assert all(each["image"] and each["restarts"] == 0 and each["pid"] for each in services.values())


def test_up_made_random_secrets_that_only_files_hold(moved: Deployment) -> None:
    dotenv, folder = moved.clone / ".env", moved.clone / ".nljctl" / "secrets"
    assert stat.S_IMODE(dotenv.stat().st_mode) == 0o600
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    secrets = [path.read_text().strip() for path in folder.iterdir()]
    assert len(secrets) == 2
    development = {path.read_text().strip() for path in (moved.clone / "deploy" / "development-secrets").iterdir()}
    assert development.isdisjoint(secrets)
    ids = " ".join(each["Id"] for each in moved.containers())
    shown = "".join(
        moved.does(command).stdout
        for command in (
            f"docker inspect {ids}",
            f"docker image inspect {moved.env['NLJCTL_IMAGE']}",
            f"docker history --no-trunc {moved.env['NLJCTL_IMAGE']}",
            "docker compose --profile '*' logs 2>&1",
            "docker compose --profile '*' top",
            "docker compose --profile '*' config",
            "nljctl config",
            "nljctl status --json",
            "nljctl logs",
            "cat .env .nljctl/stack.json",
        )
    )
    assert [secret for secret in secrets if secret in shown] == []


def test_what_was_published_is_in_both_indices_and_compares(moved: Deployment) -> None:
    until(lambda: caught_up(moved), "both pipelines have read all")
    compared = moved.does("nljctl compare-legacy --no-analytics --json").document
    assert compared["verdict"] in ("same", "explained")
    assert compared["ledger"]["faststream"]["stored"] > 0
    assert compared["ledger"]["legacy"]["stored"] > 0


def test_the_consumers_run_confined(moved: Deployment) -> None:
    for name in NEW | {"xapi-consumer", "nlj-api"}:
        container = next(each for each in moved.containers() if service(each) == name)
        assert container["Config"]["User"] == "10001"
        assert container["HostConfig"]["ReadonlyRootfs"] is True
        assert container["HostConfig"]["CapDrop"] == ["ALL"]
        assert container["HostConfig"]["Memory"] > 0


def test_a_killed_container_of_any_service_comes_back(moved: Deployment) -> None:
    for name in sorted(SHARED | NEW | LEGACY):
        before = moved.pid(name)
        moved.kill(name)
        until(lambda name=name, before=before: moved.running().get(name) == "healthy" and moved.pid(name) != before, f"{name} is back")  # type: ignore[misc]
    until(lambda: unhealthy(moved) == {}, "all is well again")
    publish(moved, "--count 30 --seed 12 --wait processed")


async def test_a_consumer_stores_its_first_record_within_seconds_of_its_start(
    moved: Deployment, record_testsuite_property: Callable[[str, object], None]
) -> None:
    moved.does("docker compose stop nlj-faststream-consumer")
    publish(moved, "--count 30 --seed 14")
    moved.does("nljctl up --json")
    until(lambda: caught_up(moved), "it has read what waited for it")
    started = next(each["State"]["StartedAt"] for each in moved.containers() if service(each) in NEW)
    newest = {"size": 1, "query": {"range": {"stored": {"gte": started}}}, "sort": ["stored"]}
    async with elasticsearch(moved.settings) as client:
        await client.indices.refresh(index="xapi-statements")
        first = (await client.search(index="xapi-statements", **newest))["hits"]["hits"][0]["_source"]["stored"]
    seconds = (datetime.fromisoformat(first) - datetime.fromisoformat(started)).total_seconds()
    record_testsuite_property("seconds to the first record", seconds)
    assert seconds < START_SECONDS


def test_a_consumer_that_was_stopped_by_hand_is_missed_and_up_brings_it_back(moved: Deployment) -> None:
    moved.does("nljctl shift --to 50 --gate 'health<=unhealthy' --gate 'validation>=0' --gate 'dead_letters<=100' --yes --json")
    moved.does("docker compose stop nlj-faststream-consumer")
    found = unhealthy(moved)
    assert "owner" in found["ownership"]
    assert "faststream" in found
    service_ = next(each for each in moved.does("nljctl status --json").document["services"] if each["name"] == "nlj-faststream-consumer")
    assert service_["state"] == "exited"
    moved.does("nljctl up --json")
    assert moved.running() == dict.fromkeys(SHARED | NEW | LEGACY, "healthy")
    assert unhealthy(moved) == {}


def test_cutover_stops_legacy_alone_and_keeps_it(moved: Deployment) -> None:
    gates = "--gate 'health<=unhealthy' --gate 'validation>=0' --gate 'dead_letters<=100'"
    done = moved.does(f"nljctl cutover {gates} --yes --json").document
    assert done["executed"] is True
    assert "xapi-consumer" in done["verified"]["stopped"]
    assert set(moved.running()) == SHARED | NEW | {"ralph-lrs"}


async def test_a_rollback_while_events_keep_coming_loses_and_doubles_nothing(moved: Deployment) -> None:
    publisher = moved.begin("publish-test", "--event", "all", "--count", "600", "--rate", "40", "--seed", "13", "--yes", "--json")
    report = moved.does("nljctl rollback --yes --json").document
    publisher.communicate(timeout=120)
    assert publisher.returncode == 0
    assert report["verified"]["profiles"] == ["analytics"]
    assert set(moved.running()) == SHARED | LEGACY
    until(lambda: caught_up(moved), "legacy has read all and its store is filled")
    compared = moved.type("nljctl compare-legacy --no-analytics --no-effects --json").document
    assert compared["ledger"]["legacy"]["unexplained"] == 0
    assert compared["ledger"]["faststream"]["altered"] == 0
    async with database.engine(moved.settings) as engine, engine.connect() as connection:
        assert (await plans.read_plan(connection))[-1].share == 0
    assert await wrong_rows(moved.settings) == []


def test_a_restarted_engine_brings_back_exactly_what_ran(engine: Engine, moved: Deployment) -> None:
    if not engine.own:
        pytest.skip("the engine belongs to somebody else")
    for again in (engine.restart, lambda: (engine.kill(), engine.start())):
        again()
        if not moved.running():  # a killed engine forgets what it ran: up repairs
            moved.does("nljctl up --json")
        until(lambda: moved.running() == dict.fromkeys(SHARED | LEGACY, "healthy"), "exactly legacy's services run")
    until(lambda: unhealthy(moved) == {}, "all is well again")


def test_a_rollback_after_somebody_started_faststream_by_hand_stops_it_again(moved: Deployment) -> None:
    moved.does("docker compose --profile faststream up -d --wait")
    moved.does("docker compose stop xapi-consumer")
    report = moved.does("nljctl rollback --yes --json").document
    assert set(moved.running()) == SHARED | LEGACY
    assert report["verified"]["profiles"] == ["analytics"]


def test_down_stops_everything_and_with_volumes_nothing_is_left(moved: Deployment) -> None:
    refused = moved.type("nljctl down --json")
    assert (refused.code, refused.document["error"]["code"]) == (2, "refused")
    moved.does("nljctl down --yes --json")
    assert moved.running() == {}
    moved.does("nljctl down --volumes --yes --json")
    assert moved.containers() == []
    assert moved.does(f"docker volume ls --quiet --filter label=com.docker.compose.project={moved.project}").stdout == ""
    assert not (moved.clone / ".env").exists()
    assert not (moved.clone / ".nljctl" / "secrets").exists()
