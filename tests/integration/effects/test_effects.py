"""Effects on a real Postgres: each once, behind its parent, refused where impossible, whatever order and however often records come."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest
from effects_world import Log, booking, count, program, session
from sqlalchemy.ext.asyncio import AsyncEngine

from nljctl.effects.ledger_tables import applied, parked
from nljctl.effects.plan import Pipeline
from nljctl.effects.platform_tables import training_bookings, training_programs, training_sessions


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
