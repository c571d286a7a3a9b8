"""The faststream consumer on real services: one outcome a record, whatever comes and whatever dies."""

from __future__ import annotations

import asyncio
import json
import os
import random
import signal
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from aiokafka import TopicPartition
from sqlalchemy import select

from nljctl.effects import database, progress
from nljctl.effects.ledger_tables import outcome
from nljctl.effects.plan import Pipeline
from nljctl.kafka.client import admin, consumer, producer
from nljctl.kafka.offsets import partitions, spans
from nljctl.kafka.reader import read
from nljctl.migration.statistics import statistics
from nljctl.store.client import elasticsearch

TOPIC = "xapi-events"


def a_statement(**members: Any) -> dict[str, Any]:
    return {
        "id": str(uuid4()),
        "version": "1.0.3",
        "timestamp": "2026-03-01T09:00:00Z",
        "actor": {"mbox": "mailto:sam@example.org"},
        "verb": {"id": "http://adlnet.gov/expapi/verbs/experienced"},
        "object": {"id": "http://nlj.platform/activities/brakes"},
        **members,
    }


def encoded(**members: Any) -> bytes:
    return json.dumps(a_statement(**members)).encode()


def without(*names: str) -> bytes:
    return json.dumps({name: value for name, value in a_statement().items() if name not in names}).encode()


async def publish(settings: Any, values: list[bytes | None], key: bytes | None = None) -> list[tuple[TopicPartition, int]]:
    """Sends values to one topic; gives each one's coordinates."""
    async with producer(settings) as client:
        sent = [await client.send_and_wait(TOPIC, value=value, key=key if value is not None else b"tombstone") for value in values]
    return [(TopicPartition(receipt.topic, receipt.partition), receipt.offset) for receipt in sent]


async def outcomes_of(settings: Any, coordinates: list[tuple[TopicPartition, int]]) -> list[tuple[str, str]]:
    """(kind, reason) of each record; ("stored", "") where no row says otherwise."""
    c = outcome.c
    async with database.engine(settings) as engine, engine.connect() as connection:
        positions = await progress.read(connection, Pipeline.FASTSTREAM)
        rows = await connection.execute(select(c.topic, c.partition, c.offset, c.kind, c.reason).where(c.pipeline == Pipeline.FASTSTREAM))
        found = {(row.topic, row.partition, row.offset): (row.kind, row.reason) for row in rows}
    assert all(positions[tp].statements_next > offset for tp, offset in coordinates), "the consumer has not passed them"
    return [found.get((tp.topic, tp.partition, offset), ("stored", "")) for tp, offset in coordinates]


async def dead_letters(settings: Any) -> Mapping[tuple[str, int, int], tuple[bytes | None, str]]:
    """Value and reason by origin coordinates."""
    async with admin(settings) as client:
        tps = await partitions(client, [settings.dead_letter_topic])
    async with consumer(settings) as client:
        ranges = await spans(client, tps)
    letters: dict[tuple[str, int, int], tuple[bytes | None, str]] = {}
    async for records in read(settings, ranges):
        for record in records:
            headers = {name: value.decode() for name, value in record.headers}
            where = (headers["nljctl-topic"], int(headers["nljctl-partition"]), int(headers["nljctl-offset"]))
            letters[where] = (record.value, headers["nljctl-reason"])
    return letters


async def documents(settings: Any, ids: list[str]) -> dict[str, dict[str, Any]]:
    async with elasticsearch(settings) as client:
        answer = await client.mget(index=settings.index, ids=ids)
    return {entry["_id"]: entry["_source"] for entry in answer["docs"] if entry["found"]}


def consumed(nljctl: Any) -> bool:
    """Runs the consumer until it has caught up; True if that went well."""
    answer = nljctl("consume", "faststream", "--until-caught-up", "--port", "0", "--timeout", "90", "--json")
    return bool(answer.code == 0)


