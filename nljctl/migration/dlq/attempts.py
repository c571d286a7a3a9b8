"""What has been sent again: a row per attempt, written before the record goes and completed when the broker has it.

A row without `sent_offset` means that somebody was killed in between, or that it happens right now; the lock tells which.
"""

from __future__ import annotations

import getpass
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import BigInteger, Column, DateTime, Integer, MetaData, Table, Text, and_, func, select, text, tuple_
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from nljctl.effects.ledger_tables import SCHEMA, outcome, progress
from nljctl.effects.plan import Pipeline, Role
from nljctl.effects.topic_generations import current
from nljctl.errors import RefusedError, UnreachableError
from nljctl.migration.dlq.coordinates import Coordinates

_LOCK = 7304
"""Advisory lock of whoever replays; it ends with their connection."""

replay = Table(
    "replay",
    MetaData(schema=SCHEMA),
    Column("topic", Text, primary_key=True),
    Column("partition", Integer, primary_key=True),
    Column("offset", BigInteger, primary_key=True),
    Column("attempt", Integer, primary_key=True),
    Column("log_end", BigInteger, nullable=False),
    Column("sent_offset", BigInteger),
    Column("by", Text, nullable=False),
    Column("at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    comment="Dead letters that were sent again, by their first coordinates. log_end: where their partition ended before; sent_offset: where it lies now.",
)

Fate = Literal["unnoted", "under way", "stored", "duplicate", "conflict", "dead_lettered"]


@dataclass(frozen=True, slots=True)
class Attempt:
    """One sending. `fate`: what faststream has made of it; `under way` until it has read it, `unnoted` while nobody knows whether it was sent."""

    origin: Coordinates
    number: int
    log_end: int
    sent_offset: int | None
    at: datetime
    fate: Fate

    @property
    def sent(self) -> Coordinates | None:
        return None if self.sent_offset is None else self.origin._replace(offset=self.sent_offset)

    def document(self) -> dict[str, Any]:
        return {"attempt": self.number, "offset": self.sent_offset, "at": self.at.isoformat(timespec="milliseconds"), "outcome": self.fate}


async def read_attempts(connection: AsyncConnection, origins: Sequence[Coordinates] | None = None) -> list[Attempt]:
    """Every attempt, or those of some origins; oldest first per origin. None before anything was ever sent again."""
    if not await _there(connection):
        return []
    c, p, o = replay.c, progress.c, outcome.c
    stands = and_(p.pipeline == Pipeline.FASTSTREAM, p.role == Role.LIVE, p.topic == c.topic, p.partition == c.partition)
    became = and_(
        o.pipeline == Pipeline.FASTSTREAM, o.topic == c.topic, o.partition == c.partition, o.offset == c.sent_offset, o.generation == current(c.topic)
    )
    query = (
        select(c.topic, c.partition, c.offset, c.attempt, c.log_end, c.sent_offset, c.at, p.statements_next, o.kind)
        .select_from(replay.outerjoin(progress, stands).outerjoin(outcome, became))
        .order_by(c.topic, c.partition, c.offset, c.attempt)
    )
    if origins is not None:
        query = query.where(tuple_(c.topic, c.partition, c.offset).in_(origins))
    return [
        Attempt(
            Coordinates(row.topic, row.partition, row.offset),
            row.attempt,
            row.log_end,
            row.sent_offset,
            row.at,
            fate(row.sent_offset, row.statements_next, row.kind),
        )
        for row in await connection.execute(query)
    ]


def fate(sent_offset: int | None, statements_next: int | None, kind: Fate | None) -> Fate:
    """What faststream has made of a record that was sent to `sent_offset`; `kind` is its recorded outcome, which a stored one has not. Pure."""
    if sent_offset is None:
        return "unnoted"
    if statements_next is None or statements_next <= sent_offset:
        return "under way"
    return kind or "stored"


def last_of(attempts: Iterable[Attempt]) -> dict[Coordinates, Attempt]:
    """The newest attempt of each origin. Pure."""
    return {attempt.origin: attempt for attempt in sorted(attempts, key=lambda attempt: attempt.number)}


def roots(attempts: Iterable[Attempt]) -> dict[Coordinates, Coordinates]:
    """Where a record lies now → where the first of its kind lay. Pure."""
    return {attempt.sent: attempt.origin for attempt in attempts if attempt.sent is not None}


@asynccontextmanager
async def alone(engine: AsyncEngine) -> AsyncIterator[Callable[[], Awaitable[None]]]:
    """Keeps everyone else from replaying, until the block or this process ends; makes the table where it is missing.

    Gives a function that raises as soon as that is no longer so, because the connection that holds the lock is gone.

    Raises:
        RefusedError: somebody else replays.
    """
    # Outside any transaction: it may last as long as sending takes.
    async with engine.connect() as connection:
        await connection.execution_options(isolation_level="AUTOCOMMIT")
        taken = (await connection.execute(text("SELECT pg_try_advisory_lock(:space, 0)"), {"space": _LOCK})).scalar_one()
        if not taken:
            raise RefusedError("somebody else is replaying dead letters right now", "Let that end, then run the command again.", code="replay-under-way")

        async def still_held() -> None:
            try:
                await connection.execute(text("SELECT 1"))
            except DBAPIError as problem:
                raise UnreachableError(
                    "Postgres ended the connection that kept others from replaying", "Run the command again: it finds what was sent.", code="lock-lost"
                ) from problem

        try:
            async with engine.begin() as making:
                await making.run_sync(replay.metadata.create_all, checkfirst=True)
            yield still_held
        finally:
            if not connection.invalidated:
                await connection.execute(text("SELECT pg_advisory_unlock(:space, 0)"), {"space": _LOCK})


async def somebody_replays(connection: AsyncConnection) -> bool:
    held = (
        "SELECT EXISTS (SELECT 1 FROM pg_locks l JOIN pg_database d ON d.oid = l.database"
        " WHERE d.datname = current_database() AND l.locktype = 'advisory' AND l.classid = :space AND l.granted)"
    )
    return bool((await connection.execute(text(held), {"space": _LOCK})).scalar_one())


async def begin(connection: AsyncConnection, numbers: Mapping[Coordinates, int], log_ends: Mapping[Coordinates, int]) -> None:
    """Notes what will be sent now: the number of the attempt, and where the partition ends before it."""
    by = getpass.getuser()
    rows = [{**origin._asdict(), "attempt": number, "log_end": log_ends[origin], "by": by} for origin, number in numbers.items()]
    await connection.execute(replay.insert(), rows)


async def note_sent(connection: AsyncConnection, sent: Mapping[tuple[Coordinates, int], int]) -> None:
    """Notes where attempts (origin, number) lie in the log."""
    c = replay.c
    for (origin, number), offset in sent.items():
        await connection.execute(replay.update().where(*_is(origin), c.attempt == number).values(sent_offset=offset))


async def forget(connection: AsyncConnection, unsent: Iterable[tuple[Coordinates, int]]) -> None:
    """Removes attempts that sent nothing."""
    for origin, number in unsent:
        await connection.execute(replay.delete().where(*_is(origin), replay.c.attempt == number, replay.c.sent_offset.is_(None)))


def _is(origin: Coordinates) -> tuple[Any, ...]:
    c = replay.c
    return c.topic == origin.topic, c.partition == origin.partition, c.offset == origin.offset


async def _there(connection: AsyncConnection) -> bool:
    return bool((await connection.execute(text("SELECT to_regclass(:name)::text"), {"name": f"{SCHEMA}.{replay.name}"})).scalar_one())
