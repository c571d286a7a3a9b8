"""The platform's rows, those of one pipeline that saw the log once, and what must be equal of both."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import msgspec
from aiokafka import TopicPartition
from simulated_kafka import SimulatedLog
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from nljctl.effects import plans, progress
from nljctl.effects.batch import Batch, Entry
from nljctl.effects.effect import Command, UnreadableEventError
from nljctl.effects.locks import own_plan
from nljctl.effects.plan import Pipeline, Role
from nljctl.effects.platform_tables import EFFECT_TABLES, LIVE_SCHEMA, SHADOW_SCHEMA
from nljctl.effects.registry import EFFECTS
from nljctl.effects.transaction import SCHEMAS, EffectsWriter
from nljctl.judge import judge
from nljctl.judgement import Judgement, Origin
from nljctl.kafka.offsets import Span
from nljctl.migration.effects_compared import COMPARED
from nljctl.migration.states import State

NOW = datetime(2026, 3, 1, tzinfo=UTC)

LEDGER = ("epoch", "fence", "progress", "applied", "parked", "outbox", "outcome", "backfill", "sending", "stats", "reads")

WITNESS = (
    "CREATE SEQUENCE nljctl.happened",
    "CREATE TABLE nljctl.happening (number bigint PRIMARY KEY DEFAULT nextval('nljctl.happened'), statement_id uuid)",
    "CREATE TABLE nljctl.waited (statement_id uuid)",
    "CREATE FUNCTION nljctl.happens() RETURNS trigger LANGUAGE plpgsql AS"
    " $$ BEGIN INSERT INTO nljctl.happening (statement_id) VALUES (NEW.statement_id); RETURN NULL; END $$",
    "CREATE FUNCTION nljctl.waits() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN INSERT INTO nljctl.waited VALUES (NEW.statement_id); RETURN NULL; END $$",
    "CREATE TRIGGER happens AFTER INSERT ON nljctl.applied FOR EACH ROW WHEN (NEW.role = 'live') EXECUTE FUNCTION nljctl.happens()",
    "CREATE TRIGGER waits AFTER INSERT ON nljctl.parked FOR EACH ROW WHEN (NEW.role = 'live') EXECUTE FUNCTION nljctl.waits()",
)
"""Postgres itself notes in which order live effects happened, and which of them had been parked."""


async def prepare(engine: AsyncEngine) -> None:
    """Once for all runs. What a run writes need not outlive the machine."""
    async with engine.begin() as connection:
        for statement in (*WITNESS, "ALTER DATABASE nlj_platform SET synchronous_commit = off"):
            await connection.execute(text(statement))


async def empty(engine: AsyncEngine, share: int) -> None:
    """The platform before the first record; faststream owns 0 or 100 % of it."""
    tables = [f"nljctl.{name}" for name in (*LEDGER, "happening", "waited")]
    tables += [f"{schema}.{table.name}" for table in reversed(EFFECT_TABLES) for schema in (LIVE_SCHEMA, SHADOW_SCHEMA)]
    async with engine.begin() as connection:
        await connection.execute(text(f"DO $$ BEGIN {' '.join(f'DELETE FROM {table};' for table in tables)} END $$"))
        await own_plan(connection, 5.0)
        state = State.CUT_OVER if share else State.LEGACY
        await plans.write_epoch(connection, share=share, salt="1", kind="initial", state=state, by="", reason="", fences={}, after=None)


async def see_once(engine: AsyncEngine, log: SimulatedLog) -> None:
    """Applies the whole log to the emptied shadow schema, in the order of publication, in one undisturbed batch."""
    role = Role.SHADOW
    tables = [f"{SHADOW_SCHEMA}.{table.name}" for table in reversed(EFFECT_TABLES)]
    ledger = [f"nljctl.{name} WHERE role = 'shadow'" for name in ("progress", "applied", "parked")]
    ends = {tp: log.end(tp) for tp in log.partitions}
    async with engine.begin() as connection:
        await connection.execute(text(f"DO $$ BEGIN {' '.join(f'DELETE FROM {table};' for table in (*tables, *ledger))} END $$"))
        await progress.ensure(connection, Pipeline.FASTSTREAM, role, dict.fromkeys(ends, 0))
    entries = [
        Entry(
            TopicPartition(record.topic, record.partition),
            record.offset,
            judge(record.value, Origin(record.topic, record.partition, record.offset, record.timestamp)),
        )
        for record in log.published
    ]
    await EffectsWriter(engine, Pipeline.FASTSTREAM, role).write(Batch({tp: Span(0, end) for tp, end in ends.items()}, entries))


async def rows(engine: AsyncEngine, role: Role) -> Mapping[str, Any]:
    """By table and id what effects leave; of bookings how many of a session are in each status, for who of two racing got a seat may differ."""
    found: dict[str, Any] = {}
    async with engine.connect() as connection:
        for table, _, columns in COMPARED:
            kept = {*columns, "status"} & set(table.c.keys())
            for (row,) in await connection.execute(text(f"SELECT to_jsonb(t) FROM {SCHEMAS[role]}.{table.name} AS t")):
                found[f"{table.name} {row['id']}"] = {name: row[name] for name in kept}
        seats: Counter[str] = Counter()
        for row in await connection.execute(text(f"SELECT session_id, booking_status FROM {SCHEMAS[role]}.training_bookings")):
            seats[f"seats {row.session_id} {row.booking_status}"] += 1
        results = await connection.execute(text("SELECT statement_id, result FROM nljctl.applied WHERE role = :role"), {"role": role})
        found |= {f"effect {row.statement_id}": row.result for row in results}
        waiting = await connection.execute(text("SELECT statement_id FROM nljctl.parked WHERE role = :role"), {"role": role})
        found |= {f"effect {row.statement_id}": "parked" for row in waiting}
    return found | seats


def difference(ours: Mapping[str, Any], theirs: Mapping[str, Any]) -> list[str]:
    """What one has and the other has not, or has otherwise. Pure."""
    return [f"{key}: {ours.get(key)} / {theirs.get(key)}" for key in sorted({*ours, *theirs}) if ours.get(key) != theirs.get(key)]


async def oversold(engine: AsyncEngine) -> list[str]:
    """Sessions with more confirmed bookings than seats."""
    sql = """SELECT s.id FROM public.training_sessions s JOIN public.training_bookings b ON b.session_id = s.id AND b.booking_status = 'confirmed'
             GROUP BY s.id, s.capacity HAVING count(*) > s.capacity"""
    async with engine.connect() as connection:
        return [str(id_) for id_ in (await connection.execute(text(sql))).scalars()]


async def disorder(engine: AsyncEngine, log: SimulatedLog) -> list[str]:
    """Effects of one aggregate on one partition that happened in another order than the log's. Those that had to wait for a parent are not looked at."""
    async with engine.connect() as connection:
        happened = (await connection.execute(text("SELECT statement_id::text FROM nljctl.happening ORDER BY number"))).scalars().all()
        waited = set((await connection.execute(text("SELECT statement_id::text FROM nljctl.waited"))).scalars())
    places = {id_: number for number, id_ in enumerate(happened)}
    last: dict[tuple[str, int, str], int] = {}
    seen: set[str] = set()
    wrong = []
    for record in log.published:
        judgement = judge(record.value, Origin(record.topic, record.partition, record.offset, record.timestamp))
        id_, aggregate = judgement.id, _aggregate(judgement)
        if id_ is None or aggregate is None or id_ in seen or id_ in waited or id_ not in places:
            continue
        seen.add(id_)
        key = (record.topic, record.partition, aggregate)
        if places[id_] < last.get(key, -1):
            wrong.append(f"{judgement.event} {id_} at {record.topic}/{record.partition}:{record.offset} happened before an earlier one of {aggregate}")
        last[key] = places[id_]
    return wrong


def _aggregate(judgement: Judgement) -> str | None:
    """The aggregate that the event itself names."""
    if judgement.event is None or judgement.event not in EFFECTS or not judgement.body:
        return None
    try:
        command: Command = EFFECTS[judgement.event].read(msgspec.json.decode(judgement.body))
    except UnreadableEventError:
        return None
    return command.aggregate
