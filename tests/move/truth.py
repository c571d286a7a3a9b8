"""What the platform's rows must be: those of one pipeline that reads the whole log once, into a database of its own on the same server."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from uuid import uuid4

import platform_rows
from aiokafka import TopicPartition
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from nljctl.catalogue.topics import SUBSCRIBED
from nljctl.effects import database, plans, progress
from nljctl.effects.batch import Batch, Entry
from nljctl.effects.locks import own_plan
from nljctl.effects.plan import Pipeline, Role
from nljctl.effects.registry import EFFECTS
from nljctl.effects.schema import ensure_schema, seed_users
from nljctl.effects.transaction import EffectsWriter
from nljctl.judge import judge
from nljctl.judgement import Origin
from nljctl.kafka.client import admin
from nljctl.kafka.offsets import Span, partitions
from nljctl.migration.log import KafkaLog
from nljctl.migration.states import State
from nljctl.settings import Settings

AT_ONCE = 1_000


async def wrong_rows(settings: Settings) -> list[str]:
    """Every difference between the platform's rows and the truth, and every session with more confirmed bookings than seats."""
    async with database.engine(settings) as engine, _new_database(settings) as truth:
        await _see_once(settings, truth)
        found = platform_rows.difference(await platform_rows.rows(engine, Role.LIVE), await platform_rows.rows(truth, Role.LIVE))
        return found + [f"oversold: {session}" for session in await platform_rows.oversold(engine)]


@asynccontextmanager
async def _new_database(settings: Settings) -> AsyncIterator[AsyncEngine]:
    name = f"truth_{uuid4().hex}"
    url = re.sub(r"/[^/?]*(\?|$)", rf"/{name}\1", settings.require("database"), count=1)
    there = replace(settings, values={**settings.values, "database": url})
    async with database.engine(settings) as server, server.execution_options(isolation_level="AUTOCOMMIT").connect() as here:
        await here.execute(text(f"CREATE DATABASE {name}"))
        await here.execute(text(f"ALTER DATABASE {name} SET synchronous_commit = off"))
        async with database.engine(there) as engine:
            await ensure_schema(engine)
            await seed_users(engine)
            yield engine
        await here.execute(text(f"DROP DATABASE {name}"))


async def _see_once(settings: Settings, truth: AsyncEngine) -> None:
    """Legacy owns all and reads the log from its beginning to its end, one topic after the other: parents' topics come before their children's."""
    log = KafkaLog(settings)
    async with admin(settings) as client:
        tps = await partitions(client, SUBSCRIBED)
    held = await log.spans(tps)
    async with truth.begin() as connection:
        await own_plan(connection, 5.0)
        await plans.write_epoch(connection, share=0, salt="1", kind="initial", state=State.LEGACY, by="", reason="", fences={}, after=None)
        await progress.ensure(connection, Pipeline.LEGACY, Role.LIVE, {tp: span.begin for tp, span in held.items()})
    writer = EffectsWriter(truth, Pipeline.LEGACY)
    begins = {tp: span.begin for tp, span in held.items()}
    for topic in sorted(SUBSCRIBED, key=_rank):
        async for records in log.read({tp: span for tp, span in held.items() if tp.topic == topic}):
            by_partition: dict[TopicPartition, list[Entry]] = defaultdict(list)
            for record in records:
                judgement = judge(record.value, Origin(record.topic, record.partition, record.offset, record.timestamp))
                if judgement.event in EFFECTS:
                    by_partition[TopicPartition(record.topic, record.partition)].append(
                        Entry(TopicPartition(record.topic, record.partition), record.offset, judgement)
                    )
            for tp, entries in by_partition.items():
                for begin in range(0, len(entries), AT_ONCE):
                    part = entries[begin : begin + AT_ONCE]
                    claim = Span(begins[tp], part[-1].offset + 1)
                    begins[tp] = claim.end
                    await writer.write(Batch({tp: claim}, part))


ORDER = ("nlj.training.programs", "nlj.training.sessions", "nlj.training.bookings", "nlj.training.attendance", "nlj.training.certificates")


def _rank(topic: str) -> int:
    return ORDER.index(topic) if topic in ORDER else len(ORDER)
