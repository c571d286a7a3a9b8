"""A log of its own for each test: a topic that only this test's consumer reads, on the shared stack."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from uuid import uuid4

from aiokafka import TopicPartition
from sqlalchemy import select

from nljctl.effects import database, progress
from nljctl.effects.ledger_tables import backfill, outcome
from nljctl.effects.plan import Pipeline
from nljctl.kafka.client import consumer, producer
from nljctl.kafka.offsets import spans
from nljctl.kafka.topics import TopicSpec, ensure_topics
from nljctl.pipelines.legacy.process import LegacyOptions
from nljctl.pipelines.legacy.routes import INTENDED, Edition
from nljctl.pipelines.legacy.run import run_legacy
from nljctl.pipelines.report import ConsumerReport
from nljctl.settings import Settings
from nljctl.store.client import elasticsearch

TEST = "http://nlj.platform/extensions/test_run"
PARTITIONS = 3
PROGRAM = Path(__file__).with_name("consume_one_topic.py")


@dataclass(frozen=True)
class World:
    """One topic, one group. Statements of this world carry its name, so that its documents can be told from all others."""

    settings: Settings
    topic: str

    @property
    def tps(self) -> list[TopicPartition]:
        return [TopicPartition(self.topic, number) for number in range(PARTITIONS)]

    def edition(self, like: Edition = INTENDED) -> Edition:
        return replace(like, topics=(self.topic,))

    def statement(self, **changes: Any) -> dict[str, Any]:
        """A valid statement, but for the changes; None takes a member away."""
        made: dict[str, Any] = {
            "id": str(uuid4()),
            "version": "1.0.3",
            "timestamp": "2025-03-01T09:00:00.000Z",
            "actor": {"objectType": "Agent", "name": "Sam", "mbox": "mailto:sam@example.org"},
            "verb": {"id": "http://adlnet.gov/expapi/verbs/passed", "display": {"en-US": "passed"}},
            "object": {"objectType": "Activity", "id": "http://nlj.platform/activities/1"},
            "context": {"platform": self.topic},
        }
        return {name: member for name, member in (made | changes).items() if member is not None}

    def statements(self, count: int) -> list[dict[str, Any]]:
        """Statements of which every fifth has no id and every seventh no timestamp."""
        return [self.statement(**({"id": None} if n % 5 == 0 else {}) | ({"timestamp": None} if n % 7 == 0 else {})) for n in range(count)]

    async def publish(self, values: Iterable[Mapping[str, Any] | bytes | None], partition: int | None = None) -> None:
        async with producer(self.settings) as client:
            for value in values:
                raw = json.dumps(value).encode() if isinstance(value, Mapping) else value
                await client.send(self.topic, raw, key=b"" if raw is None else None, partition=partition)
            await client.flush()

    async def run(self, **options: Any) -> ConsumerReport:
        """Runs the consumer here until it has caught up."""
        chosen = {"routes": self.edition(), "until_caught_up": True, "timeout": 120.0, "port": 0}
        return await run_legacy(self.settings, LegacyOptions(**(chosen | options)))

    async def start(self, *, group: str | None = None, until_caught_up: bool = False) -> asyncio.subprocess.Process:
        """Starts the consumer as a process of its own, which prints its report at the end."""
        told = {name: value for name, value in self.settings.values.items() if value is not None}
        told["legacy_group"] = group or told["legacy_group"]
        arguments = [json.dumps(told), self.topic, *(["--until-caught-up"] if until_caught_up else [])]
        return await asyncio.create_subprocess_exec(sys.executable, str(PROGRAM), *arguments, stdout=asyncio.subprocess.PIPE)

    async def documents(self) -> list[dict[str, Any]]:
        """What the legacy index holds of this world."""
        async with elasticsearch(self.settings) as client:
            await client.indices.refresh(index="statements")
            found = await client.search(index="statements", query={"match_phrase": {"context.platform": self.topic}}, size=1_000)
        return [hit["_source"] for hit in found["hits"]["hits"] if hit["_source"]["context"]["platform"] == self.topic]

    async def until_stored(self, count: int) -> None:
        while len(await self.documents()) < count:  # noqa: ASYNC110  # Elasticsearch tells nobody when a document comes
            await asyncio.sleep(0.1)

    async def outcomes(self) -> list[tuple[str, str, str, str]]:
        """Kind, reason, rule and pointer of every row, in the order of the log."""
        async with database.engine(self.settings) as engine, engine.connect() as connection:
            rows = await connection.execute(select(outcome).where(outcome.c.topic == self.topic).order_by(outcome.c.partition, outcome.c.offset))
            return [(row.kind, row.reason, row.rule, row.pointer) for row in rows]

    async def dealt_with(self) -> dict[TopicPartition, int]:
        """The live progress of statements."""
        async with database.engine(self.settings) as engine, engine.connect() as connection:
            found = await progress.read(connection, Pipeline.LEGACY)
        return {tp: position.statements_next for tp, position in found.items() if tp.topic == self.topic}

    async def ends(self) -> dict[TopicPartition, int]:
        async with consumer(self.settings) as client:
            return {tp: span.end for tp, span in (await spans(client, self.tps)).items()}

    @asynccontextmanager
    async def write_protected(self) -> AsyncIterator[None]:
        """The legacy index takes nothing, as when the disk is full."""
        async with elasticsearch(self.settings) as client:
            await client.indices.put_settings(index="statements", settings={"index.blocks.write": True})
            try:
                yield
            finally:
                await client.indices.put_settings(index="statements", settings={"index.blocks.write": None})

    async def leave_to_backfill(self, ranges: Mapping[TopicPartition, int]) -> None:
        """Notes that the store lacks everything below the given offsets."""
        rows = [
            {"index": self.settings.legacy_index, "topic": tp.topic, "partition": tp.partition, "from": 0, "to": to, "done": 0} for tp, to in ranges.items()
        ]
        async with database.engine(self.settings) as engine, engine.begin() as connection:
            await connection.execute(backfill.insert(), rows)

    async def unfilled(self) -> int:
        async with database.engine(self.settings) as engine, engine.connect() as connection:
            rows = (await connection.execute(select(backfill).where(backfill.c.topic == self.topic))).all()
        return sum(row.to - row.done for row in rows)


async def new_world(settings: Settings, **changes: str) -> World:
    """A world on a running stack. `changes` replaces settings."""
    topic = f"test.legacy.{uuid4()}"
    await ensure_topics(settings, [TopicSpec(topic, PARTITIONS, 1)])
    own = {"legacy_group": topic, "legacy_index": f"statements-of-{topic}"}
    return World(replace(settings, values={**settings.values, **own, **changes}), topic)


def kill(process: asyncio.subprocess.Process) -> None:
    os.kill(process.pid, signal.SIGKILL)


async def report_of(process: asyncio.subprocess.Process, seconds: float = 120) -> dict[str, Any]:
    """The report that a process printed when it ended."""
    async with asyncio.timeout(seconds):
        printed, _ = await process.communicate()
    assert process.returncode == 0
    document: dict[str, Any] = json.loads(printed)
    return document


def counts(report: ConsumerReport, names: Sequence[str]) -> dict[str, int]:
    return {name: getattr(report, name) for name in names}
