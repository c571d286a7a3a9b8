"""Members of both groups: the real consumers' own code, between a simulated Kafka, simulated stores and a real Postgres."""

from __future__ import annotations

import asyncio
import logging
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from aiokafka import TopicPartition
from doom import Doom, Killed, under
from simulated_kafka import SimulatedConsumer, SimulatedLog
from simulated_stores import Gate, Index, IndexWriter, Lrs, LrsClient
from sqlalchemy.ext.asyncio import AsyncEngine

from nljctl.effects.batch import Batch, BatchResult
from nljctl.effects.claim import Position
from nljctl.effects.plan import Pipeline, Role
from nljctl.effects.transaction import EffectsWriter
from nljctl.pipelines.faststream.committer import Committer
from nljctl.pipelines.faststream.flow import Flow
from nljctl.pipelines.faststream.meter import Meter
from nljctl.pipelines.faststream.subscriber import Assignment
from nljctl.pipelines.legacy import marks
from nljctl.pipelines.legacy.consumer import LegacyConsumer, Takeover
from nljctl.pipelines.legacy.doubt import Doubt
from nljctl.pipelines.legacy.membership import Membership
from nljctl.pipelines.legacy.routes import INTENDED
from nljctl.pipelines.legacy.sender import Sender
from nljctl.pipelines.positions import Start, take_over
from nljctl.pipelines.pressure import Pressure

log = logging.getLogger("simulation")

POLL_SECONDS = 0.0003
PATIENCE_SECONDS = 600.0


@dataclass
class Surroundings:
    """What all members of a run share. `shadowed`: faststream keeps its shadow, as it really does; without it a run takes half the time."""

    engine: AsyncEngine
    log: SimulatedLog = field(default_factory=SimulatedLog)
    index: Index = field(default_factory=Index)
    lrs: Lrs = field(default_factory=Lrs)
    groups: Mapping[Pipeline, dict[TopicPartition, int]] = field(default_factory=lambda: {pipeline: {} for pipeline in Pipeline})
    shadowed: bool = False


class NoShadow:
    """In place of the shadow's writer."""

    async def write(self, batch: Batch) -> BatchResult:
        return BatchResult({tp: Position(claim.end, claim.end) for tp, claim in batch.claims.items()})


class Member(ABC):
    """One process. Dead ones do nothing any more; what a member that is held up has in hand waits at its gate."""

    pipeline: Pipeline

    def __init__(self, around: Surroundings) -> None:
        self.around = around
        self.doom = Doom()
        self.gate = Gate()
        self.client = SimulatedConsumer(around.log, around.groups[self.pipeline])
        self.dead = False

    @property
    def held_up(self) -> bool:
        return self.gate.closed

    async def work(self, most: int, first: int, strike: int | None = None) -> None:
        """Reads and deals with some records, then looks at what waits; `strike`: dies at that statement to Postgres, if it comes so far."""
        if not self.dead:
            self.doom.left = strike
            await self._living(self._work(most, first))
            self.doom.left = None

    async def assign(self, tps: Sequence[TopicPartition]) -> None:
        if not self.dead:
            await self._living(self._assign(tps))

    async def revoke(self) -> None:
        """The group forms anew: what is under way is finished or given up."""
        if not self.dead:
            await self._living(self._revoke())

    async def release(self) -> None:
        """What was held up goes on."""
        self.gate.open()
        await self._living(self._until_idle())

    async def kill(self) -> None:
        self.dead = True
        self.doom.left = 0
        self.gate.break_()
        await self._end()

    async def _living(self, work: Any) -> None:
        try:
            await under(self.doom, work)
        except Killed:
            self.doom.struck = True
        if self.doom.struck:
            await self.kill()

    async def _until(self, holds: Any) -> None:
        deadline = asyncio.get_running_loop().time() + PATIENCE_SECONDS
        while not (holds() or self.gate.closed or self.doom.struck):
            assert asyncio.get_running_loop().time() < deadline, f"{self.pipeline} does not come to an end"
            await asyncio.sleep(POLL_SECONDS)

    @abstractmethod
    async def _work(self, most: int, first: int) -> None: ...

    @abstractmethod
    async def _assign(self, tps: Sequence[TopicPartition]) -> None: ...

    @abstractmethod
    async def _revoke(self) -> None: ...

    @abstractmethod
    async def _until_idle(self) -> None: ...

    @abstractmethod
    async def _end(self) -> None: ...


