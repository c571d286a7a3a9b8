"""Single records of the log, looked at where they lie."""

from __future__ import annotations

from collections.abc import Mapping

from aiokafka import TopicPartition

from nljctl.kafka.client import consumer
from nljctl.kafka.reader import Record
from nljctl.settings import Settings

FETCH_BYTES = 64 * 1024
"""Of a partition. The broker gives at least one batch of records, whatever its size."""


async def look(settings: Settings, places: Mapping[TopicPartition, int]) -> dict[TopicPartition, Record]:
    """The record at each place; absent where the offset holds none. A place must lie inside its partition.

    Raises:
        UnreachableError: no broker answers.
        OffsetOutOfRangeError: the log begins behind a place, or ends before it.
    """
    if not places:
        return {}
    found: dict[TopicPartition, Record] = {}
    async with consumer(settings, max_partition_fetch_bytes=FETCH_BYTES, fetch_max_bytes=16 * FETCH_BYTES) as client:
        client.assign(list(places))
        for tp, offset in places.items():
            client.seek(tp, offset)
        left = set(places)
        while left:
            for tp, records in (await client.getmany(*left, timeout_ms=200)).items():
                if records[0].offset == places[tp]:
                    found[tp] = records[0]
            for tp in list(left):
                if await client.position(tp) > places[tp]:
                    client.pause(tp)
                    left.discard(tp)
    return found
