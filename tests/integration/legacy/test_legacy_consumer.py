"""The legacy consumer on real Kafka, Ralph, Elasticsearch and Postgres: what becomes of each record, and that killing it changes nothing."""

from __future__ import annotations

import asyncio
import json
import socket

import pytest
from legacy_world import World, counts, kill, new_world, report_of

from nljctl.errors import TimedOutError, UsageError
from nljctl.kafka.client import producer
from nljctl.pipelines.legacy.routes import AS_SHIPPED

OUTCOMES = ("read", "stored", "duplicates", "conflicts", "refused", "unreadable", "filtered", "failed")


async def test_a_statement_is_stored_with_all_that_it_came_with(world: World) -> None:
    await world.publish([world.statement(event_id="the-key", producer_id="nlj-platform")])
    report = await world.run()
    (document,) = await world.documents()
    assert counts(report, ("read", "stored")) == {"read": 1, "stored": 1}
    assert (document["event_id"], document["producer_id"]) == ("the-key", "nlj-platform")
    assert {"stored", "authority"} <= document.keys()


async def test_each_record_ends_with_its_outcome_and_ralphs_reason(world: World) -> None:
    given = world.statement()
    both = given["actor"] | {"account": {"homePage": "http://nlj.platform", "name": "sam"}}
    await world.publish([given], partition=0)
    await world.run()
    await world.documents()
    again = [given, given | {"result": {"success": True}}, world.statement(actor=both), world.statement(id="test-12345"), b"not json", b"{}", None]
    await world.publish(again, partition=0)
    report = await world.run()
    assert counts(report, OUTCOMES) == {
        "read": 7,
        "stored": 0,
        "duplicates": 1,
        "conflicts": 1,
        "refused": 2,
        "unreadable": 3,
        "filtered": 0,
        "failed": 0,
    }
    found = await world.outcomes()
    assert [(kind, reason) for kind, reason, _, _ in found] == [
        ("duplicate", "same-content"),
        ("conflict", "other-content"),
        ("refused", "http-422"),
        ("refused", "http-422"),
        ("unreadable", "not-json"),
        ("unreadable", "incomplete"),
        ("unreadable", "empty"),
    ]
    assert found[2][2] == "extra_forbidden"
    assert found[2][3].startswith("/actor/")
    assert found[3][3].startswith("/id")


async def test_as_shipped_filters_what_the_original_dropped_and_says_why(world: World) -> None:
    survey = {"platform": world.topic, "extensions": {"http://nlj.platform/extensions/parent_survey": "s-1"}}
    answered = world.statement(verb={"id": "http://adlnet.gov/expapi/verbs/answered"}, context=survey)
    await world.publish([answered, world.statement()], partition=0)
    report = await world.run(routes=world.edition(AS_SHIPPED))
    assert counts(report, ("stored", "filtered")) == {"stored": 1, "filtered": 1}
    assert await world.outcomes() == [("filtered", "no-route", "", "")]
    assert [document["id"] for document in await world.documents()] == [answered["id"]]


async def test_a_killed_consumer_loses_and_doubles_nothing(world: World) -> None:
    count = 200
    await world.publish(world.statements(count))
    for part in (0.2, 0.6):
        # A group of its own each time: the broker would keep the next one waiting for the dead member's session to end.
        process = await world.start(group=f"{world.topic}-{part}")
        async with asyncio.timeout(60):
            await world.until_stored(int(count * part))
        kill(process)
        await process.wait()
    await world.run()
    documents = await world.documents()
    assert len({document["id"] for document in documents}) == len(documents) == count
    assert await world.outcomes() == []
    assert await world.dealt_with() == await world.ends()


async def test_a_terminated_consumer_notes_what_it_has_done_and_ends_well(world: World) -> None:
    await world.publish(world.statements(40))
    process = await world.start()
    async with asyncio.timeout(60):
        await world.until_stored(1)
    process.terminate()
    report = await report_of(process, seconds=15)
    assert sum((await world.dealt_with()).values()) == report["read"] == report["stored"]


async def test_two_members_share_the_work_and_store_each_statement_once(world: World) -> None:
    await world.publish(world.statements(100))
    first = await world.start()
    async with asyncio.timeout(60):
        await world.until_stored(5)
    second = await world.start(until_caught_up=True)
    await world.publish(world.statements(100))
    await report_of(second)
    first.terminate()
    await report_of(first, seconds=15)
    documents = await world.documents()
    assert len({document["id"] for document in documents}) == len(documents) == 200
    assert await world.outcomes() == []


async def test_nothing_is_read_before_the_lrs_answers(world: World) -> None:
    await world.publish(world.statements(5))
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        away = await new_world(world.settings, ralph=f"http://127.0.0.1:{nobody.getsockname()[1]}")
        await away.publish(away.statements(5))
        with pytest.raises(TimedOutError):
            await away.run(timeout=3.0)
    assert await away.outcomes() == []
    assert not any((await away.dealt_with()).values())


async def test_offsets_without_a_record_do_not_keep_it_from_catching_up(world: World) -> None:
    async with producer(world.settings, transactional_id=world.topic) as client, client.transaction():
        await client.send_and_wait(world.topic, json.dumps(world.statement()).encode(), partition=0)
    report = await world.run()
    assert report.read == 1
    assert (await world.dealt_with())[world.tps[0]] == (await world.ends())[world.tps[0]] == 2


async def test_a_group_without_position_may_begin_at_the_end(world: World) -> None:
    await world.publish(world.statements(5))
    report = await world.run(start_from="latest")
    assert report.read == 0
    assert await world.dealt_with() == await world.ends()


async def test_a_pipeline_with_a_position_does_not_begin_elsewhere(world: World) -> None:
    await world.run()
    with pytest.raises(UsageError, match="position already"):
        await world.run(start_from="earliest")
