"""What the faststream consumer finds out beside its work: its services' health, the lag, whether it is stuck, whether it has caught up."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Callable, Mapping
from itertools import pairwise

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import KafkaError
from elastic_transport import TransportError
from elasticsearch import ApiError, AsyncElasticsearch
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine

from nljctl.catalogue.topics import SUBSCRIBED
from nljctl.effects import database, progress
from nljctl.effects.claim import Position
from nljctl.effects.plan import Pipeline
from nljctl.errors import StalledError
from nljctl.kafka.offsets import Span, spans
from nljctl.pipelines.patience import KAFKA, POSTGRES, away
from nljctl.pipelines.pressure import Pressure
from nljctl.pipelines.probe import Probe
from nljctl.pipelines.watchdog import STALLED_SECONDS, Watchdog

ELASTICSEARCH = "Elasticsearch"
ANSWER_SECONDS = 5.0
TREND_SECONDS = 60.0
FORBIDDEN = 403


class Watch:
    """One look takes at most `ANSWER_SECONDS` per service; between them the answers of the last one stand."""

    def __init__(
        self, consumer: Callable[[], AIOKafkaConsumer | None], engine: AsyncEngine, client: AsyncElasticsearch, index: str, pressure: Pressure
    ) -> None:
        self._consumer = consumer
        self._engine = engine
        self._client = client.options(max_retries=0, request_timeout=ANSWER_SECONDS)
        self._index = index
        self._pressure = pressure
        self._probe = Probe(pressure)
        self._watchdog = Watchdog()
        self._reading: asyncio.Task[Mapping[TopicPartition, Position]] | None = None
        self._history: deque[tuple[float, int]] = deque()
        self.lag: int | None = None
        """Of the whole pipeline: log end minus live progress over all topics and members. None until all partitions have a position."""
        self.stalled_seconds = 0.0

    @property
    def rising(self) -> bool:
        """Whether the lag grew over the last minute without ever falling."""
        lags = [lag for _, lag in self._history]
        return len(lags) > 2 and lags[-1] > lags[0] and all(later >= earlier for earlier, later in pairwise(lags))

    async def services(self) -> None:
        """Asks Elasticsearch, which nothing else does while no records come."""
        try:
            found = await self._client.cluster.health(index=self._index)
        except ApiError as problem:
            if problem.meta.status == FORBIDDEN:  # a key that may write and not watch: it answers, and that is all that can be known
                self._probe.answers(ELASTICSEARCH)
            else:
                self._probe.away(ELASTICSEARCH, f"{problem.meta.status} {problem.message}")
            return
        except TransportError as problem:
            self._probe.away(ELASTICSEARCH, type(problem).__name__)
            return
        if found["status"] == "red":
            self._probe.away(ELASTICSEARCH, f"the index {self._index} is red: not all of its primary shards are there")
        else:
            self._probe.answers(ELASTICSEARCH)

    async def positions(self) -> None:
        """Measures the lag.

        Raises:
            StalledError: records are left, nothing is waited for, and nothing has moved for `STALLED_SECONDS`.
        """
        consumer = self._consumer()
        if consumer is None:
            return
        tps = [TopicPartition(topic, number) for topic in SUBSCRIBED for number in consumer.partitions_for_topic(topic) or ()]
        ends, done = await self._ends(consumer, tps), await self._done()
        if ends is None or done is None or not tps or any(tp not in done for tp in tps):
            return
        self.lag = _left(tps, ends, done)
        self._history.append((time.monotonic(), self.lag))
        while time.monotonic() - self._history[0][0] > TREND_SECONDS:
            self._history.popleft()
        mine = [tp for tp in tps if tp in consumer.assignment()] or tps
        self.stalled_seconds = self._watchdog.look(
            time.monotonic(), sum(done[tp].statements_next for tp in mine), _left(mine, ends, done), waiting=bool(self._pressure.pauses)
        )
        if self.stalled_seconds > STALLED_SECONDS:
            raise StalledError(
                f"{_left(mine, ends, done)} records are left and nothing has moved for {self.stalled_seconds:.0f} s, although no service is away",
                "Start the consumer again (a supervisor does it); nothing is lost. See `nljctl health` and `nljctl doctor` if it happens again.",
            )

    async def _ends(self, consumer: AIOKafkaConsumer, tps: list[TopicPartition]) -> Mapping[TopicPartition, Span] | None:
        try:
            async with asyncio.timeout(ANSWER_SECONDS):
                found = await spans(consumer, tps)
        except (KafkaError, TimeoutError) as problem:
            self._probe.away(KAFKA, type(problem).__name__)
            return None
        self._probe.answers(KAFKA)
        return found

    async def _done(self) -> Mapping[TopicPartition, Position] | None:
        """Not cancelled when it takes too long, for a connection that has fallen silent cannot be: it is aborted later (effects/deadline.py)."""
        if self._reading is None:
            self._reading = asyncio.create_task(self._read())
        await asyncio.wait((self._reading,), timeout=ANSWER_SECONDS)
        if not self._reading.done():
            self._probe.away(POSTGRES, f"no answer within {ANSWER_SECONDS:.0f} s")
            return None
        reading, self._reading = self._reading, None
        try:
            found = reading.result()
        except (DBAPIError, *database.Unavailable) as problem:
            reason = away(problem)
            if reason is None:
                raise
            self._probe.away(POSTGRES, reason[1])
            return None
        self._probe.answers(POSTGRES)
        return found

    async def _read(self) -> Mapping[TopicPartition, Position]:
        async with self._engine.connect() as connection:
            return await progress.read(connection, Pipeline.FASTSTREAM)


def _left(tps: list[TopicPartition], ends: Mapping[TopicPartition, Span], done: Mapping[TopicPartition, Position]) -> int:
    return sum(max(0, ends[tp].end - done[tp].statements_next) for tp in tps)
