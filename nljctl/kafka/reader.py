"""Reads ranges of the log, straight from the partitions and without a group."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping
from typing import TypeAlias

from aiokafka import ConsumerRecord, TopicPartition

from nljctl.kafka.client import consumer
from nljctl.kafka.offsets import Span
from nljctl.settings import Settings

Record: TypeAlias = "ConsumerRecord[bytes | None, bytes | None]"


async def read(settings: Settings, ranges: Mapping[TopicPartition, Span], *, at_once: int = 2_000) -> AsyncGenerator[list[Record], None]:
    """The records of each range, in offset order within a partition, in lists of at most `at_once`.

    A range may hold fewer records than offsets: compaction and transaction markers leave gaps. It ends when the position
    has passed it, so a range must end at or below the log's end.

    Raises:
        UnreachableError: no broker answers.
    """
    open_ends = {tp: span.end for tp, span in ranges.items() if len(span)}
    if not open_ends:
        return
    async with consumer(settings) as client:
        client.assign(list(open_ends))
        for tp in open_ends:
            client.seek(tp, ranges[tp].begin)
        while open_ends:
            for tp, records in (await client.getmany(*open_ends, timeout_ms=200, max_records=at_once)).items():
                wanted = [record for record in records if record.offset < open_ends[tp]]
                if wanted:
                    yield wanted
            for tp in list(open_ends):
                if await client.position(tp) >= open_ends[tp]:
                    client.pause(tp)
                    del open_ends[tp]
