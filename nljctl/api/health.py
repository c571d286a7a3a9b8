"""Whether the API can answer: what it reads from, asked now."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import Any

from elasticsearch import AsyncElasticsearch, UnsupportedProductError
from sqlalchemy import text

from nljctl.effects import database
from nljctl.errors import NljctlError
from nljctl.settings import Settings
from nljctl.store.client import Unavailable, in_words
from nljctl.store.index import ALIAS, reads_from

ASK_SECONDS = 4.0

Component = dict[str, Any]


async def health(settings: Settings, client: AsyncElasticsearch) -> dict[str, Any]:
    """`status` is unhealthy where no analytics can be read, and degraded where only users and the migration cannot be asked for. Raises for nothing."""
    elasticsearch, postgres = await asyncio.gather(_elasticsearch(settings, client), _database(settings))
    status = "unhealthy" if elasticsearch["status"] == "unhealthy" else "degraded" if postgres["status"] == "unhealthy" else "healthy"
    return {
        "status": status,
        "service": "nlj-api",
        "timestamp": datetime.now(UTC).isoformat(timespec="milliseconds"),
        "components": {"elasticsearch": elasticsearch, "database": postgres},
    }


async def _elasticsearch(settings: Settings, client: AsyncElasticsearch) -> Component:
    try:
        async with asyncio.timeout(ASK_SECONDS):
            reads = await reads_from(client.options(max_retries=0))
    except (*Unavailable, UnsupportedProductError) as problem:
        told = in_words(settings, problem)
        return {"status": "unhealthy", "detail": told.message, "hint": told.hint}
    except TimeoutError:
        return {"status": "unhealthy", "detail": f"no answer within {ASK_SECONDS:.0f} s", "hint": "See `nljctl health`."}
    if reads is None:
        return {"status": "unhealthy", "detail": f"there is no alias {ALIAS}", "hint": "Run `nljctl setup`."}
    return {"status": "healthy", "detail": f"analytics read {reads}"}


async def _database(settings: Settings) -> Component:
    try:
        async with asyncio.timeout(ASK_SECONDS), database.engine(settings, name="nljctl api", pool_size=1) as engine, engine.connect() as connection:
            await connection.execute(text("SELECT 1"))
    except NljctlError as problem:
        return {"status": "unhealthy", "detail": problem.message, "hint": problem.hint}
    except TimeoutError:
        return {"status": "unhealthy", "detail": f"no answer within {ASK_SECONDS:.0f} s", "hint": "See `nljctl health`."}
    return {"status": "healthy", "detail": "answers"}