class FaststreamMember(Member):
    """The real flow and its rebalance listener."""

    pipeline = Pipeline.FASTSTREAM

    def __init__(self, around: Surroundings) -> None:
        super().__init__(around)
        self._roles = (Role.LIVE, Role.SHADOW) if around.shadowed else (Role.LIVE,)
        pressure, store = Pressure(log), IndexWriter(around.index, self.gate)
        shadow: Any = EffectsWriter(around.engine, Pipeline.FASTSTREAM, Role.SHADOW) if around.shadowed else NoShadow()
        kafka: Any = lambda: self.client  # noqa: E731
        anything: Any = store
        live = EffectsWriter(around.engine, Pipeline.FASTSTREAM)
        self._failure: BaseException | None = None
        self._flow = Flow(kafka, anything, anything, live, shadow, Committer(kafka), pressure, Meter(), self._fail)
        self._listener = Assignment(kafka, self._take_over, pressure, self._fail)
        self._listener.flow = self._flow

    def _fail(self, problem: BaseException) -> None:
        if isinstance(problem, Killed):
            self.doom.struck = True
        elif not self.dead:
            self._failure = problem

    async def _take_over(self, consumer: Any, tps: Sequence[TopicPartition]) -> Start:
        return await take_over(self.around.engine, consumer, self.around.log, self.pipeline, self._roles, tps, "earliest")

    async def _work(self, most: int, first: int) -> None:
        records = self.client.fetch(most, first)
        if records:
            await self._flow.submit(records)
        await self._until_idle()
        for _ in range(2):  # a gap counts when it was there at the look before too
            if not self.gate.closed:
                await self._flow.tick()
                await self._until_idle()

    async def _until_idle(self) -> None:
        await self._until(lambda: self._flow.idle or self._failure is not None)
        if self._failure is not None:
            raise self._failure

    async def _assign(self, tps: Sequence[TopicPartition]) -> None:
        self.client.assign(tps)
        await self._listener.on_partitions_assigned(tps)

    async def _revoke(self) -> None:
        await self._listener.on_partitions_revoked(list(self.client.assignment()))
        self.client.assign(())

    async def _end(self) -> None:
        await self._flow.close()


class LegacyMember(Member):
    """The real consumer's loop, membership, routes and sender."""

    pipeline = Pipeline.LEGACY

    def __init__(self, around: Surroundings) -> None:
        super().__init__(around)
        self._membership = Membership()
        self._stop = asyncio.Event()
        kafka: Any = self.client
        ralph: Any = LrsClient(around.lrs, self.gate)
        writer = EffectsWriter(around.engine, Pipeline.LEGACY)
        self._consumer = LegacyConsumer(kafka, self._membership, self, Sender(INTENDED, ralph), writer, Pressure(log), self._stop)
        self._loop: asyncio.Task[None] | None = None

    async def take_over(self, tps: Sequence[TopicPartition]) -> Takeover:
        kafka: Any = self.client
        start = await take_over(self.around.engine, kafka, self.around.log, self.pipeline, (Role.LIVE,), tps, "earliest")
        async with self.around.engine.connect() as connection:
            in_hand, now = await marks.read(connection, tps)
        return Takeover(start, Doubt(in_hand, now))

    async def mark(self, ends: Mapping[TopicPartition, int], since: Mapping[TopicPartition, datetime]) -> bool:
        async with self.around.engine.begin() as connection:
            await marks.write(connection, ends, since)
        return True

    async def _work(self, most: int, first: int) -> None:
        self.client.allow(most, first)
        await self._until_idle()

    async def _until_idle(self) -> None:
        loop = self._loop
        assert loop is not None
        await self._until(lambda: self.client.asleep.is_set() or loop.done())
        if loop.done():
            await loop

    async def _assign(self, tps: Sequence[TopicPartition]) -> None:
        self.client.assign(tps)
        await self._membership.on_partitions_assigned(tps)
        self.client.allow(0, 0)
        if self._loop is None:
            self._loop = asyncio.create_task(self._consumer.run())
        await self._until_idle()

    async def _revoke(self) -> None:
        await self._membership.on_partitions_revoked(self.client.assignment())
        self.client.assign(())

    async def _end(self) -> None:
        self._stop.set()
        if self._loop is not None:
            self._loop.cancel()
            await asyncio.gather(self._loop, return_exceptions=True)
