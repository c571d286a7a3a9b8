"""Each documented start-up, typed right after a clone, brings up exactly its services, all healthy."""

from __future__ import annotations

import pytest
from deployment import deployed, service
from engine import Engine

SHARED = {"nlj-db", "redpanda", "elasticsearch", "nlj-api"}
STARTS = {
    "docker compose --profile faststream up -d --wait": SHARED | {"nlj-faststream-consumer"},
    "docker compose --profile analytics up -d --wait": SHARED | {"ralph-lrs", "xapi-consumer"},
}
"""Both at once is where the migration guide begins: test_migration_guide."""


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
