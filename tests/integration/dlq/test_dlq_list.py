"""`nljctl dlq list` and `show` on real dead letters of every reason."""

from __future__ import annotations

import asyncio
import json
from uuid import uuid4

import pytest
from letters_world import publish, refused_once, statement
from sqlalchemy import select
from stacks import Stack

from nljctl.catalogue.samples import SampleRequest, generate
from nljctl.effects import database
from nljctl.effects.ledger_tables import parked
from nljctl.kafka.client import producer
from nljctl.migration.dlq.coordinates import Coordinates

TOPIC = "nlj.manual.tagging"
"""Of these tests alone."""

LARGE = b'{"text": "' + b"x" * 11_000_000 + b'"}'
DEEP = b"[" * 200 + b"]" * 200
BINARY = b"\xff\xfe\x00not text"
REASONS = {"not-json": 2, "too-large": 1, "too-deep": 1, "invalid-xapi": 1, "conflict": 1}


@pytest.fixture(scope="module")
def refused(refusing: Stack) -> dict[str, Coordinates]:
    """One record of each kind, published one after the other, by name."""
    taken = str(uuid4())
    invalid = json.dumps(statement(verb={"id": "no iri"}, actor={})).encode()
    first, second = (json.dumps(statement(id=taken, object={"id": f"http://nlj.platform/activities/{name}"})).encode() for name in "ab")
    values = {"words": b"not json", "binary": BINARY, "large": LARGE, "deep": DEEP, "invalid": invalid, "first": first, "conflict": second}
    return dict(zip(values, asyncio.run(publish(refusing, list(values.values()), topic=TOPIC)), strict=True))


def place(item: dict[str, object]) -> tuple[object, ...]:
    return item["topic"], item["partition"], item["offset"]


def test_each_record_that_was_refused_is_there_once_newest_first(refusing: Stack, refused: dict[str, Coordinates]) -> None:
    answer = refusing.run("dlq", "list", "--topic", TOPIC, "--json")

    assert (answer.code, answer.document["count"], answer.document["by_reason"]) == (0, 6, REASONS)
    assert {place(item) for item in answer.document["items"]} == set(refused.values()) - {refused["first"]}
    times = [item["at"] for item in answer.document["items"]]
    assert times == sorted(times, reverse=True)


def test_long_values_are_cut_short_in_the_list_and_whole_when_shown(refusing: Stack, refused: dict[str, Coordinates]) -> None:
    (item,) = refusing.run("dlq", "list", "--topic", TOPIC, "--reason", "too-large", "--json").document["items"]
    (whole,) = refusing.run("dlq", "show", str(refused["large"]), "--json").document["items"]

    assert (item["truncated"], len(item["value"]), item["size"]) == (True, 2_000, len(LARGE))
    assert (whole["value"], "truncated" in whole) == (LARGE.decode(), False)


def test_what_is_no_text_is_in_base64(refusing: Stack, refused: dict[str, Coordinates]) -> None:
    (item,) = refusing.run("dlq", "show", *(str(part) for part in refused["binary"]), "--json").document["items"]

    assert (item["encoding"], item["value"]) == ("base64", "//4Abm90IHRleHQ=")


def test_a_limit_shortens_the_items_only(refusing: Stack, refused: dict[str, Coordinates]) -> None:
    answer = refusing.run("dlq", "list", "--topic", TOPIC, "--limit", "2", "--json")

    assert (answer.document["count"], answer.document["by_reason"]) == (6, REASONS)
    assert [place(item) for item in answer.document["items"]] == [refused["conflict"], refused["invalid"]]


def test_show_judges_again_and_tells_every_error(refusing: Stack, refused: dict[str, Coordinates]) -> None:
    (item,) = refusing.run("dlq", "show", str(refused["invalid"]), "--json").document["items"]

    assert (item["judged"]["accepted"], item["replays"]) == (False, [])
    assert {error["pointer"] for error in item["judged"]["errors"]} >= {"/verb/id", "/actor"}
    assert all(error["rule"] and error["message"] and error["section"] for error in item["judged"]["errors"])
    assert "/verb/id" in refusing.run("dlq", "show", str(refused["invalid"])).stdout


def test_a_record_that_was_never_refused_has_no_letter(refusing: Stack, refused: dict[str, Coordinates]) -> None:
    answer = refusing.run("dlq", "show", str(refused["first"]), "--json")

    assert (answer.code, answer.document["error"]["code"]) == (2, "no-letter")


async def test_of_two_letters_of_one_record_the_last_one_wins(refusing: Stack) -> None:
    earlier = refusing.run("dlq", "list", "--json").document["count"]
    origin = await refused_once(refusing, json.dumps(statement()).encode())

    answer = refusing.run("dlq", "list", "--limit", "1", "--json")

    assert (answer.document["count"], place(answer.document["items"][0])) == (earlier + 1, origin)
    assert answer.document["items"][0]["rule"] == "old-rule"


async def test_a_strangers_record_in_the_topic_is_counted_and_no_letter(refusing: Stack) -> None:
    before = refusing.run("dlq", "list", "--limit", "0", "--json").document
    async with producer(refusing.settings) as client:
        await client.send_and_wait(refusing.settings.dead_letter_topic, value=b"hello")

    after = refusing.run("dlq", "list", "--limit", "0", "--json").document

    assert (after["count"], after["foreign"], after["items"]) == (before["count"], before["foreign"] + 1, [])


async def test_events_that_wait_for_a_parent_are_listed_with_it(refusing: Stack) -> None:
    booking = next(sample for sample in generate(SampleRequest(1, ("booking.requested",), seed=77)) if not sample.parent)
    (origin,) = await publish(refusing, [booking.value], topic=booking.topic)

    answer = refusing.run("dlq", "list", "--parked", "--json")

    assert (answer.code, answer.document["count"], answer.document["by_reason"]) == (0, 1, {"parked": 1})
    (item,) = answer.document["items"]
    async with database.engine(refusing.settings) as engine, engine.connect() as connection:
        waits_for = (await connection.execute(select(parked.c.waits_for).where(parked.c.role == "live"))).scalar_one()
    assert (item["reason"], item["rule"], place(item)) == ("parked", waits_for, origin)
    assert json.loads(item["value"])["id"].lower() == booking.id


def test_a_topic_that_is_not_there_is_said(refusing: Stack) -> None:
    answer = refusing.run("dlq", "list", "--json", env={"NLJCTL_DEAD_LETTER_TOPIC": "no.such.topic"})

    assert (answer.code, answer.document["error"]["code"]) == (2, "not-set-up")
