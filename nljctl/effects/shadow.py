"""Begins the shadow from the platform's present rows instead of the log's start: rows, positions and what was applied, as of one moment (docs/ownership.md)."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, MetaData, Table, Text, cast, func, inspect, literal, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from nljctl.effects import plans, progress
from nljctl.effects.ledger_tables import applied, parked
from nljctl.effects.ledger_tables import progress as progress_table
from nljctl.effects.locks import own_plan
from nljctl.effects.plan import Epoch, Pipeline, Role
from nljctl.effects.platform_tables import EFFECT_TABLES, LIVE_SCHEMA, SHADOW_SCHEMA
from nljctl.errors import RefusedError

WHOLE = {0: Pipeline.LEGACY, 100: Pipeline.FASTSTREAM}
"""Who owns everything, by share."""


async def begin_from_rows(engine: AsyncEngine, lock_seconds: float) -> bool:
    """Copies the platform's rows into the empty shadow, which goes on where the owner of all effects stands; False if there is a shadow already.

    No batch is under way meanwhile: consumers wait at the plan's lock for as long as the copying takes.

    Raises:
        RefusedError: effects are shared, or one pipeline has not reached the newest fences, so that no position says what the rows hold.
    """
    async with engine.begin() as holder:
        await own_plan(holder, lock_seconds)
        # A second connection, because a snapshot taken before the lock was had would be older than the last batch.
        async with engine.connect() as connection:
            await connection.execution_options(isolation_level="REPEATABLE READ")
            async with connection.begin():
                if await progress.read(connection, Pipeline.FASTSTREAM, Role.SHADOW):
                    return False
                owner = await _owner(connection)
                await connection.run_sync(_copy_rows)
                await _copy_ledger(connection, owner)
    return True


async def _owner(connection: AsyncConnection) -> Pipeline:
    newest = (await plans.read_plan(connection))[-1]
    owner = WHOLE.get(newest.share)
    if owner is None or not await _is_past(connection, newest, owner):
        raise RefusedError(
            f"faststream owns {newest.share} %, or a fence has not been passed: no one position says which effects the rows hold",
            "Take --shadow earliest, or wait until one pipeline owns everything and both have passed its fences (`nljctl status`).",
            code="no-position",
        )
    return owner


async def _is_past(connection: AsyncConnection, newest: Epoch, owner: Pipeline) -> bool:
    """Whether all below the fences has been applied. Where nothing was ever fenced the other pipeline owes nothing."""
    ours, theirs = await progress.read(connection, owner), await progress.read(connection, owner.other)
    return all(tp in known and known[tp].effects_next >= fence for tp, fence in newest.fences.items() for known in (ours, theirs))


def _copy_rows(connection: Connection) -> None:
    for table in EFFECT_TABLES:
        there = {column["name"] for column in inspect(connection).get_columns(table.name, schema=LIVE_SCHEMA)}
        live, shadow = (table.to_metadata(MetaData(), schema=schema) for schema in (LIVE_SCHEMA, SHADOW_SCHEMA))
        names = [column.name for column in table.columns if column.name in there]
        connection.execute(shadow.insert().from_select(names, select(*(_value(live, name) for name in names))))


def _value(live: Table, name: str) -> Any:
    """A column as the shadow has it: newer platforms keep a generation's status as an enum of capitals."""
    column = live.c[name]
    return func.lower(cast(column, Text)) if (live.name, name) == ("generation_sessions", "status") else column


async def _copy_ledger(connection: AsyncConnection, owner: Pipeline) -> None:
    """Where the owner stands, what was applied, and what waits, as the shadow's own."""
    here = {"role": literal(Role.SHADOW.value), "pipeline": literal(Pipeline.FASTSTREAM.value)}
    for table in (applied, parked):
        columns = [here.get(column.name, column) for column in table.columns]
        await connection.execute(insert(table).from_select([column.name for column in table.columns], select(*columns).where(table.c.role == Role.LIVE)))
    c = progress_table.c
    names = ("pipeline", "role", "topic", "partition", "statements_next", "effects_next", "generation")
    moved = {**here, "statements_next": c.effects_next}
    positions = select(*(moved.get(name, c[name]) for name in names)).where(c.pipeline == owner, c.role == Role.LIVE)
    await connection.execute(insert(progress_table).from_select(list(names), positions))
