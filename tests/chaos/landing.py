"""Where a kill fell, told from what a dead member has left behind on each side of its rows in Postgres."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from aiokafka import TopicPartition
from positions import Positions, positions
from sqlalchemy import select

from nljctl.effects import database
from nljctl.effects.ledger_tables import progress
from nljctl.effects.plan import Pipeline, Role
from nljctl.kafka.client import admin, consumer
from nljctl.kafka.offsets import Span, partitions, spans
from nljctl.kafka.reader import read
from nljctl.settings import Settings
from nljctl.store.client import elasticsearch

AFTER_BULK = "after the bulk, before Postgres"
AFTER_LETTER = "after a dead letter, before Postgres"
AFTER_POSTGRES = "after Postgres, before Kafka"
AFTER_KAFKA = "after Kafka, or idle"
MOMENTS = (AFTER_BULK, AFTER_LETTER, AFTER_POSTGRES, AFTER_KAFKA)

RECENT_LETTERS = 2_000
"""How far back in each partition of the dead-letter topic an unfinished batch's letters may lie."""


@dataclass(frozen=True, slots=True)
class Landing:
    """`moments`: each one that the kill fell into; with three batches under way that can be several. `ahead`: what must never be."""

    moments: Collection[str]
    ahead: Collection[str]


async def landing(settings: Settings, others: Collection[TopicPartition], since: datetime) -> Landing:
    """Looks at the partitions that no other member holds, and there at what was written from `since` on: what is older an earlier kill has left."""
    found = await positions(settings)
    own = {tp: found.progress.get(tp, 0) for tp in found.ends if tp not in others}
    moments = []
    if await _documents_beyond(settings, own, since):
        moments.append(AFTER_BULK)
    if await _letters_beyond(settings, own, since):
        moments.append(AFTER_LETTER)
    if await _committed_behind(settings, found, own, since):
        moments.append(AFTER_POSTGRES)
    return Landing(moments or [AFTER_KAFKA], found.ahead)


async def _documents_beyond(settings: Settings, own: Mapping[TopicPartition, int], since: datetime) -> bool:
    beyond = [
        {
            "bool": {
                "filter": [{"term": {"nljctl.topic": tp.topic}}, {"term": {"nljctl.partition": tp.partition}}, {"range": {"nljctl.offset": {"gte": offset}}}]
            }
        }
        for tp, offset in own.items()
    ]
    if not beyond:
        return False
    recent = {"range": {"stored": {"gte": since.isoformat(timespec="milliseconds")}}}
    async with elasticsearch(settings) as client:
        await client.indices.refresh(index=settings.index)
        answer = await client.search(index=settings.index, query={"bool": {"filter": [recent, {"bool": {"should": beyond}}]}}, size=0, terminate_after=1)
    return bool(answer["hits"]["total"]["value"])


async def _letters_beyond(settings: Settings, own: Mapping[TopicPartition, int], since: datetime) -> bool:
    async with admin(settings) as client:
        tps = await partitions(client, [settings.dead_letter_topic])
    async with consumer(settings) as client:
        ranges = {tp: Span(max(span.begin, span.end - RECENT_LETTERS), span.end) for tp, span in (await spans(client, tps)).items()}
    async for records in read(settings, ranges):
        for record in records:
            headers = {name: value.decode() for name, value in record.headers}
            tp = TopicPartition(headers["nljctl-topic"], int(headers["nljctl-partition"]))
            if tp in own and int(headers["nljctl-offset"]) >= own[tp] and datetime.fromisoformat(headers["nljctl-at"]) >= since:
                return True
    return False


async def _committed_behind(settings: Settings, found: Positions, own: Mapping[TopicPartition, int], since: datetime) -> bool:
    c = progress.c
    moved = select(c.topic, c.partition).where(c.pipeline == Pipeline.FASTSTREAM, c.role == Role.LIVE, c.at >= since)
    async with database.engine(settings) as engine, engine.connect() as connection:
        recent = [TopicPartition(row.topic, row.partition) for row in await connection.execute(moved)]
    return any(found.committed.get(tp, 0) < own[tp] for tp in recent if tp in own)
