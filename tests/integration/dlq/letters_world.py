"""Records that become dead letters, letters that an earlier release wrote, and how the stack's log and index look."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import uuid4

from aiokafka import TopicPartition
from stacks import Stack

from nljctl.effects import database, progress
from nljctl.effects.plan import Pipeline
from nljctl.judgement import Origin
from nljctl.kafka.client import consumer, producer
from nljctl.kafka.offsets import spans
from nljctl.kafka.reader import Record, read
from nljctl.migration.dlq.coordinates import Coordinates
from nljctl.pipelines.faststream.deadletters import DeadLetter
from nljctl.store.client import elasticsearch

TOPIC = "nlj.learning.activities"
PATIENCE_SECONDS = 60


def statement(**members: Any) -> dict[str, Any]:
    return {
        "id": str(uuid4()),
        "version": "1.0.3",
        "timestamp": "2026-03-01T09:00:00Z",
        "actor": {"mbox": "mailto:sam@example.org"},
        "verb": {"id": "http://adlnet.gov/expapi/verbs/experienced"},
        "object": {"id": "http://nlj.platform/activities/brakes"},
        **members,
    }


def without(*names: str) -> bytes:
    return json.dumps({name: value for name, value in statement().items() if name not in names}).encode()


async def publish(stack: Stack, values: Sequence[bytes], *, partition: int | None = None, topic: str = TOPIC) -> list[Coordinates]:
    """Sends values under one key; returns when faststream has passed all of them."""
    async with producer(stack.settings) as client:
        sent = [await client.send_and_wait(topic, value=value, key=b"sam", partition=partition) for value in values]
    coordinates = [Coordinates(receipt.topic, receipt.partition, receipt.offset) for receipt in sent]
    await passed(stack, coordinates)
    return coordinates


async def passed(stack: Stack, coordinates: Sequence[Coordinates]) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    async with database.engine(stack.settings) as engine:
        while True:
            async with engine.connect() as connection:
                positions = await progress.read(connection, Pipeline.FASTSTREAM)
            if all(each.tp in positions and positions[each.tp].statements_next > each.offset for each in coordinates):
                return
            assert time.monotonic() < deadline, f"faststream did not pass {coordinates}"
            await asyncio.sleep(0.1)


async def refused_once(stack: Stack, value: bytes) -> Coordinates:
    """A dead letter as a release wrote it that refused this value; gives the coordinates of its original, which is in the log and past faststream."""
    (origin,) = await refused(stack, [value])
    return origin


async def refused(stack: Stack, values: Sequence[bytes]) -> list[Coordinates]:
    """The same of several values."""
    origins = await publish(stack, [f"stands for {uuid4()}".encode() for _ in values])
    await asyncio.sleep(0.01)  # dead letters are told apart by milliseconds: the later one counts
    async with producer(stack.settings) as client:
        for origin, value in zip(origins, values, strict=True):
            letter = DeadLetter(Origin(*origin, 0), b"sam", value, "invalid-xapi", "old-rule", "/verb")
            await client.send_and_wait(stack.settings.dead_letter_topic, value=value, key=b"sam", headers=letter.headers())
    return origins


async def ends(stack: Stack, topic: str = TOPIC) -> int:
    """How many records a topic has ever held."""
    async with consumer(stack.settings) as client:
        tps = [TopicPartition(topic, number) for number in range(6)]
        return sum(span.end for span in (await spans(client, tps)).values())


async def records(stack: Stack, topic: str = TOPIC) -> list[Record]:
    async with consumer(stack.settings) as client:
        held = await spans(client, [TopicPartition(topic, number) for number in range(6)])
    return [record async for some in read(stack.settings, held) for record in some]


async def document(stack: Stack, id_: str) -> Mapping[str, Any] | None:
    """The stored document of a statement."""
    async with elasticsearch(stack.settings) as client:
        answer = await client.options(ignore_status=404).get(index=stack.settings.index, id=id_, realtime=True)
    return dict(answer["_source"]) if answer.get("found") else None
