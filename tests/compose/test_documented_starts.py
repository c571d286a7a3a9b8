"""Each documented start-up, typed right after a clone, brings up exactly its services, all healthy."""

from __future__ import annotations

import shutil
from collections.abc import Iterator

import pytest
from deployment import Deployment, copy_of_the_checkout, deployed, service
from engine import Engine

SHARED = {"nlj-db", "redpanda", "elasticsearch", "nlj-api"}
STARTS = {
    "docker compose --profile faststream up -d --wait": SHARED | {"nlj-faststream-consumer"},
    "docker compose --profile analytics up -d --wait": SHARED | {"ralph-lrs", "xapi-consumer"},
}
"""Shared services alone, and both consumers at once, are where the migration guide begins: test_migration_guide."""
PROFILES = ("", "--profile faststream", "--profile analytics", "--profile faststream --profile analytics", "--profile '*'")


@pytest.fixture(scope="module")
def clean(engine: Engine) -> Iterator[Deployment]:
    """A clone in which nothing was started."""
    clone = copy_of_the_checkout()
    yield Deployment(clone, "nlj", engine.env)
    shutil.rmtree(clone.parent)


@pytest.mark.parametrize("command", STARTS)
def test_a_start_right_after_a_clone_runs_exactly_its_services(engine: Engine, image: str, command: str) -> None:
    with deployed(engine, image, "start") as made:
        made.does(command)
        assert made.running() == dict.fromkeys(STARTS[command], "healthy")
        ended = {service(each): each["State"]["ExitCode"] for each in made.containers() if not each["State"]["Running"]}
        assert set(ended.values()) <= {0}
        published = [binding["HostIp"] for each in made.containers() for bound in each["NetworkSettings"]["Ports"].values() for binding in bound or ()]
        assert set(published) == {"127.0.0.1"}
        health = made.does("nljctl health --json").document
        assert health["status"] == "healthy", health
        status = made.does("nljctl status --json").document
        assert (status["runtime"], status["ownership"]["owner_running"]) == ("compose", True)


@pytest.mark.parametrize("profiles", PROFILES, ids=lambda profiles: profiles or "shared services")
def test_the_file_is_valid_and_compose_warns_of_nothing(engine: Engine, clean: Deployment, profiles: str) -> None:
    told = clean.does(f"docker compose {profiles} config --quiet")
    assert (told.stdout, told.stderr) == ("", "")
