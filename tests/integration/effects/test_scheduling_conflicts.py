"""A session against others is scheduled all the same, and the conflict is announced once."""

from __future__ import annotations

import asyncio
from typing import Any

import msgspec
from effects_world import COACH, Record, new_id, program, session, session_cancelled, tell
from sqlalchemy import cast, select
from sqlalchemy.dialects.postgresql import BYTEA
from sqlalchemy.ext.asyncio import AsyncEngine

from nljctl.catalogue.classify import classify
from nljctl.catalogue.names import X
from nljctl.effects.ledger_tables import outbox
from nljctl.judge import judge
from nljctl.judgement import Origin, Verdict

TOPIC = "nlj.training.conflicts"


async def announced(engine: AsyncEngine, *sessions: str) -> list[dict[str, Any]]:
    """What the outbox says of these sessions."""
    async with engine.connect() as connection:
        found = (await connection.execute(select(cast(outbox.c.statement, BYTEA)).where(outbox.c.topic == TOPIC))).scalars()
        statements = [msgspec.json.decode(row) for row in found]
    return [said for said in statements if said["object"]["id"].rsplit("/", 1)[-1] in sessions]


def extension(statement: dict[str, Any], name: str) -> Any:
    return statement["context"]["extensions"][X + name]


async def test_two_sessions_in_one_room_at_one_time_are_a_conflict(engine: AsyncEngine) -> None:
    one, first, second = new_id(), new_id(), new_id()
    await tell(engine, program(one), session(first, one), session(second, one))
    [conflict] = await announced(engine, first, second)
    assert (extension(conflict, "conflict_type"), extension(conflict, "conflicting_sessions")) == ("location_conflict", [first])
    assert conflict["id"] == extension(conflict, "conflict_id")


async def test_what_is_announced_is_an_event_of_the_catalogue_and_valid(engine: AsyncEngine) -> None:
    one, first, second = new_id(), new_id(), new_id()
    await tell(engine, program(one), session(first, one), session(second, one))
    [conflict] = await announced(engine, first, second)
    judgement = judge(msgspec.json.encode(conflict), Origin(TOPIC, 0, 0, 0))
    match = classify(TOPIC, conflict)
    assert (judgement.verdict, judgement.repairs, match and match.event) == (Verdict.ACCEPTED, (), "session.conflict")


async def test_one_instructor_in_two_rooms_is_a_conflict(engine: AsyncEngine) -> None:
    one, first, second = new_id(), new_id(), new_id()
    rooms = [session(first, one, location=new_id(), instructor_id=COACH.id), session(second, one, location=new_id(), instructor_id=COACH.id)]
    await tell(engine, program(one), *rooms)
    [conflict] = await announced(engine, second)
    assert extension(conflict, "conflict_type") == "instructor_conflict"
    assert first in extension(conflict, "conflicting_sessions")


async def test_other_rooms_other_times_and_cancelled_sessions_are_in_nobodys_way(engine: AsyncEngine) -> None:
    one, other_room, later, cancelled, last = (new_id() for _ in range(5))
    afternoon = {"start_time": "2026-04-01T11:00:00+00:00", "end_time": "2026-04-01T13:00:00+00:00"}
    records: list[Record] = [program(one), session(other_room, one, location=new_id()), session(later, one, **afternoon)]
    await tell(engine, *records, session(cancelled, one), session_cancelled(cancelled), session(last, one))
    assert await announced(engine, other_room, later, cancelled, last) == []


async def test_of_two_sessions_scheduled_at_the_same_instant_one_sees_the_other(engine: AsyncEngine) -> None:
    for _ in range(20):
        one, first, second = new_id(), new_id(), new_id()
        await tell(engine, program(one))
        await asyncio.gather(tell(engine, session(first, one)), tell(engine, session(second, one)))
        assert len(await announced(engine, first, second)) == 1
