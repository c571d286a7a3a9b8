"""`nljctl dlq replay`: what has become valid is stored once, whatever is interrupted, and nothing is sent twice."""

from __future__ import annotations

import json

import pytest
from letters_world import document, ends, passed, publish, records, refused_once, statement, without
from sqlalchemy import text
from stacks import Stack

from nljctl.effects import database
from nljctl.errors import UnreachableError
from nljctl.judgement import Origin
from nljctl.migration.dlq import attempts
from nljctl.migration.dlq.coordinates import Coordinates
from nljctl.xapi.complete import made_id, made_timestamp

NOBODY = {"KAFKA_GROUP_ID": "nobody"}


async def in_the_log(stack: Stack, origin: Coordinates) -> list[Coordinates]:
    """Where records lie that were sent again from an origin."""
    sent = [record for record in await records(stack, origin.topic) if ("nljctl-replay-of", str(origin).encode()) in record.headers]
    return [Coordinates(record.topic, record.partition, record.offset) for record in sent]


async def test_what_has_become_valid_is_stored_and_a_second_replay_sends_nothing(refusing: Stack) -> None:
    made = statement()
    origin = await refused_once(refusing, json.dumps(made).encode())

    first = refusing.run("dlq", "replay", str(origin), "--yes", "--json")
    second = refusing.run("dlq", "replay", str(origin), "--yes", "--json")

    assert (first.code, first.document["executed"], first.document["replayed"]) == (0, True, 1)
    assert first.document["outcomes"] == {"stored": 1, "duplicate": 0, "conflict": 0, "dead_lettered": 0, "unknown": 0}
    (place,) = await in_the_log(refusing, origin)
    assert place.partition == origin.partition
    stored = await document(refusing, made["id"])
    assert stored is not None
    assert (stored["nljctl"]["offset"], stored["timestamp"]) == (place.offset, made["timestamp"])
    assert (second.code, second.document["replayed"], second.document["skipped_because"]) == (0, 0, {"already stored": 1})


async def test_it_sends_the_original_key_and_bytes(refusing: Stack) -> None:
    value = json.dumps(statement(), indent=3).encode()
    origin = await refused_once(refusing, value)

    refusing.run("dlq", "replay", str(origin), "--yes", "--json")

    (place,) = await in_the_log(refusing, origin)
    assert [(record.key, record.value) for record in await records(refusing) if (record.partition, record.offset) == place[1:]] == [(b"sam", value)]


async def test_a_dry_run_shows_the_plan_and_sends_nothing(refusing: Stack) -> None:
    origin = await refused_once(refusing, json.dumps(statement()).encode())
    before = await ends(refusing)

    answer = refusing.run("dlq", "replay", str(origin), "--dry-run", "--json")

    assert (answer.code, answer.document["executed"], answer.document["replayed"]) == (0, False, 0)
    assert {step["step"]: step["status"] for step in answer.document["plan"]} == {"send": "planned", "wait": "planned"}
    assert [item["action"] for item in answer.document["items"]] == ["send"]
    assert await ends(refusing) == before


async def test_without_a_yes_it_is_refused(refusing: Stack) -> None:
    origin = await refused_once(refusing, json.dumps(statement()).encode())
    before = await ends(refusing)

    answer = refusing.run("dlq", "replay", str(origin), "--json")

    assert (answer.code, answer.document["error"]["code"], await ends(refusing)) == (2, "refused", before)


async def test_what_is_still_invalid_or_conflicts_is_not_sent(refusing: Stack) -> None:
    taken = statement()
    other = json.dumps({**taken, "object": {"id": "http://nlj.platform/activities/other"}}).encode()
    _, conflicting, invalid = await publish(refusing, [json.dumps(taken).encode(), other, b"still not json"])
    before = await ends(refusing)

    answer = refusing.run("dlq", "replay", str(conflicting), str(invalid), "--yes", "--json")

    assert (answer.code, answer.document["replayed"], answer.document["skipped"]) == (0, 0, 2)
    assert answer.document["skipped_because"] == {"conflict": 1, "still invalid": 1}
    assert await ends(refusing) == before


async def test_by_force_it_is_refused_again_and_counts_as_one_letter(refusing: Stack) -> None:
    (origin,) = await publish(refusing, [b"never json"])
    before = refusing.run("dlq", "list", "--limit", "0", "--json").document["count"]

    answers = [refusing.run("dlq", "replay", str(origin), "--force", "--yes", "--json") for _ in range(2)]

    assert [(answer.code, answer.document["outcomes"]["dead_lettered"]) for answer in answers] == [(1, 1), (1, 1)]
    after = refusing.run("dlq", "list", "--limit", "1", "--json").document
    assert (after["count"], after["items"][0]["offset"], after["items"][0]["replayed"]["outcome"]) == (before, origin.offset, "dead_lettered")
    again = (await in_the_log(refusing, origin))[1]
    (shown,) = refusing.run("dlq", "show", str(again), "--json").document["items"]
    assert (shown["offset"], [replay["attempt"] for replay in shown["replays"]]) == (origin.offset, [1, 2])


