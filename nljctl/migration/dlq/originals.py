"""The timestamps that records had in the log: a statement without one of its own happened then."""

from __future__ import annotations

import asyncio
from collections.abc import Collection

from aiokafka.errors import OffsetOutOfRangeError

from nljctl.errors import UnreachableError
from nljctl.kafka.client import consumer
from nljctl.kafka.offsets import spans
from nljctl.migration.dlq.coordinates import Coordinates
from nljctl.settings import Settings

ANSWER_SECONDS = 10.0


async def timestamps(settings: Settings, wanted: Collection[Coordinates]) -> dict[Coordinates, int]:
    """Milliseconds since 1970 by coordinates; those that the log no longer holds are absent.

    Raises:
        UnreachableError: no broker answers.
    """
    found: dict[Coordinates, int] = {}
    # One byte, of which the broker makes one batch: only one record of it is wanted.
    async with consumer(settings, max_partition_fetch_bytes=1) as client:
        log = await spans(client, {coordinates.tp for coordinates in wanted})
        for coordinates in sorted(wanted):
            if not log[coordinates.tp].begin <= coordinates.offset < log[coordinates.tp].end:
                continue
            client.assign([coordinates.tp])
            client.seek(coordinates.tp, coordinates.offset)
            try:
                record = await asyncio.wait_for(client.getone(coordinates.tp), ANSWER_SECONDS)
            except OffsetOutOfRangeError:
                continue
            except TimeoutError as problem:
                raise UnreachableError(f"Kafka did not give {coordinates} within {ANSWER_SECONDS:.0f} s", "See `nljctl health`.") from problem
            if record.offset == coordinates.offset:
                found[coordinates] = record.timestamp
    return found
