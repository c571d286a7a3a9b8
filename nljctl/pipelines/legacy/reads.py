"""After a rollback analytics read the legacy index again, once it is full: the consumer that fills it moves the alias (docs/rollback.md)."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable

from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine

from nljctl.effects import database, plans
from nljctl.errors import NljctlError
from nljctl.pipelines.patience import away
from nljctl.settings import Settings
from nljctl.store.client import elasticsearch
from nljctl.store.index import move_reads, reads_from

log = logging.getLogger("nljctl.legacy")

LOOK_SECONDS = 3.0


async def follow_backfill(settings: Settings, engine: AsyncEngine, left: Callable[[], int | None]) -> None:
    """Looks until the newest epoch is a rollback and nothing is left to fill, then moves the alias; and again after the next rollback.

    Args:
        left: offsets that are still to be filled; None before that is known.
    """
    moved_for = 0
    while True:
        await asyncio.sleep(LOOK_SECONDS)
        if left() != 0:
            continue
        try:
            async with engine.connect() as connection:
                newest = (await plans.read_plan(connection))[-1]
            if newest.kind != "rollback" or newest.number == moved_for:
                continue
            async with elasticsearch(settings) as client:
                if await reads_from(client) != settings.legacy_index:
                    await move_reads(client, settings.require("legacy_index"))
                    log.info("analytics read %s: it is full", settings.legacy_index)
            moved_for = newest.number
        except (DBAPIError, *database.Unavailable, NljctlError) as problem:
            if isinstance(problem, DBAPIError) and away(problem) is None:
                raise
            log.debug("the alias is looked at later: %s", problem)
