"""Sends what effects announced: rows of `outbox`, each at least once on the wire, exactly once by its statement id.

A row was written in the transaction of its effect, so it is there if and only if the effect happened. Any number of consumers may publish at the
same time: each takes rows that no other one holds. Whoever dies between the broker's answer and the commit leaves a row that is sent
again; consumers know the statement by its id.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from typing import Any, Protocol

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncEngine

from nljctl.effects.ledger_tables import outbox

AT_ONCE = 200
"""Rows in one transaction, whose locks are held until the broker has acknowledged them."""

INTERVAL_SECONDS = 1.0


class Producer(Protocol):
    """What is asked of a Kafka producer: the broker has the record when this returns."""

    async def send_and_wait(self, topic: str, value: bytes, key: bytes) -> Any: ...


async def publish_due(engine: AsyncEngine, producer: Producer) -> int:
    """Sends the oldest rows that nobody has sent and nobody else is sending; gives how many, at most `AT_ONCE`.

    Raises:
        KafkaError, Unavailable (effects.database): nothing is noted as sent; some may have been. Call again.
    """
    c = outbox.c
    async with engine.begin() as connection:
        due = await connection.execute(
            select(c.id, c.topic, c.key, c.statement).where(c.published_at.is_(None)).order_by(c.at, c.id).limit(AT_ONCE).with_for_update(skip_locked=True)
        )
        rows = due.all()
        if not rows:
            return 0
        sends = [producer.send_and_wait(row.topic, value=row.statement, key=row.key.encode()) for row in rows]
        for answer in await asyncio.gather(*sends, return_exceptions=True):
            if isinstance(answer, BaseException):
                raise answer
        await connection.execute(outbox.update().where(c.id.in_([row.id for row in rows])).values(published_at=func.now()))
    return len(rows)


async def keep_publishing(publish: Callable[[], Awaitable[int | None]], stop: asyncio.Event) -> None:
    """Publishes until told to stop: at once again while there is a whole page, else a moment later.

    Args:
        publish: `publish_due`, with the caller's way of waiting for a service that is away around it; None if it was told to stop meanwhile.
        stop: set it, and this ends after the page under way.
    """
    while not stop.is_set():
        if await publish() == AT_ONCE:
            continue
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(INTERVAL_SECONDS):
                await stop.wait()
