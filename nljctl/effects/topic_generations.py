"""Which making of its topic a row is about: rows of `topic_generation`. A topic without one was never made anew."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from nljctl.effects.ledger_tables import topic_generation

FIRST = 0


def current(topic: ColumnElement[str]) -> ColumnElement[int]:
    """The present generation of a row's topic, as an expression; what is of an earlier one says nothing of the log that there is now."""
    known = topic_generation.alias()
    return select(func.coalesce(func.max(known.c.number), FIRST)).where(known.c.topic == topic).correlate_except(known).scalar_subquery()


async def numbers(connection: AsyncConnection) -> Mapping[str, int]:
    """The present generation by topic; a topic that is absent is in its first."""
    c = topic_generation.c
    return {row.topic: row.number for row in await connection.execute(select(c.topic, func.max(c.number).label("number")).group_by(c.topic))}


async def topic_ids(connection: AsyncConnection) -> Mapping[str, str]:
    """The id of each topic's present generation, where a broker told it."""
    c = topic_generation.c
    rows = await connection.execute(select(c.topic, c.topic_id).where(c.number == current(c.topic), c.topic_id.is_not(None)))
    return {row.topic: row.topic_id for row in rows}


async def note_ids(connection: AsyncConnection, ids: Mapping[str, str]) -> None:
    """Notes the ids of topics of which none was known; those that are known stay."""
    generations = await numbers(connection)
    rows = [
        {"topic": topic, "number": generations.get(topic, FIRST), "topic_id": id, "by": "a consumer", "reason": "first seen"}
        for topic, id in sorted(ids.items())
    ]
    if rows:
        statement = insert(topic_generation)
        await connection.execute(
            statement.on_conflict_do_update(
                index_elements=["topic", "number"], set_={"topic_id": statement.excluded.topic_id}, where=topic_generation.c.topic_id.is_(None)
            ),
            rows,
        )
