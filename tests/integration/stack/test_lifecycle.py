"""A stack's life through the program: up, killed, up, down, up, gone."""

from __future__ import annotations

import socket

import asyncpg
import psutil
from stacks import Stack

SERVICES = {"nlj-db", "redpanda", "elasticsearch", "nlj-api", "nlj-faststream-consumer"}


async def _note(stack: Stack, text: str) -> None:
    connection = await asyncpg.connect(stack.endpoints["database"])
    await connection.execute("CREATE TABLE IF NOT EXISTS note (text TEXT)")
    await connection.execute("INSERT INTO note VALUES ($1)", text)
    await connection.close()


async def _notes(stack: Stack) -> list[str]:
    connection = await asyncpg.connect(stack.endpoints["database"])
    found = [row["text"] for row in await connection.fetch("SELECT text FROM note")]
    await connection.close()
    return found


def _kill(stack: Stack, name: str) -> None:
    victim = psutil.Process(stack.pids()[name])
    victim.kill()
    psutil.wait_procs([victim], timeout=10)


def test_up_again_changes_nothing(own: Stack) -> None:
    before = own.pids()
    again = own.up()
    assert {service["name"]: service["pid"] for service in again.document["services"]} == before
    assert set(before) == SERVICES


def test_every_service_is_healthy_after_up(own: Stack) -> None:
    assert {service["health"] for service in own.up().document["services"]} == {"healthy"}


async def test_the_database_has_the_platforms_tables_and_the_samples_people(own: Stack) -> None:
    connection = await asyncpg.connect(own.endpoints["database"])
    assert await connection.fetchval("SELECT count(*) FROM public.users") > 0
    await connection.close()


def test_stack_json_is_readable_by_its_owner_only(own: Stack) -> None:
    assert (own.home / "stack.json").stat().st_mode & 0o777 == 0o600


def test_a_killed_service_is_reported_as_exited(own: Stack) -> None:
    own.up()
    _kill(own, "elasticsearch")
    status = own.run("status", "--json")
    assert status.code == 0
    found = {service["name"]: service["state"] for service in status.document["services"]}
    assert found == {**dict.fromkeys(SERVICES, "running"), "elasticsearch": "exited"}


def test_status_without_the_database_says_what_it_cannot_know(own: Stack) -> None:
    own.up()
    _kill(own, "nlj-db")
    status = own.run("status", "--json")
    assert status.code == 0
    assert status.document["ownership"]["epoch"] is None
    assert status.document["lag"] == {"faststream": None, "legacy": None}
    assert "nlj-db" in status.document["why"]


async def test_up_revives_a_killed_database_with_its_data(own: Stack) -> None:
    own.up()
    await _note(own, "before the kill")
    before = own.pids()
    _kill(own, "nlj-db")
    own.up()
    after = own.pids()
    assert after["nlj-db"] != before["nlj-db"]
    assert after["redpanda"] == before["redpanda"]
    assert "before the kill" in await _notes(own)


def test_a_port_that_was_taken_meanwhile_is_named_while_others_run(own: Stack) -> None:
    own.up()
    _kill(own, "redpanda")
    port = int(own.endpoints["kafka"].rsplit(":", 1)[1])
    with socket.create_server(("127.0.0.1", port)):
        answer = own.run("up", "--json")
    assert answer.code == 2
    assert answer.document["error"]["code"] == "port-taken"
    assert str(port) in answer.document["error"]["message"]
    assert own.services()["elasticsearch"]["state"] == "running"


async def test_after_down_nothing_runs_and_up_has_the_data_again(own: Stack) -> None:
    own.up()
    await _note(own, "before down")
    down = own.run("down", "--json")
    assert down.code == 0
    assert {service["state"] for service in down.document["services"]} == {"stopped"}
    assert own.processes() == []
    own.up("faststream")
    assert "before down" in await _notes(own)


def test_all_ports_are_chosen_anew_when_nothing_runs_and_one_was_taken(own: Stack) -> None:
    own.run("down")
    port = int(own.endpoints["kafka"].rsplit(":", 1)[1])
    with socket.create_server(("127.0.0.1", port)):
        own.up("faststream")
    assert own.endpoints["kafka"] != f"127.0.0.1:{port}"


def test_volumes_are_not_deleted_without_a_yes(own: Stack) -> None:
    own.up()
    answer = own.run("down", "--volumes", "--json")
    assert answer.code == 2
    assert answer.document["error"]["code"] == "refused"
    assert set(own.pids()) == SERVICES


def test_logs_show_the_last_lines_of_one_service(own: Stack) -> None:
    answer = own.run("logs", "nlj-db", "--lines", "2")
    assert answer.code == 0
    assert len(answer.stdout.splitlines()) == 2


def test_an_unknown_service_has_no_log(own: Stack) -> None:
    answer = own.run("logs", "nothing", "--json")
    assert answer.code == 2
    assert "redpanda" in answer.document["error"]["hint"]
