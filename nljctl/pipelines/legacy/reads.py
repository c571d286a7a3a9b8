"""After a rollback analytics read the legacy index again, once it is full: the consumer that fills it moves the alias (docs/rollback.md)."""

from __future__ import annotations

import asyncio
import logging

from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine

from nljctl.effects import database, reads
from nljctl.errors import NljctlError
from nljctl.pipelines.patience import away
from nljctl.settings import Settings
from nljctl.store.client import elasticsearch
from nljctl.store.index import move_reads, reads_from

log = logging.getLogger("nljctl.legacy")

LOOK_SECONDS = 3.0


async def follow_rollback(settings: Settings, engine: AsyncEngine) -> None:
    """Looks now and then whether a rollback wants the reads elsewhere, and moves them as soon as it may. What it needs being away makes it look later."""
    while True:
        await asyncio.sleep(LOOK_SECONDS)
        try:
            await _move(settings, engine)
        except (DBAPIError, *database.Unavailable, NljctlError) as problem:
            if isinstance(problem, DBAPIError) and away(problem) is None:
                raise
            log.debug("the alias is looked at later: %s", problem)


async def _move(settings: Settings, engine: AsyncEngine) -> None:
    async with engine.connect() as connection:
        due = await reads.due(connection)
    if due is None or due.filling:
        return
    async with elasticsearch(settings) as client:
        if await reads_from(client) != due.index:
            await move_reads(client, due.index)
            log.info("analytics read %s", due.index)
    async with engine.begin() as connection:
        await reads.note_moved(connection, due.epoch)
