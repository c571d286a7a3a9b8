"""A topic that is deleted and made anew under its name: both consumers find it, shorter or longer than what they have read, and read it once it is confirmed.

The tests are one story and run in their order.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import text
from stacks import Answer, Stack, new_stack

from nljctl.effects import database
from nljctl.kafka.client import admin
from nljctl.kafka.topics import TopicSpec, ensure_topics

TOPIC, PARTITIONS = "xapi-events", 2
FIRST, SHORT, LONG = 40, 6, 200
NO_ID = 3
"""Of each generation's statements: they get their ids from where they lie."""

PIPELINES = ("faststream", "legacy")
SERVICES = {"faststream": "nlj-faststream-consumer", "legacy": "xapi-consumer"}
PATIENCE_SECONDS = 60


@pytest.fixture(scope="module")
def read_once() -> Iterator[Stack]:
    """Both consumers run and have read the topic's first generation."""
    with new_stack() as stack:
        stack.up()
        made_anew(stack)
        stack.up("analytics", "faststream")
        publish(stack, FIRST)
        yield stack


def statements(number: int) -> list[dict[str, Any]]:
    """The last ones have no id."""
    made: list[dict[str, Any]] = [
        {
            "id": str(uuid4()),
            "timestamp": "2026-03-01T09:00:00Z",
            "actor": {"mbox": "mailto:sam@example.org"},
            "verb": {"id": "http://adlnet.gov/expapi/verbs/experienced"},
            "object": {"id": f"http://nlj.platform/activities/{place}"},
        }
        for place in range(number)
    ]
    for statement in made[-NO_ID:]:
        del statement["id"]
    return made


def publish(stack: Stack, number: int, *, wait: bool = True) -> None:
    lines = "\n".join(json.dumps(statement) for statement in statements(number))
    sent = stack.run("publish-test", "--from", "-", "--topic", TOPIC, *(("--wait", "processed") if wait else ()), "--json", stdin=lines)
    assert sent.code == 0, sent.stdout + sent.stderr


def made_anew(stack: Stack) -> None:
    """Deletes the topic, and makes it again."""

    async def work() -> None:
        async with admin(stack.settings) as client:
            await client.delete_topics([TOPIC])
            async with asyncio.timeout(PATIENCE_SECONDS):
                while True:
                    if TOPIC not in await client.list_topics():
                        break
                    await asyncio.sleep(0.1)
        await ensure_topics(stack.settings, [TopicSpec(TOPIC, PARTITIONS, 1)])

    asyncio.run(work())


def query(stack: Stack, statement: str) -> list[list[Any]]:
    async def run() -> list[list[Any]]:
        async with database.engine(stack.settings) as engine, engine.begin() as connection:
            result = await connection.execute(text(statement))
            return [list(row) for row in result] if result.returns_rows else []

    return asyncio.run(run())


