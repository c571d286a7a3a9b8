"""Makes what Postgres lacks: the platform's tables in a new database, nljctl's own, and the shadow's."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, MetaData, Table, inspect, select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncEngine

from nljctl.catalogue.courseware import ACTIVITIES, NODES
from nljctl.catalogue.people import PEOPLE
from nljctl.effects import ledger_tables, migrations, platform_tables
from nljctl.effects.fitness import misfits, platform
from nljctl.effects.platform_tables import EFFECT_TABLES, LIVE_SCHEMA, SHADOW_SCHEMA, content_items, nodes, users
from nljctl.errors import ConfigurationError

_SETUP = 7300
"""Advisory lock under which one setup at a time makes tables."""

MOST_SAID = 5
"""Misfits that one message tells."""


async def ensure_schema(engine: AsyncEngine) -> dict[str, bool]:
    """True for each table that was made now. Tables that exist are never altered.

    Raises:
        ConfigurationError: a table of the platform's own lacks what effects need.
    """
    async with engine.begin() as connection:
        await connection.execute(text("SELECT pg_advisory_xact_lock(:space, 0)"), {"space": _SETUP})
        for schema in (ledger_tables.SCHEMA, SHADOW_SCHEMA):
            await connection.execute(text(f"CREATE SCHEMA IF NOT EXISTS {schema}"))
        made = await connection.run_sync(_make_platform)
        if said := misfits(await platform(connection)):
            raise ConfigurationError(
                f"the platform's tables do not fit: {'; '.join(said[:MOST_SAID])}{'; …' if len(said) > MOST_SAID else ''}",
                "nljctl alters no table of the platform's: bring them to what docs/effects.md lists, or point DATABASE_URL at the right database.",
            )
        made |= await connection.run_sync(_make, ledger_tables.metadata, ledger_tables.SCHEMA)
    translated = engine.execution_options(schema_translate_map={None: SHADOW_SCHEMA})
    async with translated.begin() as connection:
        await connection.execute(text("SELECT pg_advisory_xact_lock(:space, 0)"), {"space": _SETUP})
        made |= await connection.run_sync(_make_shadow)
    return made


async def seed_users(engine: AsyncEngine) -> bool:
    """The users of the catalogue's samples and what they learn from, so that their events have effects. For local stacks only. True if any was new."""
    seeds: Mapping[Table, list[dict[str, Any]]] = {
        users: [{"id": str(person.id), "full_name": person.name, "email": person.email, "role": person.role} for person in PEOPLE],
        content_items: [{"id": activity.id, "title": activity.title, "content_type": activity.kind} for activity in ACTIVITIES],
        nodes: [{"id": node.id, "title": node.title, "node_type": "question", "content": {}} for node in NODES],
    }
    async with engine.begin() as connection:
        new = [(await connection.execute(insert(table).values(rows).on_conflict_do_nothing().returning(table.c.id))).first() for table, rows in seeds.items()]
    return any(row is not None for row in new)


async def has_users(engine: AsyncEngine) -> bool:
    """Whether the platform has a user."""
    async with engine.connect() as connection:
        return (await connection.execute(select(users.c.id).limit(1))).first() is not None


def _make_platform(connection: Connection) -> dict[str, bool]:
    """A new database gets the newest revision of all tables; one with tables of the platform's own only those that it lacks."""
    tables = platform_tables.metadata.sorted_tables
    existing = set(inspect(connection).get_table_names(schema=LIVE_SCHEMA)) & {table.name for table in tables}
    if migrations.is_versioned(connection) or not existing:
        migrations.upgrade(connection)
    else:
        platform_tables.metadata.create_all(connection, checkfirst=True)
    return {f"table {LIVE_SCHEMA}.{table.name}": table.name not in existing for table in tables}


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
