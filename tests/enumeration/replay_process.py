"""The processes of a replay: a consumer that reads and commits one record when it is told to, and an engineer who takes one step of a command.

Each is a process of its own, told by a pipe; it ends by SIGKILL.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from multiprocessing.connection import Connection
from typing import Any

from aiokafka import AIOKafkaConsumer, TopicPartition
from sqlalchemy.ext.asyncio import AsyncEngine

from nljctl.effects import database, plans, progress
from nljctl.effects.batch import Batch, Entry
from nljctl.effects.plan import Epoch, Pipeline
from nljctl.effects.transaction import EffectsWriter
from nljctl.errors import RefusedError
from nljctl.judge import judge
from nljctl.judgement import Origin
from nljctl.kafka.client import consumer
from nljctl.kafka.offsets import Span
from nljctl.migration.fencing import Decision, decide
from nljctl.migration.log import KafkaLog
from nljctl.migration.settle import settle
from nljctl.migration.states import State
from nljctl.migration.take_back import take_back
from nljctl.settings import Settings

FETCH_MS = 10_000
INDEX = "statements"
SHARES = {"shift": (50, State.SHIFTING), "cutover": (100, State.CUT_OVER), "rollback": (0, State.ROLLED_BACK)}


class Consumer:
    """A pipeline's member that has both partitions. `in_flight`: what it has read and not yet brought to Postgres."""

    def __init__(self, engine: AsyncEngine, client: AIOKafkaConsumer, pipeline: Pipeline, tps: tuple[TopicPartition, ...]) -> None:
        self._client = client
        self._tps = tps
        self._engine = engine
        self._pipeline = pipeline
        self._writer = EffectsWriter(engine, pipeline)
        self._claimed: dict[TopicPartition, int] = {}
        self._in_flight: Entry | None = None

    async def start(self) -> None:
        async with self._engine.connect() as connection:
            positions = await progress.read(connection, self._pipeline)
        self._client.assign(list(self._tps))
        for tp in self._tps:
            self._claimed[tp] = positions[tp].seek

    async def read(self, p: int) -> None:
        tp = self._tps[p]
        self._client.seek(tp, self._claimed[tp])
        [record] = (await self._client.getmany(tp, timeout_ms=FETCH_MS, max_records=1))[tp]
        judgement = judge(record.value, Origin(record.topic, record.partition, record.offset, record.timestamp))
        self._in_flight = Entry(tp, record.offset, judgement)
        self._claimed[tp] = record.offset + 1

    async def commit(self, *, answered: bool = True) -> None:
        """Writes what is in flight. Without an answer it does not know that it has."""
        entry = self._in_flight
        assert entry is not None
        result = await self._writer.write(Batch({entry.tp: Span(entry.offset, entry.offset + 1)}, (entry,)))
        if answered:
            self._in_flight = None
            self._claimed.update(result.seek)

    async def look_again(self, p: int) -> None:
        tp = self._tps[p]
        result = await self._writer.write(Batch({tp: Span(self._claimed[tp], self._claimed[tp])}))
        self._claimed.update(result.seek)


class Engineer:
    """One run of a command after another."""

    def __init__(self, engine: AsyncEngine, log: KafkaLog, tps: tuple[TopicPartition, ...]) -> None:
        self._engine = engine
        self._log = log
        self._tps = tps
        self._epoch: Epoch | None = None

    async def look(self) -> None:
        async with self._engine.connect() as connection:
            self._epoch = (await plans.read_plan(connection))[-1]

    async def epoch(self, kind: str) -> bool:
        """Whether it could write it: not if somebody else has changed the plan since it looked."""
        assert self._epoch is not None
        share, state = SHARES[kind]
        try:
            self._epoch = await decide(self._engine, Decision(share, kind, state, "a replay", self._epoch.number))
        except RefusedError:
            return False
        return True

    async def settle(self, pipeline: Pipeline, p: int) -> None:
        """One offset of one partition."""
        tp = self._tps[p]
        async with self._engine.connect() as connection:
            positions = await progress.read(connection, pipeline)
        await settle(self._log, self._engine, [pipeline], {tp: positions[tp].effects_next + 1})

    async def take_back(self) -> None:
        assert self._epoch is not None
        await take_back(self._engine, self._epoch, INDEX, "auto")


def consume(pipe: Connection, settings: Settings, pipeline: Pipeline, tps: tuple[TopicPartition, ...]) -> None:
    async def run() -> None:
        async with database.engine(settings, name=str(pipeline)) as engine, consumer(settings) as client:
            await _obey(pipe, Consumer(engine, client, pipeline, tps))

    asyncio.run(run())


def engineer(pipe: Connection, settings: Settings, tps: tuple[TopicPartition, ...]) -> None:
    async def run() -> None:
        async with database.engine(settings, name="nljctl replay") as engine:
            await _obey(pipe, Engineer(engine, KafkaLog(settings), tps))

    asyncio.run(run())


async def _obey(pipe: Connection, somebody: Any) -> None:
    """Does what it is told, and gives the result, until it is killed."""
    while True:
        name, arguments, named = await asyncio.to_thread(pipe.recv)
        keywords: Mapping[str, Any] = named
        pipe.send(await getattr(somebody, name)(*arguments, **keywords))
