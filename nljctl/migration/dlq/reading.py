"""Reads the dead-letter topic: once for where everything lies, and again for those letters that are wanted."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from dataclasses import replace

from aiokafka import TopicPartition
from aiokafka.errors import KafkaConnectionError, OffsetOutOfRangeError

from nljctl.errors import ConfigurationError, InconsistentError
from nljctl.kafka.client import admin, consumer, unreachable
from nljctl.kafka.offsets import Span, partitions, spans
from nljctl.kafka.reader import Record, read
from nljctl.migration.dlq.coordinates import Coordinates
from nljctl.migration.dlq.index import Index, Place, Wanted
from nljctl.migration.dlq.letter import Letter, letter_of
from nljctl.settings import Settings

SILENCE_SECONDS = 30.0


async def read_index(settings: Settings, roots: Mapping[Coordinates, Coordinates]) -> Index:
    """Reads the whole topic, to where it ends now.

    Raises:
        ConfigurationError: there is no dead-letter topic.
        UnreachableError: no broker answers.
        InconsistentError: retention removed records meanwhile.
    """
    async with admin(settings) as client:
        tps = await partitions(client, [settings.dead_letter_topic])
    if not tps:
        raise ConfigurationError(f"there is no topic {settings.dead_letter_topic}", "Run `nljctl setup`, or check NLJCTL_DEAD_LETTER_TOPIC.", code="not-set-up")
    async with consumer(settings) as client:
        whole = await spans(client, tps)
    index = Index(roots)
    async for record in answering(settings, whole):
        letter = letter_of(record)
        if letter is None:
            index.foreign += 1
        else:
            index.add(letter.origin, place_of(letter, record), letter.reason)
    return index


async def letters(settings: Settings, index: Index, wanted: Wanted) -> AsyncIterator[Letter]:
    """The latest letter of each origin that is wanted, named by it; of one key, in the order in which they were refused."""
    ranges: dict[TopicPartition, Span] = {}
    for found in index:
        if wanted(found):
            tp = TopicPartition(settings.dead_letter_topic, found.place.partition)
            known = ranges.get(tp, Span(found.place.offset, found.place.offset + 1))
            ranges[tp] = Span(min(known.begin, found.place.offset), max(known.end, found.place.offset + 1))
    async for record in answering(settings, ranges):
        letter = letter_of(record)
        latest = index.latest(letter.origin) if letter is not None else None
        if letter is not None and latest is not None and latest.place == place_of(letter, record) and wanted(latest):
            yield replace(letter, origin=latest.origin)


def place_of(letter: Letter, record: Record) -> Place:
    return Place(letter.at, record.partition, record.offset)


async def answering(settings: Settings, ranges: Mapping[TopicPartition, Span]) -> AsyncIterator[Record]:
    """The records of ranges, as long as the broker gives any.

    Raises:
        UnreachableError: it has given none for `SILENCE_SECONDS`.
        InconsistentError: retention removed records meanwhile.
    """
    batches = read(settings, ranges, at_once=500)
    try:
        while True:
            for record in await asyncio.wait_for(anext(batches), SILENCE_SECONDS):
                yield record
    except StopAsyncIteration:
        return
    except (TimeoutError, KafkaConnectionError) as problem:
        raise unreachable(settings, problem) from problem
    except OffsetOutOfRangeError as problem:
        raise InconsistentError("the topic lost records to retention while it was read", "Run the command again.") from problem
    finally:
        await batches.aclose()
