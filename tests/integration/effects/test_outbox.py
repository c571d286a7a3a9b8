"""What effects announce reaches Kafka: at least once on the wire, once by its id, whoever publishes and whatever fails."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any
from uuid import uuid4

import msgspec
import pytest
from aiokafka import TopicPartition
from aiokafka.errors import KafkaConnectionError
from effects_world import CONTENT, Log, generation, new_id, rows, tell
from sqlalchemy.ext.asyncio import AsyncEngine
from stacks import Stack

from nljctl.effects.ledger_tables import outbox
from nljctl.effects.outbox import AT_ONCE, count_due, publish_due
from nljctl.kafka import client
from nljctl.kafka.offsets import Span
from nljctl.kafka.reader import read
from nljctl.kafka.topics import TopicSpec, ensure_topics
from nljctl.pipelines.announcing import Announcing
from nljctl.settings import Settings


class Wire:
    """Takes records as a broker does. `refuse`: how many it refuses before it takes one."""

    def __init__(self, refuse: int = 0) -> None:
        self.sent: list[tuple[str, bytes, bytes]] = []
        self.refuse = refuse

    async def send_and_wait(self, topic: str, value: bytes, key: bytes) -> None:
        await asyncio.sleep(0)
        if self.refuse:
            self.refuse -= 1
            raise KafkaConnectionError
        self.sent.append((topic, value, key))

    def about(self, *generations: str) -> list[str]:
        """The statement ids sent, of these generations."""
        return [msgspec.json.decode(value)["id"] for _, value, key in self.sent if key.decode() in generations]


async def publish_all(engine: AsyncEngine, wire: Any) -> None:
    while await publish_due(engine, wire):
        pass


@asynccontextmanager
async def announcing(settings: Settings, engine: AsyncEngine) -> AsyncIterator[Announcing]:
    """A consumer's loop, told to stop in the end."""
    stop = asyncio.Event()
    loop = Announcing(settings, engine, logging.getLogger("nljctl.test"), stop, look_seconds=0.05)
    task = asyncio.create_task(loop.run())
    yield loop
    stop.set()
    async with asyncio.timeout(30):
        await task


async def until(holds: Callable[[], Awaitable[bool]]) -> None:
    async with asyncio.timeout(30):
        while True:
            if await holds():
                return
            await asyncio.sleep(0.05)


async def _published(engine: AsyncEngine, key: str) -> bool:
    return not await rows(engine, outbox, ("id",), published_at=None, key=key)


async def _in_trouble(loop: Announcing) -> bool:
    return loop.trouble is not None


async def requested(engine: AsyncEngine, number: int) -> list[str]:
    generations = [new_id() for _ in range(number)]
    await tell(engine, *(generation(one, "requested") for one in generations))
    return generations


async def test_a_request_is_published_as_a_start_once(engine: AsyncEngine) -> None:
    [one] = await requested(engine, 1)
    wire = Wire()
    await publish_all(engine, wire)
    await publish_all(engine, wire)
    assert len(wire.about(one)) == 1
    [(topic, value, _)] = [sent for sent in wire.sent if sent[2].decode() == one]
    assert (topic, msgspec.json.decode(value)["result"]["extensions"]) == (CONTENT, {"http://nlj.platform/extensions/generation_status": "started"})


async def test_publishers_side_by_side_send_each_row_once(engine: AsyncEngine) -> None:
    generations = await requested(engine, AT_ONCE + 50)
    wires = [Wire() for _ in range(3)]
    await asyncio.gather(*(publish_all(engine, wire) for wire in wires))
    sent = [statement for wire in wires for statement in wire.about(*generations)]
    assert len(sent) == len(set(sent)) == len(generations)


async def test_what_the_broker_refused_is_sent_again_and_nothing_else(engine: AsyncEngine) -> None:
    await publish_all(engine, Wire())
    generations = await requested(engine, 3)
    wire = Wire(refuse=1)
    with pytest.raises(KafkaConnectionError):
        await publish_due(engine, wire)
    assert await count_due(engine) == 1
    await publish_all(engine, wire)
    sent = wire.about(*generations)
    assert len(sent) == len(generations)
    assert set(sent) == {found[0] for one in generations for found in await rows(engine, outbox, ("id",), key=one)}


async def test_a_request_handed_over_twice_asks_for_one_run(engine: AsyncEngine) -> None:
    one, log = new_id(), Log(engine)
    log.add(*generation(one, "requested"))
    await log.hand_over(0, 1)
    await log.hand_over(0, 1)
    assert len(await rows(engine, outbox, ("id",), key=one)) == 1


async def test_the_loop_publishes_what_comes_and_ends_when_told(engine: AsyncEngine, stack: Stack) -> None:
    async with announcing(stack.settings, engine) as loop:
        [one] = await requested(engine, 1)
        await until(lambda: _published(engine, one))
        assert await loop.settled()
    assert loop.published >= 1
    assert loop.trouble is None


async def test_a_broker_that_is_away_is_said_and_keeps_nobody_from_ending(engine: AsyncEngine, stack: Stack) -> None:
    [one] = await requested(engine, 1)
    nowhere = replace(stack.settings, values={**stack.settings.values, "kafka": "127.0.0.1:9"})
    async with announcing(nowhere, engine) as loop:
        await until(lambda: _in_trouble(loop))
        assert loop.due is not None
        assert loop.due >= 1
        assert await loop.settled()
    assert loop.published == 0
    assert len(await rows(engine, outbox, ("id",), published_at=None, key=one)) == 1


async def test_the_topic_holds_what_was_published(engine: AsyncEngine, stack: Stack) -> None:
    topic, row = f"test.outbox.{uuid4()}", {"id": new_id(), "key": "a key", "statement": b'{"id": "1"}'}
    await ensure_topics(stack.settings, [TopicSpec(topic, 1, 1)])
    await publish_all(engine, Wire())
    async with engine.begin() as connection:
        await connection.execute(outbox.insert().values(topic=topic, **row))
    async with client.producer(stack.settings) as producer:
        assert await publish_due(engine, producer) == 1
    found = [(record.key, record.value) async for records in read(stack.settings, {TopicPartition(topic, 0): Span(0, 1)}) for record in records]
    assert found == [(b"a key", row["statement"])]
