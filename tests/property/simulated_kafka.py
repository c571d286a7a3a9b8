"""A log in memory that consumers, settling and the take-over of partitions read as they read Kafka."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import AsyncGenerator, Collection, Iterable, Mapping, Sequence
from zlib import crc32

from aiokafka import ConsumerRecord, TopicPartition

from nljctl.catalogue.samples import Sample
from nljctl.effects.continuity import Mark, mark_of
from nljctl.kafka.offsets import Span
from nljctl.kafka.reader import Record

PARTITIONS: Mapping[str, int] = {
    "nlj.training.programs": 1,
    "nlj.training.sessions": 2,
    "nlj.training.bookings": 2,
    "nlj.training.attendance": 1,
    "nlj.training.certificates": 1,
    "nlj.content.generation": 1,
    "nlj.node.interactions": 1,
    "nlj.learning.activities": 1,
}
TPS = tuple(TopicPartition(topic, number) for topic, count in sorted(PARTITIONS.items()) for number in range(count))
AT_MS = 1_741_000_000_000


class SimulatedLog:
    """Records by partition; an offset may hold none, as after compaction. `published` is all of them in the order of publication."""

    def __init__(self) -> None:
        self.partitions: dict[TopicPartition, list[Record | None]] = {tp: [] for tp in TPS}
        self.published: list[Record] = []

    def publish(self, sample: Sample) -> None:
        key = sample.key.encode() if sample.key is not None else None
        tp = TopicPartition(sample.topic, crc32(key or b"") % PARTITIONS[sample.topic])
        held = self.partitions[tp]
        record: Record = ConsumerRecord(tp.topic, tp.partition, len(held), AT_MS + len(self.published), 0, key, sample.value, None, 0, 0, ())
        held.append(record)
        self.published.append(record)

    def skip(self, tp: TopicPartition) -> None:
        """An offset without a record."""
        self.partitions[tp].append(None)

    def end(self, tp: TopicPartition) -> int:
        return len(self.partitions[tp])

    async def spans(self, tps: Iterable[TopicPartition]) -> Mapping[TopicPartition, Span]:
        return {tp: Span(0, self.end(tp)) for tp in tps}

    async def topic_ids(self, topics: Collection[str]) -> Mapping[str, str]:
        return {topic: f"id of {topic}" for topic in topics}

    async def marks(self, places: Mapping[TopicPartition, int]) -> Mapping[TopicPartition, Mark]:
        return {tp: mark_of(record) for tp, offset in places.items() if (record := self.partitions[tp][offset]) is not None}

    async def read(self, ranges: Mapping[TopicPartition, Span]) -> AsyncGenerator[list[Record], None]:
        for tp, span in ranges.items():
            found = [record for record in self.partitions[tp][span.begin : span.end] if record is not None]
            if found:
                yield found


class SimulatedConsumer:
    """What the pipelines ask of their Kafka client. It gives only what it is allowed to: so one record at a time goes where a test wants it."""

    def __init__(self, log: SimulatedLog, group: dict[TopicPartition, int]) -> None:
        self._log = log
        self._group = group
        self._at: dict[TopicPartition, int] = {}
        self._allowed: list[tuple[int, int]] = []
        self._go = asyncio.Event()
        self.asleep = asyncio.Event()
        """Set while somebody waits for more than was allowed."""

    def assign(self, tps: Iterable[TopicPartition]) -> None:
        self._at = dict.fromkeys(tps, 0)

    def assignment(self) -> frozenset[TopicPartition]:
        return frozenset(self._at)

    def subscription(self) -> frozenset[str]:
        return frozenset(tp.topic for tp in self._at)

    async def position(self, tp: TopicPartition) -> int:
        return self._at[tp]

    def seek(self, tp: TopicPartition, offset: int) -> None:
        self._at[tp] = offset

    async def beginning_offsets(self, tps: Iterable[TopicPartition]) -> dict[TopicPartition, int]:
        return dict.fromkeys(tps, 0)

    async def end_offsets(self, tps: Iterable[TopicPartition]) -> dict[TopicPartition, int]:
        return {tp: self._log.end(tp) for tp in tps}

    async def committed(self, tp: TopicPartition) -> int | None:
        return self._group.get(tp)

    async def commit(self, offsets: Mapping[TopicPartition, int]) -> None:
        self._group.update(offsets)

    def pause(self, *tps: TopicPartition) -> None:
        """Nothing is fetched ahead here."""

    def resume(self, *tps: TopicPartition) -> None:
        """As `pause`."""

    def fetch(self, most: int, first: int) -> list[Record]:
        """At most so many records, from partition number `first` on; positions pass what holds none."""
        tps = sorted(self._at)
        turned = tps[first % len(tps) :] + tps[: first % len(tps)] if tps else []
        found: list[Record] = []
        for tp in turned:
            held = self._log.partitions[tp]
            while len(found) < most and self._at[tp] < len(held):
                record = held[self._at[tp]]
                self._at[tp] += 1
                if record is not None:
                    found.append(record)
        return found

    def allow(self, most: int, first: int) -> None:
        """Lets `getmany` give so many records, and after them nothing, once."""
        self._allowed.append((most, first))
        self.asleep.clear()
        self._go.set()

    async def getmany(self, *, timeout_ms: int, max_records: int) -> dict[TopicPartition, Sequence[Record]]:
        while not self._allowed:
            self.asleep.set()
            self._go.clear()
            await self._go.wait()
        most, first = self._allowed[0]
        found = self.fetch(min(most, max_records), first)
        if not found:
            self._allowed.pop(0)
            return {}
        self._allowed[0] = (most - len(found), first)
        by_partition: dict[TopicPartition, list[Record]] = defaultdict(list)
        for record in found:
            by_partition[TopicPartition(record.topic, record.partition)].append(record)
        return dict(by_partition)
