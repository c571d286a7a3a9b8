"""How long after the decision legacy applied its first new effect, by the database's clock."""

from __future__ import annotations

import asyncio
import time
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncEngine

from nljctl.effects import progress
from nljctl.effects.ledger_tables import applied, fence
from nljctl.effects.plan import Epoch, Pipeline, Role
from nljctl.migration.overview import log_spans
from nljctl.settings import Settings

POLL_SECONDS = 0.2


async def clock(engine: AsyncEngine) -> datetime:
    """The database's time now."""
    async with engine.connect() as connection:
        now: datetime = (await connection.execute(select(func.clock_timestamp()))).scalar_one()
        return now


async def first_effect(settings: Settings, engine: AsyncEngine, epoch: Epoch, since: datetime, deadline: float) -> float | None:
    """Seconds from `since` to legacy's first effect beyond the fences; None if the log held none for it, or none came before `deadline` (time.monotonic)."""
    ends = await log_spans(settings)
    c = applied.c
    same_partition = (fence.c.epoch == epoch.number) & (fence.c.topic == c.topic) & (fence.c.partition == c.partition) & (fence.c.generation == c.generation)
    found = (
        select(func.min(c.at))
        .select_from(applied.outerjoin(fence, same_partition))
        .where(c.role == Role.LIVE, c.pipeline == Pipeline.LEGACY, c.at > since, c.offset >= func.coalesce(fence.c.offset, 0))
    )
    while time.monotonic() < deadline:
        async with engine.connect() as connection:
            first: datetime | None = (await connection.execute(found)).scalar_one()
            positions = await progress.read(connection, Pipeline.LEGACY)
        if first is not None:
            return round((first - since).total_seconds(), 3)
        if all(position.effects_next >= ends[tp].end for tp, position in positions.items() if tp in ends):
            return None
        await asyncio.sleep(POLL_SECONDS)
    return None
