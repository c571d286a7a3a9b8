"""What Postgres says of itself and of the move."""

from __future__ import annotations

import time
from typing import Any

from sqlalchemy import func, select, text
from sqlalchemy.ext.asyncio import AsyncConnection

from nljctl.effects import database, ledger_tables, plans, progress
from nljctl.effects.ledger_tables import parked
from nljctl.effects.plan import Pipeline, Role
from nljctl.effects.platform_tables import EFFECT_TABLES, LIVE_SCHEMA, SHADOW_SCHEMA, generation_sessions
from nljctl.migration.doctor.facts import Clock, DatabaseFacts
from nljctl.migration.overview import backfills
from nljctl.settings import Settings

MOST_ROWS = 1_000

_CONNECTIONS = """
SELECT current_setting('server_version_num')::int AS version,
       current_setting('max_connections')::int - current_setting('superuser_reserved_connections')::int AS most,
       (SELECT count(*) FROM pg_stat_activity
        WHERE coalesce(backend_type, 'client backend') = 'client backend' AND application_name NOT IN ('nlj-faststream-consumer', 'xapi-consumer')
          AND application_name NOT LIKE 'nljctl%') AS others
"""


async def ask_database(settings: Settings) -> DatabaseFacts:
    """Facts of the server, and of nljctl's tables if they are all there.

    Raises:
        NljctlError: Postgres does not answer, or refuses.
    """
    async with database.engine(settings, name="nljctl doctor", pool_size=1) as engine, engine.connect() as connection:
        clock = await _clock(connection)
        server = (await connection.execute(text(_CONNECTIONS))).one()
        missing = await _missing(connection)
        known = {"version": server.version, "clock": clock, "max_connections": server.most, "connections": server.others, "missing": missing}
        return DatabaseFacts(**known, **({} if missing else await _move(connection)))


async def _clock(connection: AsyncConnection) -> Clock:
    began = time.time()
    now = (await connection.execute(select(func.clock_timestamp()))).scalar_one()
    half = (time.time() - began) / 2
    return Clock(now.timestamp() - began - half, half)


async def _missing(connection: AsyncConnection) -> list[str]:
    """Names of tables that are not there. Asked of the catalogue, which any user may read."""
    names = [f"{ledger_tables.SCHEMA}.{table.name}" for table in ledger_tables.metadata.sorted_tables]
    names += [f"{schema}.{table.name}" for schema in (LIVE_SCHEMA, SHADOW_SCHEMA) for table in EFFECT_TABLES]
    rows = await connection.execute(text("SELECT name FROM unnest(CAST(:names AS text[])) AS name WHERE to_regclass(name) IS NULL"), {"names": names})
    return [row.name for row in rows]


async def _move(connection: AsyncConnection) -> dict[str, Any]:
    c = ledger_tables.progress.c
    age = func.extract("epoch", func.now() - func.max(c.at))
    idle = await connection.execute(select(c.pipeline, age.label("seconds")).where(c.role == Role.LIVE).group_by(c.pipeline))
    waits = func.extract("epoch", func.now() - parked.c.at)
    waiting = select(waits).where(parked.c.role == Role.LIVE).order_by(parked.c.at).limit(MOST_ROWS)
    return {
        "plan": await plans.read_plan(connection),
        "positions": {pipeline: await progress.read(connection, pipeline) for pipeline in Pipeline},
        "idle": {Pipeline(row.pipeline): float(row.seconds) for row in idle},
        "backfill": bool(await backfills(connection)),
        "parked": [float(seconds) for seconds in (await connection.execute(waiting)).scalars()],
        "processing": await _processing(connection),
    }


async def _processing(connection: AsyncConnection) -> list[float]:
    """Seconds that sessions have been in processing. A platform without content generation has none."""
    if (await connection.execute(text("SELECT to_regclass('public.generation_sessions')"))).scalar_one() is None:
        return []
    c = generation_sessions.c
    age = func.extract("epoch", func.now() - func.coalesce(c.started_at, c.created_at))
    found = select(age).select_from(generation_sessions).where(c.status == "processing").order_by(age.desc()).limit(MOST_ROWS)
    live = await connection.execution_options(schema_translate_map={None: LIVE_SCHEMA})
    return [float(seconds) for seconds in (await live.execute(found)).scalars()]
