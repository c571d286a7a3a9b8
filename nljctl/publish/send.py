"""Sends records to Kafka: paced, batched, with a bounded number under way, and a receipt for each."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass, field

from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError, MessageSizeTooLargeError
from aiokafka.structs import RecordMetadata

from nljctl.errors import NljctlError, UsageError
from nljctl.kafka.client import producer, unreachable
from nljctl.publish.record import Outgoing, Receipt
from nljctl.settings import Settings

_UNDER_WAY = 5_000
_LINGER_MS = 5
_BATCH_BYTES = 128 * 1024


@dataclass
class Pace:
    """When the next record may go: `rate` a second (None: at once), until `duration` seconds are over or `count` are sent."""

    rate: float | None = None
    duration: float | None = None
    count: int | None = None
    _began: float = field(default=0.0, init=False)

    async def allows(self, sent: int) -> bool:
        """Waits for the turn of the record after `sent` others; False when it must not go any more."""
        if self.count is not None and sent >= self.count:
            return False
        now = asyncio.get_running_loop().time()
        if sent == 0:
            self._began = now
        turn = self._began + (sent / self.rate if self.rate else 0.0)
        if self.duration is not None and max(now, turn) >= self._began + self.duration:
            return False
        if turn > now:
            await asyncio.sleep(turn - now)
        return True


async def send(
    settings: Settings,
    records: AsyncIterator[Outgoing],
    pace: Pace,
    *,
    receive: Callable[[Receipt], None],
    sending: Callable[[Outgoing], None] = lambda _: None,
) -> None:
    """Sends until the records or the pace end, and returns when the broker has acknowledged all.

    Args:
        receive: is given each acknowledged record, in the order of sending.
        sending: is told of each record right before it goes.

    Raises:
        UnreachableError: no broker answers, or it stopped answering.
        UsageError: a topic does not exist.
        NljctlError: the broker refuses a record as too large. Whatever was acknowledged has been received.
    """
    async with producer(settings, linger_ms=_LINGER_MS, max_batch_size=_BATCH_BYTES) as client:
        under_way = _UnderWay(settings, receive)
        try:
            topics = await _topics(settings, client)
            sent = 0
            while await pace.allows(sent) and (record := await anext(records, None)) is not None:
                if record.topic not in topics:
                    raise UsageError(f"there is no topic {record.topic} at {settings.kafka}", "`nljctl setup` makes the catalogue's topics; check --topic.")
                sending(record)
                await under_way.hand_over(client, record, record.partition(topics[record.topic]))
                sent += not record.parent
        finally:
            failure = await under_way.finish()
        if failure is not None:
            raise failure


class _UnderWay:
    """Records that the producer has and the broker has not yet acknowledged, oldest first."""

    def __init__(self, settings: Settings, receive: Callable[[Receipt], None]) -> None:
        self._settings = settings
        self._receive = receive
        self._records: deque[tuple[Outgoing, asyncio.Future[RecordMetadata]]] = deque()

    async def hand_over(self, client: AIOKafkaProducer, record: Outgoing, partition: int | None) -> None:
        """Gives a record to the producer; waits for older ones only when too many are under way."""
        key = None if record.key is None else record.key.encode()
        try:
            self._records.append((record, await client.send(record.topic, value=record.value, key=key, partition=partition)))
        except KafkaError as problem:
            raise self._in_words(record, problem) from problem
        while self._records[0][1].done() or len(self._records) > _UNDER_WAY:
            failure = await self._take()
            if failure is not None:
                raise failure
            if not self._records:
                return

    async def finish(self) -> NljctlError | None:
        """Waits for all; the first failure, if any failed."""
        failure = None
        while self._records:
            failed = await self._take()
            failure = failure or failed
        return failure

    async def _take(self) -> NljctlError | None:
        record, future = self._records.popleft()
        try:
            metadata = await future
        except KafkaError as problem:
            return self._in_words(record, problem)
        self._receive(Receipt(record, metadata.partition, metadata.offset))
        return None

    def _in_words(self, record: Outgoing, problem: KafkaError) -> NljctlError:
        if not isinstance(problem, MessageSizeTooLargeError):
            return unreachable(self._settings, problem)
        return NljctlError(
            f"record {record.line} has {len(record.value):,} bytes, more than topic {record.topic} takes",
            f"Leave that line out, or raise max.message.bytes of {record.topic}; the records before it are published.",
            code="record-too-large",
        )


async def _topics(settings: Settings, client: AIOKafkaProducer) -> Mapping[str, int]:
    """The broker's topics and how many partitions each has. Asked for at once: for a topic that does not exist the producer would wait."""
    try:
        metadata = await client.client.fetch_all_metadata()
    except KafkaError as problem:
        raise unreachable(settings, problem) from problem
    return {topic: len(metadata.partitions_for_topic(topic) or ()) for topic in metadata.topics()}
