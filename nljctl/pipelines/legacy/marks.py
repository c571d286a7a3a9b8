"""What the consumer has in hand, written down before it sends: rows of `nljctl.sending`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

from aiokafka import TopicPartition
from sqlalchemy import bindparam, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from nljctl.effects.ledger_tables import sending
from nljctl.pipelines.legacy.doubt import Mark


async def read(connection: AsyncConnection, tps: Iterable[TopicPartition]) -> tuple[dict[TopicPartition, Mark], datetime]:
    """The marks of some partitions, and Postgres's time now."""
    c, wanted = sending.c, set(tps)
    rows = (await connection.execute(select(c.topic, c.partition, c.end, c.at))).all()
    now: datetime = (await connection.execute(select(func.clock_timestamp()))).scalar_one()
    marks = {TopicPartition(row.topic, row.partition): Mark(row.end, row.at) for row in rows}
    return {tp: mark for tp, mark in marks.items() if tp in wanted}, now


async def write(connection: AsyncConnection, ends: Mapping[TopicPartition, int], since: Mapping[TopicPartition, datetime]) -> None:
    """Marks partitions up to `ends`, from now on; from `since` where a predecessor had them in hand and that is not settled yet."""
    rows = [{"of": tp.topic, "number": tp.partition, "to": end, "since": since.get(tp)} for tp, end in sorted(ends.items())]
    at = func.coalesce(bindparam("since", type_=sending.c.at.type), func.now())
    statement = insert(sending).values(topic=bindparam("of"), partition=bindparam("number"), end=bindparam("to"), at=at)
    marked = statement.on_conflict_do_update(index_elements=["topic", "partition"], set_={"end": statement.excluded.end, "at": statement.excluded.at})
    await connection.execute(marked, rows)
