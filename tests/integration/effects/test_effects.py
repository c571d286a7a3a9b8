"""Effects on a real Postgres: each once, behind its parent, refused where impossible, whatever order and however often records come."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any
from uuid import uuid4

import msgspec
import pytest
from aiokafka import TopicPartition
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncEngine

from nljctl.catalogue.names import N, X
from nljctl.catalogue.people import PEOPLE
from nljctl.effects import database, progress
from nljctl.effects.batch import Batch, BatchResult, Entry
from nljctl.effects.ledger_tables import applied, parked
from nljctl.effects.plan import Pipeline, Role
from nljctl.effects.platform_tables import training_bookings, training_programs, training_sessions
from nljctl.effects.transaction import EffectsWriter
from nljctl.judge import judge
from nljctl.judgement import Origin
from nljctl.kafka.offsets import Span

LEARNER = next(person for person in PEOPLE if person.role == "LEARNER")
COACH = next(person for person in PEOPLE if person.role == "CREATOR")


class Log:
    """A log of one partition under a name of its own, whose records a pipeline is handed in batches."""

    def __init__(self, engine: AsyncEngine, pipeline: Pipeline = Pipeline.LEGACY) -> None:
        self.tp = TopicPartition(f"test.{uuid4()}", 0)
        self.engine = engine
        self.pipeline = pipeline
        self.records: list[tuple[str, dict[str, Any]]] = []

    def add(self, topic: str, statement: dict[str, Any]) -> None:
        self.records.append((topic, statement))

    async def hand_over(self, begin: int, end: int) -> BatchResult:
        async with self.engine.begin() as connection:
            await progress.ensure(connection, self.pipeline, Role.LIVE, {self.tp: 0})
        entries = [self._entry(offset) for offset in range(begin, end)]
        return await EffectsWriter(self.engine, self.pipeline).write(Batch({self.tp: Span(begin, end)}, entries))

    def _entry(self, offset: int) -> Entry:
        topic, statement = self.records[offset]
        judgement = judge(msgspec.json.encode(statement), Origin(topic, 0, offset, 1_741_000_000_000))
        return Entry(self.tp, offset, judgement)


@pytest.fixture
async def engine(stack: Any) -> AsyncIterator[AsyncEngine]:
    async with database.engine(stack.settings) as created:
        yield created


def statement(verb: str, object_id: str, extensions: dict[str, Any], user: str = LEARNER.id) -> dict[str, Any]:
    return {
        "id": str(uuid4()),
        "version": "1.0.3",
        "timestamp": "2026-03-01T09:00:00+00:00",
        "actor": {"objectType": "Agent", "account": {"homePage": "http://nlj.platform", "name": user}},
        "verb": {"id": verb},
        "object": {"objectType": "Activity", "id": object_id, "definition": {"name": {"en-US": "Brakes"}}},
        "context": {"extensions": {X + name: value for name, value in extensions.items()}},
    }


def program(program_id: str) -> tuple[str, dict[str, Any]]:
    verb = "http://adlnet.gov/expapi/verbs/authored"
    return "nlj.training.programs", statement(verb, f"{N}training-programs/{program_id}", {"learning_objectives": []}, COACH.id)


def session(session_id: str, program_id: str, capacity: int = 1) -> tuple[str, dict[str, Any]]:
    times = {"start_time": "2026-04-01T09:00:00+00:00", "end_time": "2026-04-01T11:00:00+00:00"}
    extensions = {"program_id": program_id, "location": "Bay 2", "capacity": capacity, **times}
    return "nlj.training.sessions", statement("http://activitystrea.ms/schema/1.0/schedule", f"{N}training-sessions/{session_id}", extensions, COACH.id)


def booking(booking_id: str, session_id: str, user: str = LEARNER.id) -> tuple[str, dict[str, Any]]:
    extensions = {"booking_id": booking_id, "registration_method": "online", "special_requirements": {}}
    return "nlj.training.bookings", statement("http://adlnet.gov/expapi/verbs/asked", f"{N}training-sessions/{session_id}", extensions, user)


async def count(engine: AsyncEngine, table: Any, **where: Any) -> int:
    async with engine.connect() as connection:
        found = select(func.count()).select_from(table).where(*(table.c[name] == value for name, value in where.items()))
        result: int = (await connection.execute(found)).scalar_one()
        return result


async def test_a_batch_handed_over_twice_is_applied_once(engine: AsyncEngine) -> None:
    log, one, other = Log(engine), str(uuid4()), str(uuid4())
    log.add(*program(one))
    log.add(*session(other, one))
    first, again = await log.hand_over(0, 2), await log.hand_over(0, 2)
    assert (first.effects.applied, again.effects.applied, again.counted) == (2, 0, 0)
    assert await count(engine, training_programs, id=one) == 1


async def test_a_statement_sent_twice_by_its_producer_has_one_effect(engine: AsyncEngine) -> None:
    log, one = Log(engine), str(uuid4())
    topic, made = program(one)
    log.add(topic, made)
    log.add(topic, made)
    assert (await log.hand_over(0, 2)).effects.applied == 1


async def test_bookings_before_their_session_are_parked_and_applied_when_it_comes(engine: AsyncEngine) -> None:
    log, one, meeting, seat = Log(engine), str(uuid4()), str(uuid4()), str(uuid4())
    log.add(*booking(seat, meeting))
    log.add(*session(meeting, one))
    log.add(*program(one))
    waiting = await log.hand_over(0, 1)
    assert (waiting.effects.parked, await count(engine, parked, waits_for=f"session:{meeting}")) == (1, 1)
    await log.hand_over(1, 3)
    assert await count(engine, training_bookings, id=seat, booking_status="confirmed") == 1
    assert await count(engine, parked, topic=log.tp.topic) == 0


async def test_the_second_of_two_for_one_seat_waits(engine: AsyncEngine) -> None:
    log, one, meeting = Log(engine), str(uuid4()), str(uuid4())
    seats = [str(uuid4()), str(uuid4())]
    for record in (program(one), session(meeting, one, capacity=1), booking(seats[0], meeting), booking(seats[1], meeting)):
        log.add(*record)
    await log.hand_over(0, 4)
    assert await count(engine, training_bookings, id=seats[0], booking_status="confirmed") == 1
    assert await count(engine, training_bookings, id=seats[1], booking_status="waitlist", waitlist_position=1) == 1


async def test_an_unknown_learner_is_refused_and_stops_nobody(engine: AsyncEngine) -> None:
    log, one, meeting, seat = Log(engine), str(uuid4()), str(uuid4()), str(uuid4())
    for record in (program(one), session(meeting, one), booking(str(uuid4()), meeting, user=str(uuid4())), booking(seat, meeting)):
        log.add(*record)
    result = await log.hand_over(0, 4)
    assert (result.effects.applied, result.effects.refused) == (3, 1)
    assert await count(engine, applied, topic=log.tp.topic, result="refused", sqlstate="23503") == 1
    assert await count(engine, training_bookings, id=seat, booking_status="confirmed") == 1


@pytest.mark.parametrize("capacity", [10**12, -1, "many"])
async def test_an_impossible_number_is_refused_and_stops_nobody(engine: AsyncEngine, capacity: Any) -> None:
    log, one, meeting = Log(engine), str(uuid4()), str(uuid4())
    log.add(*program(one))
    log.add(*session(meeting, one, capacity=capacity))
    result = await log.hand_over(0, 2)
    assert (result.effects.applied, result.effects.refused) == (1, 1)
    assert await count(engine, training_sessions, id=meeting) == 0


async def test_a_text_that_is_too_long_is_refused(engine: AsyncEngine) -> None:
    log = Log(engine)
    topic, made = program(str(uuid4()))
    made["object"]["definition"]["name"]["en-US"] = "x" * 300
    log.add(topic, made)
    assert (await log.hand_over(0, 1)).effects.refused == 1
    assert await count(engine, applied, topic=log.tp.topic, sqlstate="22001") == 1


async def test_an_event_that_the_judge_rejects_has_no_effect_and_stops_nobody(engine: AsyncEngine) -> None:
    log, good, bad = Log(engine), str(uuid4()), str(uuid4())
    topic, made = program(bad)
    log.add(topic, {**made, "timestamp": "yesterday"})
    log.add(*program(good))
    result = await log.hand_over(0, 2)
    assert (result.counted, result.effects.applied, result.effects.refused) == (2, 1, 0)
    assert await count(engine, training_programs, id=bad) == 0


async def test_the_pipeline_that_does_not_own_a_record_leaves_it_alone(engine: AsyncEngine) -> None:
    log, one = Log(engine, Pipeline.FASTSTREAM), str(uuid4())
    log.add(*program(one))
    result = await log.hand_over(0, 1)
    assert (result.effects.applied, result.effects.not_owned) == (0, 1)
    assert await count(engine, training_programs, id=one) == 0


async def test_a_claim_beyond_the_position_is_refused_and_told_where_to_read(engine: AsyncEngine) -> None:
    log, one = Log(engine), str(uuid4())
    log.add(*program(str(uuid4())))
    log.add(*program(one))
    result = await log.hand_over(1, 2)
    assert (result.seek[log.tp], result.counted, await count(engine, training_programs, id=one)) == (0, 0, 0)
