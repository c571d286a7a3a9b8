"""Profiles: they add up, and bring their consumer and what it needs."""

from __future__ import annotations

import json

from stacks import Stack


def test_faststream_owns_the_effects_of_a_stack_that_began_with_it_alone(own: Stack) -> None:
    own.up()
    ownership = own.run("status", "--json").document["ownership"]
    assert (ownership["share"], ownership["state"], ownership["owner_running"]) == (100, "cut-over", True)


def test_a_second_profile_joins_the_first(own: Stack) -> None:
    own.up("faststream")
    own.up("analytics")
    status = own.run("status", "--json").document
    assert status["profiles"] == ["faststream", "analytics"]
    healthy = {service["name"] for service in status["services"] if service["health"] == "healthy"}
    assert healthy == {"nlj-db", "redpanda", "elasticsearch", "nlj-api", "ralph-lrs", "nlj-faststream-consumer", "xapi-consumer"}


def test_ralphs_secret_is_in_no_log_and_no_command_line(own: Stack) -> None:
    own.up("analytics")
    secret = json.loads((own.home / "stack.json").read_text())["secrets"]["ralph"]
    assert len(secret) > 20
    assert not [path for path in (own.home / "logs").iterdir() if secret in path.read_text(errors="replace")]
    assert not [process for process in own.processes() if secret in " ".join(process.cmdline())]


def test_down_leaves_no_consumer_and_forgets_the_profiles(own: Stack) -> None:
    own.up("analytics")
    assert own.run("down", "--json").code == 0
    assert own.processes() == []
    assert own.run("status", "--json").document["profiles"] == []


def test_a_stack_whose_record_is_gone_is_not_started_over_and_can_be_removed(own: Stack) -> None:
    own.up()
    data = (own.home / "services" / "nlj-db").resolve()
    (own.home / "stack.json").unlink()
    answer = own.run("up", "--json")
    assert answer.code == 2
    assert "stack.json is gone" in answer.document["error"]["message"]
    assert own.run("down", "--volumes", "--yes", "--json").code == 0
    assert own.processes() == []
    assert not data.exists()
