"""Profiles: they add up, and bring their consumer and what it needs."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from stacks import Stack, new_stack


@pytest.fixture(scope="module")
def parallel() -> Iterator[Stack]:
    with new_stack() as made:
        made.up("faststream")
        made.up("analytics")
        yield made


def test_a_second_profile_joins_the_first(parallel: Stack) -> None:
    status = parallel.run("status", "--json").document
    assert status["profiles"] == ["faststream", "analytics"]
    running = {service["name"] for service in status["services"] if service["health"] == "healthy"}
    assert running == {"nlj-db", "redpanda", "elasticsearch", "ralph-lrs", "nlj-faststream-consumer", "xapi-consumer"}


def test_the_first_profile_alone_gives_faststream_the_effects(parallel: Stack) -> None:
    assert parallel.run("status", "--json").document["ownership"]["share"] == 100


def test_ralphs_secret_is_in_no_log_and_no_command_line(parallel: Stack) -> None:
    secret = json.loads((parallel.home / "stack.json").read_text())["secrets"]["ralph"]
    assert len(secret) > 20
    assert not [path for path in (parallel.home / "logs").iterdir() if secret in path.read_text(errors="replace")]
    assert not [process for process in parallel.processes() if secret in " ".join(process.cmdline())]


def test_down_leaves_no_consumer_and_forgets_the_profiles(parallel: Stack) -> None:
    assert parallel.run("down", "--json").code == 0
    assert parallel.processes() == []
    assert parallel.run("status", "--json").document["profiles"] == []