BAD: dict[str, tuple[bytes | None, str]] = {
    "no value": (None, "not-json"),
    "an empty value": (b"", "not-json"),
    "not JSON": (b"hello", "not-json"),
    "not UTF-8": (b'{"a":"\xff\xfe"}', "not-json"),
    "NaN": (b'{"result":{"score":{"scaled":NaN}}}', "not-json"),
    "an array": (b"[]", "invalid-xapi"),
    "5,000 levels": (b'{"a":' * 5_000 + b"1" + b"}" * 5_000, "too-deep"),
    "20 MB": (b'{"a":"' + b"x" * 20_000_000 + b'"}', "too-large"),
    "no verb": (without("verb"), "invalid-xapi"),
    "the id test-12345": (encoded(id="test-12345"), "invalid-xapi"),
    "a relative object id": (encoded(object={"id": "brakes"}), "invalid-xapi"),
}


async def test_every_bad_record_is_a_dead_letter_with_its_reason_and_its_bytes(stack: Any, nljctl: Any) -> None:
    good = a_statement()
    coordinates = await publish(stack.settings, [*(value for value, _ in BAD.values()), json.dumps(good).encode()])
    assert consumed(nljctl)
    assert await outcomes_of(stack.settings, coordinates) == [*(("dead_lettered", reason) for _, reason in BAD.values()), ("stored", "")]
    letters = await dead_letters(stack.settings)
    for (tp, offset), (value, reason) in zip(coordinates, BAD.values(), strict=False):
        assert letters[tp.topic, tp.partition, offset] == (value, reason)
    assert set(await documents(stack.settings, [good["id"]])) == {good["id"]}


async def test_a_record_without_id_and_timestamp_is_stored_under_made_ones_that_stay_the_same(stack: Any, nljctl: Any) -> None:
    coordinates = await publish(stack.settings, [without("id", "timestamp")])
    assert consumed(nljctl)
    [(tp, offset)] = coordinates
    query = {"bool": {"filter": [{"term": {"nljctl.topic": tp.topic}}, {"term": {"nljctl.partition": tp.partition}}, {"term": {"nljctl.offset": offset}}]}}
    async with elasticsearch(stack.settings) as client:
        await client.indices.refresh(index=stack.settings.index)
        hits = (await client.search(index=stack.settings.index, query=query))["hits"]["hits"]
    assert len(hits) == 1
    assert hits[0]["_id"] == hits[0]["_source"]["id"]
    assert hits[0]["_source"]["timestamp"]


async def test_the_same_content_again_is_a_duplicate_and_other_content_a_conflict_that_leaves_the_first(stack: Any, nljctl: Any) -> None:
    first = a_statement(object={"id": "http://nlj.platform/activities/first"})
    other = {**first, "object": {"id": "http://nlj.platform/activities/other"}}
    same = {**first, "timestamp": "2026-03-01T10:00:00+01:00", "id": first["id"].upper()}
    coordinates = await publish(stack.settings, [json.dumps(made).encode() for made in (first, same, other)], key=b"one-partition")
    assert consumed(nljctl)
    assert [kind for kind, _ in await outcomes_of(stack.settings, coordinates)] == ["stored", "duplicate", "conflict"]
    assert (await documents(stack.settings, [first["id"]]))[first["id"]]["object"]["id"].endswith("first")
    tp, offset = coordinates[2]
    assert (await dead_letters(stack.settings))[tp.topic, tp.partition, offset][1] == "conflict"


def a_consumer(stack: Any, log: Path) -> subprocess.Popen[bytes]:
    """A consumer that nobody waits for; what it says on stderr goes to `log`."""
    command = [sys.executable, "-m", "nljctl", "consume", "faststream", "--port", "0"]
    with log.open("wb") as stderr:
        return subprocess.Popen(command, env=stack.env, cwd=stack.home.parent, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=stderr)


async def until_assigned(running: subprocess.Popen[bytes], log: Path) -> None:
    while b"assigned" not in log.read_bytes():
        assert running.poll() is None, log.read_text()
        await asyncio.sleep(0.1)


