"""The log as the migration reads it: what a partition holds, and the records of a range. Kafka's, as a rule; who simulates a log puts another in its place."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Iterable, Mapping
from dataclasses import dataclass
from typing import Protocol

from aiokafka import TopicPartition

from nljctl.kafka import reader
from nljctl.kafka.client import consumer
from nljctl.kafka.offsets import Span, spans
from nljctl.kafka.reader import Record
from nljctl.settings import Settings


class Log(Protocol):
    """Ranges are read without a group: reading moves nobody's position."""

    async def spans(self, tps: Iterable[TopicPartition]) -> Mapping[TopicPartition, Span]: ...

    def read(self, ranges: Mapping[TopicPartition, Span]) -> AsyncGenerator[list[Record], None]: ...


@dataclass(frozen=True, slots=True)
class KafkaLog:
    """The platform's."""

    settings: Settings

    async def spans(self, tps: Iterable[TopicPartition]) -> Mapping[TopicPartition, Span]:
        async with consumer(self.settings) as client:
            return await spans(client, tps)

    def read(self, ranges: Mapping[TopicPartition, Span]) -> AsyncGenerator[list[Record], None]:
        return reader.read(self.settings, ranges)
