"""Reads and writes the plan: rows of `epoch` and `fence`."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from aiokafka import TopicPartition
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from nljctl.effects import topic_generations
from nljctl.effects.ledger_tables import epoch, fence, topic_generation
from nljctl.effects.plan import Epoch


async def read_plan(connection: AsyncConnection) -> list[Epoch]:
    """Every epoch, oldest first, with its fences in the present generation of each topic.

    Under the plan's lock this is what rules; without it, what ruled a moment ago.
    """
    fences: dict[int, dict[TopicPartition, int]] = defaultdict(dict)
    for row in await connection.execute(select(fence).where(fence.c.generation == topic_generations.current(fence.c.topic))):
        fences[row.epoch][TopicPartition(row.topic, row.partition)] = row.offset
    rows = await connection.execute(select(epoch.c.number, epoch.c.share, epoch.c.salt, epoch.c.kind, epoch.c.state).order_by(epoch.c.number))
    return [Epoch(row.number, row.share, row.salt, row.kind, row.state, fences[row.number]) for row in rows]


async def newest(connection: AsyncConnection) -> int | None:
    """The number of the newest epoch; None if there is none yet."""
    number: int | None = (await connection.execute(select(func.max(epoch.c.number)))).scalar_one()
    return number


async def version(connection: AsyncConnection) -> tuple[int | None, int]:
    """Changes with everything that `read_plan` reads: epochs and their fences are never altered, and topics made anew are only ever added."""
    made_anew = select(func.count()).select_from(topic_generation).where(topic_generation.c.number > topic_generations.FIRST).scalar_subquery()
    row = (await connection.execute(select(func.max(epoch.c.number), made_anew))).one()
    return row[0], row[1]


async def history(connection: AsyncConnection) -> list[dict[str, Any]]:
    """Every decision, oldest first: number, share, kind, state, by, reason, at, evidence."""
    rows = await connection.execute(select(epoch).order_by(epoch.c.number))
    return [{key: value.isoformat() if isinstance(value, datetime) else value for key, value in row._mapping.items() if key != "salt"} for row in rows]


async def write_epoch(
    connection: AsyncConnection,
    *,
    share: int,
    salt: str,
    kind: str,
    state: str,
    by: str,
    reason: str,
    fences: Mapping[TopicPartition, int],
    after: int | None,
) -> int:
    """Writes the next epoch, if `after` is still the newest number (None: if there is none yet); gives its number, or 0 if it is not.

    The caller holds the plan's lock.
    """
    if await newest(connection) != after:
        return 0
    number = (after or 0) + 1
    await connection.execute(epoch.insert().values(number=number, share=share, salt=salt, kind=kind, state=state, by=by, reason=reason))
    generations = await topic_generations.numbers(connection)
    rows = [
        {"epoch": number, "topic": tp.topic, "partition": tp.partition, "offset": offset, "generation": generations.get(tp.topic, topic_generations.FIRST)}
        for tp, offset in sorted(fences.items())
        if offset > 0
    ]
    if rows:
        await connection.execute(fence.insert(), rows)
    return number
