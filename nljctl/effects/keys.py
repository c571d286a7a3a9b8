"""Keys of the rows that events wait for, such as `session:<uuid>`, and whether such a row is there."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import Table, literal, select
from sqlalchemy.ext.asyncio import AsyncConnection

from nljctl.effects.platform_tables import generation_sessions, training_bookings, training_programs, training_sessions

ROWS: Mapping[str, tuple[Table, tuple[str, ...]]] = {
    "program": (training_programs, ("id",)),
    "session": (training_sessions, ("id",)),
    "booking": (training_bookings, ("id",)),
    "enrolment": (training_bookings, ("session_id", "learner_id")),
    "generation": (generation_sessions, ("id",)),
}
"""The table of each kind of key, and the columns whose values follow the colon, a slash between them."""


async def exists(connection: AsyncConnection, key: str) -> bool:
    """Whether the row is there. Under the key's lock, ask in a statement of its own."""
    kind, _, values = key.partition(":")
    table, columns = ROWS[kind]
    wanted = [table.c[name] == value for name, value in zip(columns, values.split("/"), strict=True)]
    return (await connection.execute(select(literal(1)).select_from(table).where(*wanted).limit(1))).first() is not None
