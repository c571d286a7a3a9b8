"""Makes what Postgres lacks: the platform's tables in a new database, nljctl's own, and the shadow's."""

from __future__ import annotations

from sqlalchemy import Connection, MetaData, inspect, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncEngine

from nljctl.catalogue.people import PEOPLE
from nljctl.effects import ledger_tables, platform_tables
from nljctl.effects.platform_tables import EFFECT_TABLES, LIVE_SCHEMA, SHADOW_SCHEMA, users

_SETUP = 7300
"""Advisory lock under which one setup at a time makes tables."""


async def ensure_schema(engine: AsyncEngine) -> dict[str, bool]:
    """True for each table that was made now. Tables that exist are never altered."""
    async with engine.begin() as connection:
        await connection.execute(text("SELECT pg_advisory_xact_lock(:space, 0)"), {"space": _SETUP})
        for schema in (ledger_tables.SCHEMA, SHADOW_SCHEMA):
            await connection.execute(text(f"CREATE SCHEMA IF NOT EXISTS {schema}"))
        made = await connection.run_sync(_make, platform_tables.metadata, LIVE_SCHEMA)
        made |= await connection.run_sync(_make, ledger_tables.metadata, ledger_tables.SCHEMA)
    translated = engine.execution_options(schema_translate_map={None: SHADOW_SCHEMA})
    async with translated.begin() as connection:
        await connection.execute(text("SELECT pg_advisory_xact_lock(:space, 0)"), {"space": _SETUP})
        made |= await connection.run_sync(_make_shadow)
    return made


async def seed_users(engine: AsyncEngine) -> bool:
    """The people of the catalogue's samples as users, so that their events have effects. For local stacks only. True if any was new."""
    rows = [{"id": str(person.id), "full_name": person.name, "email": person.email, "role": person.role} for person in PEOPLE]
    async with engine.begin() as connection:
        inserted = await connection.execute(insert(users).values(rows).on_conflict_do_nothing().returning(users.c.id))
        return inserted.first() is not None


def _make(connection: Connection, metadata: MetaData, schema: str) -> dict[str, bool]:
    existing = set(inspect(connection).get_table_names(schema=schema))
    metadata.create_all(connection, checkfirst=True)
    return {f"table {schema}.{table.name}": table.name not in existing for table in metadata.sorted_tables}


def _make_shadow(connection: Connection) -> dict[str, bool]:
    existing = set(inspect(connection).get_table_names(schema=SHADOW_SCHEMA))
    missing = [table for table in EFFECT_TABLES if table.name not in existing]
    for table in missing:
        table.create(connection)
    return {f"table {SHADOW_SCHEMA}.{table.name}": table in missing for table in EFFECT_TABLES}