def ended(stack: Stack, service: str) -> str:
    """What the service's log says when it has ended."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while stack.services()[service]["state"] == "running":
        assert time.monotonic() < deadline, f"{service} goes on"
        time.sleep(0.5)
    return stack.run("logs", service, "--lines", "50").stdout


def consumed(stack: Stack, pipeline: str) -> Answer:
    return stack.run("consume", pipeline, "--until-caught-up", "--timeout", "90", "--port", "0", "--json")


def confirmed(stack: Stack, *flags: str) -> dict[str, Any]:
    answer = stack.run("new-generation", TOPIC, *flags, "--json")
    assert answer.code == 0, answer.stdout + answer.stderr
    return dict(answer.document)


def test_a_topic_that_was_not_made_anew_needs_no_confirmation(read_once: Stack) -> None:
    answer = confirmed(read_once, "--yes")
    assert (answer["executed"], answer["topics"][0]["generation"], answer["plan"][0]["status"]) == (False, 0, "already")


@pytest.mark.parametrize("pipeline", PIPELINES)
def test_a_consumer_that_runs_finds_a_shorter_one_and_ends(read_once: Stack, pipeline: str) -> None:
    if pipeline == PIPELINES[0]:
        made_anew(read_once)
        publish(read_once, SHORT, wait=False)
    said = ended(read_once, SERVICES[pipeline])
    assert f"{TOPIC}/0 is not the log that it was" in said
    assert f"nljctl new-generation {TOPIC}" in said


@pytest.mark.parametrize("pipeline", PIPELINES)
def test_it_does_not_start_either(read_once: Stack, pipeline: str) -> None:
    answer = consumed(read_once, pipeline)
    assert (answer.code, answer.document["error"]["code"]) == (2, "topic-recreated")


def test_the_plan_says_what_shows_it_and_changes_nothing(read_once: Stack) -> None:
    before = query(read_once, "SELECT * FROM nljctl.progress ORDER BY 1, 2, 3, 4")
    plan = confirmed(read_once, "--dry-run")
    assert (plan["executed"], plan["plan"][0]["status"]) == (False, "planned")
    assert "another id" in plan["topics"][0]["why"]
    refused = read_once.run("new-generation", TOPIC, "--json")
    assert (refused.code, refused.document["error"]["code"]) == (2, "refused")
    assert query(read_once, "SELECT * FROM nljctl.progress ORDER BY 1, 2, 3, 4") == before


def test_once_confirmed_both_read_it_from_its_beginning(read_once: Stack) -> None:
    assert confirmed(read_once, "--yes")["topics"][0]["generation"] == 1
    assert confirmed(read_once, "--yes")["executed"] is False
    for pipeline in PIPELINES:
        answer = consumed(read_once, pipeline)
        assert (answer.code, answer.document["read"], answer.document["stored"]) == (0, SHORT, SHORT), answer.stdout + answer.stderr


@pytest.mark.parametrize("pipeline", PIPELINES)
@pytest.mark.parametrize("told", ["by its id", "by its last record"])
def test_a_longer_one_is_found_at_the_start(read_once: Stack, told: str, pipeline: str) -> None:
    if (told, pipeline) == ("by its id", PIPELINES[0]):
        made_anew(read_once)
        publish(read_once, LONG, wait=False)
    if told == "by its last record":
        query(read_once, "UPDATE nljctl.topic_generation SET topic_id = NULL")
    answer = consumed(read_once, pipeline)
    assert (answer.code, answer.document["error"]["code"]) == (2, "topic-recreated")
    assert ("another id" if told == "by its id" else "is not the one that was read there") in answer.document["error"]["message"]


def test_the_third_generation_is_read_whole_and_ids_are_made_anew(read_once: Stack) -> None:
    assert confirmed(read_once, "--yes")["topics"][0]["generation"] == 2
    for pipeline in PIPELINES:
        answer = consumed(read_once, pipeline)
        assert (answer.code, answer.document["read"], answer.document["stored"]) == (0, LONG, LONG), answer.stdout + answer.stderr


def test_what_only_the_indices_still_have_is_expired_and_explained(read_once: Stack) -> None:
    answer = read_once.run("compare-legacy", "--no-analytics", "--json")
    assert (answer.code, answer.document["verdict"]) == (0, "explained"), answer.stdout
    ledger = answer.document["ledger"]
    assert ledger["faststream"]["stored"] == LONG
    assert ledger["faststream"]["expired"] == ledger["legacy"]["expired"] == FIRST + SHORT
    assert (ledger["faststream"]["extra"], ledger["legacy"]["extra"]) == (0, 0)


def test_each_confirmation_is_on_record(read_once: Stack) -> None:
    rows = query(read_once, f"SELECT number, reason FROM nljctl.topic_generation WHERE topic = '{TOPIC}' ORDER BY number")
    assert [number for number, _ in rows] == [0, 1, 2]
    assert [bool(reason) for _, reason in rows] == [True] * 3
