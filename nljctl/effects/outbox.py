"""Sends what effects announced: rows of `outbox`, each at least once on the wire, exactly once by its statement id.

A row was written in the transaction of its effect, so it is there if and only if the effect happened. Any number of consumers may publish at the
same time: each takes rows that no other one holds. Whoever dies between the broker's answer and the commit leaves a row that is sent
again; consumers know the statement by its id.
"""

from __future__ import annotations

import asyncio
from typing import Any, Protocol

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncEngine

from nljctl.effects.ledger_tables import outbox

AT_ONCE = 200
"""Rows in one transaction, whose locks are held until the broker has acknowledged them."""


class Producer(Protocol):
    """What is asked of a Kafka producer: the broker has the record when this returns."""

    async def send_and_wait(self, topic: str, value: bytes, key: bytes) -> Any: ...


async def publish_due(engine: AsyncEngine, producer: Producer) -> int:
    """Sends the oldest rows that nobody has sent and nobody else is sending; gives how many, at most `AT_ONCE`.

    Raises:
        KafkaError: the broker did not take one of them; those that it took are noted as sent. Call again.
        Unavailable (effects.database): nothing is noted as sent; some may have been. Call again.
    """
    c = outbox.c
    async with engine.begin() as connection:
        due = await connection.execute(
            select(c.id, c.topic, c.key, c.statement).where(c.published_at.is_(None)).order_by(c.at, c.id).limit(AT_ONCE).with_for_update(skip_locked=True)
        )
        rows = due.all()
        sends = [producer.send_and_wait(row.topic, value=row.statement, key=row.key.encode()) for row in rows]
        answers = await asyncio.gather(*sends, return_exceptions=True)
        sent = [row.id for row, answer in zip(rows, answers, strict=True) if not isinstance(answer, BaseException)]
        if sent:
            await connection.execute(outbox.update().where(c.id.in_(sent)).values(published_at=func.now()))
    for answer in answers:
        if isinstance(answer, BaseException):
            raise answer
    return len(sent)


async def count_due(engine: AsyncEngine) -> int:
    """Announcements that are not known to be published: those that somebody is just sending, too."""
    async with engine.connect() as connection:
        return int((await connection.execute(select(func.count()).where(outbox.c.published_at.is_(None)))).scalar_one())
