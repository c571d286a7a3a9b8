"""Commits offsets to Kafka, for people and for a take-over: the position itself is in Postgres."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterable

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import IllegalStateError, KafkaError

log = logging.getLogger("nljctl.faststream")

EVERY_SECONDS = 0.5


class Committer:
    """Collects offsets that are done and commits them now and then, always with explicit offsets."""

    def __init__(self, consumer: Callable[[], AIOKafkaConsumer | None]) -> None:
        self._consumer = consumer
        self._done: dict[TopicPartition, int] = {}
        self.refused = 0

    def done(self, tp: TopicPartition, offset: int) -> None:
        """Everything below `offset` has its outcome. Callers keep the order of claims, so this never has gaps."""
        self._done[tp] = offset

    def forget(self, tps: Iterable[TopicPartition]) -> None:
        for tp in tps:
            self._done.pop(tp, None)

    async def commit(self) -> None:
        """Commits what is done. A refusal (a rebalance is under way) costs nothing but currency: the next commit says it again."""
        consumer = self._consumer()
        if consumer is None or not self._done:
            return
        assigned = consumer.assignment()
        offsets = {tp: offset for tp, offset in self._done.items() if tp in assigned}
        self._done.clear()
        if not offsets:
            return
        try:
            await consumer.commit(offsets)
        except (KafkaError, IllegalStateError) as problem:
            self.refused += 1
            self._done = {**offsets, **self._done}
            log.info("offset commit refused: %s", type(problem).__name__)

    async def run(self) -> None:
        while True:
            await asyncio.sleep(EVERY_SECONDS)
            await self.commit()
