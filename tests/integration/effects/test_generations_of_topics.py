"""What a new generation of a topic changes in Postgres: old batches, old fences and old coordinates say nothing of it."""

from __future__ import annotations

from typing import Any

import pytest
from aiokafka import TopicPartition
from effects_world import LEARNERS, Log, booking, new_id, program, rows, session
from sqlalchemy.ext.asyncio import AsyncEngine

from nljctl.effects import plans, topic_generations
from nljctl.effects.ledger_tables import applied, epoch, fence, outcome, parked, topic_generation
from nljctl.effects.ledger_tables import progress as progress_table
from nljctl.effects.platform_tables import training_bookings
from nljctl.errors import InconsistentError


async def begin_anew(engine: AsyncEngine, log: Log) -> None:
    """As `nljctl new-generation` does it; the log itself is a new one then."""
    log.records.clear()
    async with engine.begin() as connection:
        row = {"topic": log.tp.topic, "number": log.generation + 1, "by": "a test", "reason": "a test"}
        await connection.execute(topic_generation.insert().values(row))
        begun = {"statements_next": 0, "effects_next": 0, "generation": log.generation + 1}
        await connection.execute(progress_table.update().where(progress_table.c.topic == log.tp.topic).values(begun))


async def test_a_batch_of_an_earlier_generation_is_refused_whole(engine: AsyncEngine) -> None:
    log = Log(engine)
    log.add(*program(new_id()))
    await log.hand_over(0, 1)
    await begin_anew(engine, log)
    another = program(new_id())
    log.add(*another)
    with pytest.raises(InconsistentError, match="was made anew"):
        await log.hand_over(0, 1)
    assert await rows(engine, applied, ("event",), statement_id=another[1]["id"]) == []
    log.generation = 1
    await log.hand_over(0, 1)
    assert len(await rows(engine, applied, ("event",), statement_id=another[1]["id"], generation=1)) == 1


async def test_events_parked_at_the_same_offset_of_two_generations_are_both_applied_when_their_parent_comes(engine: AsyncEngine) -> None:
    course, meeting, bookings = new_id(), new_id(), [new_id(), new_id()]
    log = Log(engine)
    log.add(*booking(bookings[0], meeting))
    await log.hand_over(0, 1)
    await begin_anew(engine, log)
    log.generation = 1
    log.add(*booking(bookings[1], meeting, LEARNERS[1].id))
    await log.hand_over(0, 1)
    assert len(await rows(engine, parked, ("offset",), topic=log.tp.topic)) == 2
    log.add(*program(course))
    log.add(*session(meeting, course))
    await log.hand_over(1, 3)
    assert await rows(engine, parked, ("offset",), topic=log.tp.topic) == []
    assert len(await rows(engine, training_bookings, ("id",), session_id=meeting)) == 2


async def test_fences_of_an_earlier_generation_are_none(engine: AsyncEngine) -> None:
    tp = TopicPartition(f"test.{new_id()}", 0)
    async with engine.connect() as connection, connection.begin() as transaction:
        number = (await plans.newest(connection) or 0) + 1
        row: dict[str, Any] = {"number": number, "share": 0, "salt": "1", "kind": "shift", "state": "shifting", "by": "", "reason": ""}
        await connection.execute(epoch.insert().values(row))
        await connection.execute(fence.insert().values(epoch=number, topic=tp.topic, partition=0, offset=100))
        before = await plans.version(connection)
        assert (await plans.read_plan(connection))[-1].fence(tp) == 100
        await connection.execute(topic_generation.insert().values(topic=tp.topic, number=1, by="a test", reason="a test"))
        assert (await plans.read_plan(connection))[-1].fence(tp) == 0
        assert await plans.version(connection) != before
        await transaction.rollback()


async def test_an_outcome_at_the_same_offset_of_another_generation_is_another_one(engine: AsyncEngine) -> None:
    log = Log(engine)
    where = {"pipeline": "legacy", "topic": log.tp.topic, "partition": 0, "offset": 0}
    async with engine.begin() as connection:
        await connection.execute(outcome.insert().values(**where, kind="failed"))
        await connection.execute(outcome.insert().values(**where, kind="refused", generation=1))
        await connection.execute(topic_generation.insert().values(topic=log.tp.topic, number=1, by="a test", reason="a test"))
        present = outcome.select().where(outcome.c.topic == log.tp.topic, outcome.c.generation == topic_generations.current(outcome.c.topic))
        assert [row.kind for row in await connection.execute(present)] == ["refused"]


async def test_an_id_once_known_is_not_overwritten(engine: AsyncEngine) -> None:
    topic = f"test.{new_id()}"
    async with engine.connect() as connection, connection.begin() as transaction:
        await topic_generations.note_ids(connection, {topic: "first"})
        await topic_generations.note_ids(connection, {topic: "second"})
        assert (await topic_generations.topic_ids(connection))[topic] == "first"
        await connection.execute(topic_generation.insert().values(topic=topic, number=1, by="a test", reason="a test"))
        assert topic not in await topic_generations.topic_ids(connection)
        await topic_generations.note_ids(connection, {topic: "second"})
        assert (await topic_generations.topic_ids(connection))[topic] == "second"
        await transaction.rollback()