async def test_a_consumer_killed_again_and_again_stores_everything_once_and_counts_it_once(stack: Any, nljctl: Any, tmp_path: Path) -> None:
    chance = random.Random(11)
    before = (await statistics(stack.settings, TOPIC))["total_validations"]
    made = [a_statement() for _ in range(6_000)]
    async with producer(stack.settings, linger_ms=5) as client:
        await asyncio.gather(*[await client.send(TOPIC, value=json.dumps(statement).encode()) for statement in made])
    for _ in range(2):
        running = a_consumer(stack, tmp_path / "log")
        await until_assigned(running, tmp_path / "log")
        await asyncio.sleep(chance.uniform(0.0, 1.0))
        running.kill()
        running.wait()
    assert consumed(nljctl)
    ids = [statement["id"] for statement in made]
    found: dict[str, dict[str, Any]] = {}
    for begin in range(0, len(ids), 1_000):
        found.update(await documents(stack.settings, ids[begin : begin + 1_000]))
    assert len(found) == len(ids)
    after = await statistics(stack.settings, TOPIC)
    assert after["total_validations"] - before == len(ids)
    async with database.engine(stack.settings) as engine, engine.connect() as connection:
        doubled = await connection.execute(select(outcome.c.kind).where(outcome.c.pipeline == Pipeline.FASTSTREAM, outcome.c.statement_id.in_(ids[:1_000])))
        assert doubled.all() == []


async def test_sigterm_finishes_what_is_under_way_and_exits_with_zero(stack: Any, tmp_path: Path) -> None:
    async with producer(stack.settings, linger_ms=5) as client:
        await asyncio.gather(*[await client.send(TOPIC, value=encoded()) for _ in range(3_000)])
    running = a_consumer(stack, tmp_path / "log")
    await until_assigned(running, tmp_path / "log")
    running.send_signal(signal.SIGTERM)
    assert await asyncio.to_thread(running.wait, 30) == 0


async def test_elasticsearch_standing_still_loses_nothing(stack: Any, nljctl: Any, tmp_path: Path) -> None:
    pid = stack.pids()["elasticsearch"]
    made = [a_statement() for _ in range(2_000)]
    async with producer(stack.settings, linger_ms=5) as client:
        await asyncio.gather(*[await client.send(TOPIC, value=json.dumps(statement).encode()) for statement in made])
    running = a_consumer(stack, tmp_path / "log")
    try:
        await until_assigned(running, tmp_path / "log")
        os.kill(pid, signal.SIGSTOP)
        await asyncio.sleep(4)
    finally:
        os.kill(pid, signal.SIGCONT)
        running.send_signal(signal.SIGTERM)
        running.wait(30)
    assert consumed(nljctl)
    assert len(await documents(stack.settings, [statement["id"] for statement in made])) == len(made)


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (("consume", "sideways"), 2, "bad-usage"),
        (("consume", "--no-such-flag"), 2, "bad-usage"),
        (("publish-test", "--from", "/no/such/file"), 2, "bad-usage"),
        (("compare-legacy", "--require", "perfect"), 2, "bad-usage"),
        (("rollback",), 2, "refused"),
    ],
)
def test_what_cannot_be_meant_is_said_in_one_document(nljctl: Any, arguments: tuple[str, ...], code: int, said: str) -> None:
    answer = nljctl(*arguments, "--json")
    assert (answer.code, answer.document["error"]["code"]) == (code, said)
    assert answer.document["error"]["hint"]


@pytest.mark.parametrize("command", [("publish-test",), ("consume", "--port", "0"), ("setup",), ("compare-legacy",), ("stats",)])
def test_unreachable_services_are_named_with_a_hint(nljctl: Any, tmp_path: Any, command: tuple[str, ...]) -> None:
    nowhere = {
        "NLJCTL_HOME": str(tmp_path),
        "KAFKA_BOOTSTRAP_SERVERS": "127.0.0.1:9",
        "DATABASE_URL": "postgresql://nlj_user@127.0.0.1:9/nlj_platform",
        "ELASTICSEARCH_URL": "http://127.0.0.1:9",
    }
    answer = nljctl(*command, "--json", env=nowhere)
    assert answer.code == 2
    assert "unreachable" in answer.document["error"]["code"]
    assert answer.document["error"]["hint"]
