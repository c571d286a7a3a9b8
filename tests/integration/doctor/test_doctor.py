"""`nljctl doctor` on real services: nothing is wrong, then something is, it is named, and what is named mends it."""

from __future__ import annotations

import asyncio
import re
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import httpx
import psutil
import pytest
from aiokafka import AIOKafkaConsumer
from sqlalchemy import select, text
from stacks import Answer, Stack

from nljctl.effects import database
from nljctl.effects.platform_tables import users
from nljctl.kafka.client import admin
from nljctl.store.client import elasticsearch
from nljctl.store.index import ALIAS, move_reads

CONSUMER = "nlj-faststream-consumer"
DEAD = "nlj.errors.statements"
LAGGING = "nlj.learning.activities"
PATIENCE_SECONDS = 60
Shell = Callable[[str], None]


def wrong(answer: Answer) -> dict[str, str]:
    """Status by name of the checks that are neither ok nor skipped."""
    return {check["name"]: check["status"] for check in answer.document["checks"] if check["status"] in ("failed", "warning")}


def fix(answer: Answer, name: str) -> str:
    return str(next(check["fix"] for check in answer.document["checks"] if check["name"] == name))


def until_well(stack: Stack) -> None:
    """Waits until nothing is wrong any more: groups and elections take their time."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while found := wrong(stack.run("doctor", "--json")):
        assert time.monotonic() < deadline, found
        time.sleep(0.5)


@contextmanager
def stopped(stack: Stack, service: str) -> Iterator[None]:
    """A service whose process hangs."""
    process = psutil.Process(stack.pids()[service])
    process.send_signal(signal.SIGSTOP)
    try:
        yield
    finally:
        process.send_signal(signal.SIGCONT)


def test_a_healthy_stack_has_nothing_wrong(patient: Stack) -> None:
    answer = patient.run("doctor", "--json")

    assert (answer.code, wrong(answer)) == (0, {})
    assert all(set(check) == {"name", "status", "detail", "fix"} for check in answer.document["checks"])
    assert {check["name"] for check in answer.document["checks"] if check["status"] == "skipped"} == {"ralph-reachable", "clock-ralph"}


def test_people_get_a_table(patient: Stack) -> None:
    answer = patient.run("doctor")
    assert (answer.code, "kafka-reachable" in answer.stdout, "failed" in answer.stdout) == (0, True, False)
    assert "nothing is wrong" in patient.run("doctor", "--wrong").stdout


async def test_a_blocked_index(patient: Stack, shell: Shell) -> None:
    async with elasticsearch(patient.settings) as client:
        await client.indices.put_settings(index="xapi-statements", settings={"index.blocks.write": True})

    answer = patient.run("doctor", "--json")

    assert (answer.code, wrong(answer)) == (1, {"elasticsearch-blocks": "failed"})
    assert answer.document["checks"][0]["name"] == "elasticsearch-blocks"
    shell(fix(answer, "elasticsearch-blocks"))
    assert wrong(patient.run("doctor", "--json")) == {}


async def test_an_alias_that_leads_elsewhere(patient: Stack, shell: Shell) -> None:
    async with elasticsearch(patient.settings) as client:
        await move_reads(client, "statements")

    answer = patient.run("doctor", "--json")

    assert (answer.code, wrong(answer)) == (1, {"alias": "failed"})
    shell(fix(answer, "alias"))
    assert wrong(patient.run("doctor", "--json")) == {}


async def test_a_mapping_that_lets_producers_add_fields(patient: Stack, shell: Shell) -> None:
    async with elasticsearch(patient.settings) as client:
        await client.indices.put_mapping(index="xapi-statements", dynamic="true")

    answer = patient.run("doctor", "--json")

    assert (answer.code, wrong(answer)) == (1, {"mapping": "failed"})
    shell(fix(answer, "mapping"))
    assert wrong(patient.run("doctor", "--json")) == {}


async def test_a_dead_letter_topic_that_is_gone(patient: Stack, shell: Shell) -> None:
    async with admin(patient.settings) as client:
        await client.delete_topics([DEAD])

    answer = patient.run("doctor", "--json")

    assert (answer.code, wrong(answer)) == (1, {"dead-letter-topic": "failed"})
    shell(fix(answer, "dead-letter-topic"))
    until_well(patient)


def test_a_dead_letter_topic_into_which_a_large_record_does_not_fit(patient: Stack, shell: Shell) -> None:
    kafka = patient.endpoints["kafka"]
    shell(f"kafka-configs.sh --bootstrap-server {kafka} --alter --entity-type topics --entity-name {DEAD} --add-config max.message.bytes=1048576")

    answer = patient.run("doctor", "--json")

    assert (answer.code, wrong(answer)) == (1, {"dead-letter-topic": "failed"})
    shell(fix(answer, "dead-letter-topic"))
    assert wrong(patient.run("doctor", "--json")) == {}


def test_a_retention_that_is_shorter_than_the_lag(patient: Stack, shell: Shell) -> None:
    kafka = patient.endpoints["kafka"]
    with stopped(patient, CONSUMER):
        patient.run("publish-test", "--from", "-", "--topic", LAGGING, "--json", stdin="{}\n{}\n")
        shell(f"kafka-configs.sh --bootstrap-server {kafka} --alter --entity-type topics --entity-name {LAGGING} --add-config retention.ms=1")
        answer = patient.run("doctor", "--json")
        found = wrong(answer)

    assert answer.code == 1
    assert (found["retention-against-lag"], found["retention-against-rollback"]) == ("failed", "warning")
    assert set(found) <= {"retention-against-lag", "retention-against-rollback", "owner-running"}, "the group may have given up its member meanwhile"
    assert re.search(rf"--entity-name {LAGGING} .*retention.ms=\d+", fix(answer, "retention-against-lag"))
    shell(fix(answer, "retention-against-lag"))
    until_well(patient)


def test_an_elasticsearch_that_hangs(patient: Stack) -> None:
    with stopped(patient, "elasticsearch"):
        answer = patient.run("doctor", "--json")

    statuses = {check["name"]: check["status"] for check in answer.document["checks"]}
    assert (answer.code, wrong(answer)) == (1, {"elasticsearch-reachable": "failed"})
    assert "nljctl up" in fix(answer, "elasticsearch-reachable")
    assert {statuses[name] for name in ("mapping", "alias", "elasticsearch-blocks", "clock-elasticsearch")} == {"skipped"}
    until_well(patient)


def test_a_consumer_that_was_killed(patient: Stack, shell: Shell) -> None:
    psutil.Process(patient.pids()[CONSUMER]).kill()

    answer = patient.run("doctor", "--json")

    assert (answer.code, wrong(answer)["services"]) == (1, "failed")
    shell(fix(answer, "services"))
    until_well(patient)


async def test_a_stranger_in_the_group(patient: Stack) -> None:
    kafka = patient.endpoints["kafka"]
    intruder = AIOKafkaConsumer(LAGGING, bootstrap_servers=kafka, group_id=CONSUMER, client_id="somebody-else", enable_auto_commit=False)
    await intruder.start()
    try:
        answer = await asyncio.to_thread(patient.run, "doctor", "--json")
    finally:
        await intruder.stop()

    assert (answer.code, wrong(answer)) == (1, {"two-owners": "failed"})
    assert "somebody-else" in answer.document["checks"][0]["detail"]
    await asyncio.to_thread(until_well, patient)


def test_an_index_that_somebody_reads_by_its_name(patient: Stack) -> None:
    enough = threading.Event()

    def read() -> None:
        with httpx.Client(base_url=patient.endpoints["elasticsearch"]) as client:
            while not enough.is_set():
                client.get("/statements/_search")

    reader = threading.Thread(target=read)
    reader.start()
    try:
        answer = patient.run("doctor", "--json")
    finally:
        enough.set()
        reader.join()

    assert (answer.code, wrong(answer)) == (0, {"read-by-name": "warning"})
    assert ALIAS in fix(answer, "read-by-name")


async def test_a_generation_session_that_nobody_ends(patient: Stack) -> None:
    insert = "INSERT INTO generation_sessions (prompt_config, status, user_id, started_at) VALUES ('{}', 'processing', :user, now() - interval '2 hours')"
    async with database.engine(patient.settings) as engine:
        async with engine.begin() as connection:
            user = (await connection.execute(select(users.c.id).limit(1))).scalar_one()
            await connection.execute(text(insert), {"user": user})
        answer = await asyncio.to_thread(patient.run, "doctor", "--json")
        async with engine.begin() as connection:
            await connection.execute(text("DELETE FROM generation_sessions"))

    assert (answer.code, wrong(answer)) == (0, {"sessions-processing": "warning"})


@pytest.mark.parametrize(
    ("flags", "failed"),
    [
        (("--kafka", "127.0.0.1:1"), {"kafka-reachable", "settings-origins"}),
        (("--database", "postgresql://nlj_user@127.0.0.1:1/nlj_platform"), {"database-reachable", "settings-origins"}),
        (("--elasticsearch", "http://127.0.0.1:1"), {"elasticsearch-reachable", "settings-origins"}),
        (
            ("--kafka", "127.0.0.1:1", "--database", "postgresql://nlj_user@127.0.0.1:1/x", "--elasticsearch", "http://127.0.0.1:1"),
            {"kafka-reachable", "database-reachable", "elasticsearch-reachable"},
        ),
    ],
)
def test_services_that_do_not_answer_fail_and_their_dependents_are_skipped(patient: Stack, flags: tuple[str, ...], failed: set[str]) -> None:
    answer = patient.run("doctor", *flags, "--json")

    assert answer.code == 1
    assert {name for name, status in wrong(answer).items() if status == "failed"} == failed
    assert "Traceback" not in answer.stderr


async def test_a_database_that_was_never_set_up(patient: Stack) -> None:
    async with database.engine(patient.settings) as engine:
        async with engine.connect() as connection:
            await (await connection.execution_options(isolation_level="AUTOCOMMIT")).execute(text("CREATE DATABASE bare"))
        empty = re.sub(r"/[^/]*$", "/bare", patient.endpoints["database"])
        env: dict[str, Any] = {"DATABASE_URL": empty}
        answer = await asyncio.to_thread(lambda: patient.run("doctor", "--json", env=env))

    assert answer.code == 1
    assert wrong(answer)["tables"] == "failed"
    assert fix(answer, "tables") == "nljctl setup"


async def test_two_processes_with_one_static_id(patient: Stack) -> None:
    enough = asyncio.Event()

    async def join() -> None:
        """Each new consumer throws out the one before it, as a process does that is started again."""
        before = None
        while not enough.is_set():
            settings = {"group_id": CONSUMER, "client_id": CONSUMER, "group_instance_id": "twin", "enable_auto_commit": False}
            twin = AIOKafkaConsumer(LAGGING, bootstrap_servers=patient.endpoints["kafka"], **settings)
            await twin.start()
            if before is not None:
                await before.stop()
            before = twin
            await asyncio.sleep(0.2)
        await twin.stop()

    joining = asyncio.create_task(join())
    for _ in range(5):  # doctor looks at the group for one second, and a join may take longer
        answer = await asyncio.to_thread(patient.run, "doctor", "--json")
        if "static-ids" in wrong(answer):
            break
    enough.set()
    await joining

    assert (answer.code, wrong(answer)["static-ids"]) == (1, "failed")
    assert "twin" in next(check["detail"] for check in answer.document["checks"] if check["name"] == "static-ids")
