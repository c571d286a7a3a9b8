"""The FastStream side: one batch subscriber over all topics that takes raw bytes, and the rebalance listener behind it.

Acknowledgement is manual and offsets are explicit (FastStream's own `ack` commits the positions of everything that is assigned).
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from aiokafka import AIOKafkaConsumer, ConsumerRebalanceListener, TopicPartition
from faststream import AckPolicy
from faststream.kafka import KafkaBroker
from faststream.kafka.message import KafkaAckableMessage

from nljctl.catalogue.topics import SUBSCRIBED
from nljctl.kafka.reader import Record
from nljctl.pipelines.faststream.batch_size import FIRST
from nljctl.pipelines.faststream.flow import Flow
from nljctl.pipelines.patience import patiently
from nljctl.pipelines.positions import Start
from nljctl.pipelines.pressure import Pressure
from nljctl.settings import Settings

log = logging.getLogger("nljctl.faststream")

FETCH_BYTES = 1024 * 1024
MOST_FETCH_BYTES = 8 * FETCH_BYTES
"""Of one answer, whatever the number of partitions: more is faster by little, and costs memory."""
SESSION_TIMEOUT_MS = 15_000
MAX_POLL_INTERVAL_MS = 24 * 60 * 60 * 1000
"""Long, because a consumer that waits for Elasticsearch does not poll and must stay a member; heartbeats go on meanwhile."""


class Assignment(ConsumerRebalanceListener):
    """Takes over and gives up partitions. aiokafka swallows what a listener raises, so trouble is waited out here or ends the consumer."""

    def __init__(
        self,
        consumer: Callable[[], AIOKafkaConsumer | None],
        take_over: Callable[[AIOKafkaConsumer, Sequence[TopicPartition]], Awaitable[Start]],
        pressure: Pressure,
        failed: Callable[[BaseException], None],
    ) -> None:
        self._consumer = consumer
        self._take_over = take_over
        self._pressure = pressure
        self._failed = failed
        self.flow: Flow | None = None

    async def on_partitions_revoked(self, revoked: Sequence[TopicPartition]) -> None:
        if self.flow is not None:
            await self.flow.revoke(list(revoked))

    async def on_partitions_assigned(self, assigned: Sequence[TopicPartition]) -> None:
        consumer = self._consumer()
        if consumer is None or self.flow is None or not assigned:
            return
        consumer.pause(*assigned)  # before anything is awaited: nothing may be fetched from a position that is not Postgres'
        try:
            start = await patiently(lambda: self._take_over(consumer, list(assigned)), self._pressure)
        except Exception as problem:  # noqa: BLE001  # aiokafka would log it and go on reading from the wrong place; this ends the consumer with it
            self._failed(problem)
            return
        for tp, offset in start.seek.items():
            consumer.seek(tp, offset)
        self.flow.begin(start.positions, start.first)
        consumer.resume(*assigned)
        log.info("assigned %d partitions", len(assigned))


def subscribe(broker: KafkaBroker, settings: Settings, listener: Assignment, submit: Callable[[Sequence[Record]], Awaitable[None]]) -> Any:
    """Registers the one subscriber of this group member; gives it, for its `consumer`."""

    async def parse(records: tuple[Record, ...]) -> KafkaAckableMessage:
        # FastStream's own parser decodes headers and drops a batch in which one has no value.
        first, last = records[0], records[-1]
        return KafkaAckableMessage(
            body=[record.value or b"" for record in records],
            headers={},
            batch_headers=[],
            content_type=None,
            reply_to="",
            message_id=f"{first.topic}/{first.partition}:{first.offset}-{last.topic}/{last.partition}:{last.offset}",
            correlation_id=None,
            raw_message=records,
            consumer=subscriber.consumer,
        )

    async def decode(message: KafkaAckableMessage) -> Any:
        return message.raw_message

    subscriber = broker.subscriber(
        *SUBSCRIBED,
        group_id=settings.group,
        group_instance_id=settings.kafka_group_instance_id,
        batch=True,
        max_records=FIRST,
        max_partition_fetch_bytes=FETCH_BYTES,
        fetch_max_bytes=MOST_FETCH_BYTES,
        session_timeout_ms=SESSION_TIMEOUT_MS,
        max_poll_interval_ms=MAX_POLL_INTERVAL_MS,
        auto_offset_reset="earliest",
        ack_policy=AckPolicy.MANUAL,
        listener=listener,
        parser=parse,
        decoder=decode,
        title="statements",
        description="Every topic of the catalogue, as raw bytes: judged, stored in Elasticsearch, applied in Postgres.",
    )

    @subscriber
    async def statements(records: tuple[Record, ...]) -> None:
        await submit(records)

    return subscriber
