"""Whether the log is still the one that progress speaks of: what the broker is asked for it, and the consumer's end if it is not."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Protocol

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import KafkaError
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine

from nljctl.effects import database, progress, topic_generations
from nljctl.effects.continuity import Found, Known, Mark, broken, made_anew, mark_of
from nljctl.effects.plan import Pipeline
from nljctl.kafka.look import look
from nljctl.kafka.offsets import Span
from nljctl.kafka.topic_ids import topic_ids
from nljctl.pipelines.patience import away
from nljctl.settings import Settings

GUARD_SECONDS = 2.0
ANSWER_SECONDS = 5.0


class Identity(Protocol):
    """What a log tells of itself. Either may raise what says that Kafka is away."""

    async def topic_ids(self, topics: Collection[str]) -> Mapping[str, str]:
        """Ids by topic; a topic whose id nobody tells is absent."""

    async def marks(self, places: Mapping[TopicPartition, int]) -> Mapping[TopicPartition, Mark]:
        """Of the records at those offsets; absent where none lies there. The places lie inside the log."""


@dataclass(frozen=True, slots=True)
class KafkaIdentity:
    """The platform's. `client` is any consumer that is connected; records are read by one of its own."""

    settings: Settings
    client: AIOKafkaConsumer

    async def topic_ids(self, topics: Collection[str]) -> Mapping[str, str]:
        return await topic_ids(self.client, topics)

    async def marks(self, places: Mapping[TopicPartition, int]) -> Mapping[TopicPartition, Mark]:
        return {tp: mark_of(record) for tp, record in (await look(self.settings, places)).items()}


async def find(identity: Identity, known: Mapping[TopicPartition, Known], spans: Mapping[TopicPartition, Span]) -> dict[TopicPartition, Found]:
    """What the broker says of each partition that something is known of."""
    ids = await identity.topic_ids({tp.topic for tp in known})
    places = {
        tp: each.mark.offset for tp, each in known.items() if each.mark is not None and tp in spans and spans[tp].begin <= each.mark.offset < spans[tp].end
    }
    marks = await identity.marks(places)
    return {tp: Found(spans[tp], marks.get(tp), ids.get(tp.topic)) for tp in known if tp in spans}


def expect_same(known: Mapping[TopicPartition, Known], found: Mapping[TopicPartition, Found]) -> None:
    """Raises if a partition is another log than the one that is known.

    Raises:
        InconsistentError: it is; says which, why, and what to do.
    """
    breaks = [(tp, why) for tp, each in found.items() if (why := broken(known[tp], each))]
    if breaks:
        raise made_anew(breaks)


async def guard(client: AIOKafkaConsumer, engine: AsyncEngine, pipeline: Pipeline) -> None:
    """Looks for as long as the consumer runs. Without it a topic made anew would be read on at the old position, and its beginning never.

    By ids and ends alone, which is cheap; what a service that is away keeps it from seeing it sees later.

    Raises:
        InconsistentError: as `expect_same`.
    """
    while True:
        await asyncio.sleep(GUARD_SECONDS)
        try:
            async with asyncio.timeout(ANSWER_SECONDS):
                known, found = await _glance(client, engine, pipeline)
        except (KafkaError, DBAPIError, *database.Unavailable) as problem:
            if away(problem) is None:
                raise
        else:
            expect_same(known, found)


async def _glance(client: AIOKafkaConsumer, engine: AsyncEngine, pipeline: Pipeline) -> tuple[Mapping[TopicPartition, Known], Mapping[TopicPartition, Found]]:
    """Positions first and then the ends: so none is ever beyond its end because it has just moved."""
    async with engine.connect() as connection:
        positions = await progress.read(connection, pipeline)
        known_ids = await topic_generations.topic_ids(connection)
    ids = await topic_ids(client, {tp.topic for tp in positions})
    # A consumer that has lost a topic hears of a new one of that name only minutes later: until then its id alone can tell.
    heard_of = [tp for tp in positions if tp.partition in (client.partitions_for_topic(tp.topic) or ())]
    ends = await client.end_offsets(heard_of) if heard_of else {}
    known = {tp: Known(position.statements_next, topic_id=known_ids.get(tp.topic)) for tp, position in positions.items()}
    return known, {tp: Found(Span(0, ends.get(tp, each.position)), topic_id=ids.get(tp.topic)) for tp, each in known.items()}
