"""How far the pipeline is behind, over all its topics and members."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from aiokafka import AIOKafkaConsumer, TopicPartition
from sqlalchemy.ext.asyncio import AsyncEngine

from nljctl.effects import progress
from nljctl.effects.plan import Pipeline


async def ends(client: AIOKafkaConsumer, topics: Iterable[str]) -> Mapping[TopicPartition, int]:
    """Where the log ends, for every partition of those topics that exist."""
    tps = [TopicPartition(topic, number) for topic in topics for number in client.partitions_for_topic(topic) or ()]
    found: Mapping[TopicPartition, int] = await client.end_offsets(tps) if tps else {}
    return found


async def lag(engine: AsyncEngine, pipeline: Pipeline, log_ends: Mapping[TopicPartition, int]) -> int | None:
    """Log end minus live progress; None until every partition has a position."""
    async with engine.connect() as connection:
        positions = await progress.read(connection, pipeline)
    if not log_ends or not log_ends.keys() <= positions.keys():
        return None
    return sum(max(0, end - positions[tp].statements_next) for tp, end in log_ends.items())