async def test_a_statement_without_id_keeps_the_id_and_the_time_of_its_first_coordinates(refusing: Stack) -> None:
    origin = await refused_once(refusing, without("id", "timestamp"))
    id_ = made_id(Origin(*origin, 0))

    answer = refusing.run("dlq", "replay", str(origin), "--yes", "--json")

    assert answer.document["outcomes"]["stored"] == 1
    stored = await document(refusing, id_)
    (original,) = [record for record in await records(refusing) if (record.partition, record.offset) == origin[1:]]
    assert stored is not None
    assert stored["timestamp"] == made_timestamp(Origin(*origin, original.timestamp))


async def test_what_was_sent_and_not_noted_is_found_in_the_log(refusing: Stack) -> None:
    origin = await refused_once(refusing, json.dumps(statement()).encode())
    refusing.run("dlq", "replay", str(origin), "--yes", "--json")
    await _execute(refusing, 'UPDATE nljctl.replay SET sent_offset = NULL WHERE topic = :topic AND partition = :partition AND "offset" = :offset', origin)

    answer = refusing.run("dlq", "replay", str(origin), "--yes", "--json")

    assert (answer.document["replayed"], len(await in_the_log(refusing, origin))) == (0, 1)


async def test_what_was_noted_and_not_sent_is_under_way_while_somebody_replays_and_sent_afterwards(refusing: Stack) -> None:
    origin, other = [await refused_once(refusing, json.dumps(statement()).encode()) for _ in range(2)]
    refusing.run("dlq", "replay", str(other), "--yes", "--json")
    await _execute(refusing, "INSERT INTO nljctl.replay VALUES (:topic, :partition, :offset, 1, 0, NULL, 'killed', now())", origin)

    async with database.engine(refusing.settings) as engine, attempts.alone(engine):
        planned = refusing.run("dlq", "replay", str(origin), "--dry-run", "--json")
    answer = refusing.run("dlq", "replay", str(origin), "--yes", "--json")

    assert planned.document["skipped_because"] == {"under way": 1}
    assert (answer.document["replayed"], answer.document["outcomes"]["stored"], len(await in_the_log(refusing, origin))) == (1, 1, 1)


async def test_two_replays_at_once_are_one(refusing: Stack) -> None:
    origin = await refused_once(refusing, json.dumps(statement()).encode())
    async with database.engine(refusing.settings) as engine, attempts.alone(engine):
        answer = refusing.run("dlq", "replay", str(origin), "--yes", "--json")

    assert (answer.code, answer.document["error"]["code"]) == (2, "replay-under-way")
    assert await in_the_log(refusing, origin) == []


async def test_while_no_consumer_runs_the_outcome_is_unknown_and_then_told(refusing: Stack) -> None:
    origin = await refused_once(refusing, json.dumps(statement()).encode())

    answer = refusing.run("dlq", "replay", str(origin), "--yes", "--timeout", "0", "--json", env=NOBODY)
    await passed(refusing, await in_the_log(refusing, origin))

    assert (answer.code, answer.document["replayed"]) == (0, 1)
    (shown,) = refusing.run("dlq", "show", str(origin), "--json").document["items"]
    assert [replay["outcome"] for replay in shown["replays"]] == ["stored"]


@pytest.mark.parametrize("limit", [1, 2])
async def test_at_most_as_many_are_sent_as_the_limit_says(refusing: Stack, limit: int) -> None:
    origins = [await refused_once(refusing, json.dumps(statement()).encode()) for _ in range(3)]
    names = [str(origin) for origin in origins]

    answer = refusing.run("dlq", "replay", *names, "--limit", str(limit), "--yes", "--json")
    rest = refusing.run("dlq", "replay", *names, "--yes", "--json")

    assert (answer.document["count"], answer.document["replayed"], answer.document["skipped"]) == (3, limit, 3 - limit)
    assert answer.document["skipped_because"] == {"beyond --limit": 3 - limit}
    assert (rest.document["replayed"], rest.document["skipped_because"]) == (3 - limit, {"already stored": limit})


async def _execute(stack: Stack, statement_: str, origin: Coordinates) -> None:
    async with database.engine(stack.settings) as engine, engine.begin() as connection:
        await connection.execute(text(statement_), origin._asdict())


async def test_who_loses_the_lock_stops_sending(refusing: Stack) -> None:
    ended = "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' AND classid = 7304"
    async with database.engine(refusing.settings) as engine, attempts.alone(engine) as still_alone:
        await still_alone()
        async with engine.connect() as connection:
            await connection.execute(text(ended))
        with pytest.raises(UnreachableError, match="kept others from replaying"):
            await still_alone()
