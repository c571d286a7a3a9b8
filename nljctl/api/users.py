"""The platform's users, by id: email and role, from its own table."""

from __future__ import annotations

import time
from collections import OrderedDict

from sqlalchemy import select

from nljctl.api.access import Caller, user
from nljctl.effects import database
from nljctl.effects.platform_tables import users
from nljctl.settings import Settings

REMEMBERED_SECONDS = 30.0
"""A role that was taken away is gone after this time."""

MOST_REMEMBERED = 10_000


class Users:
    """Asks Postgres, and remembers the answer for a while."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._known: OrderedDict[str, tuple[float, Caller | None]] = OrderedDict()

    async def find(self, number: str) -> Caller | None:
        """The user with this id; None if there is none.

        Raises:
            UnreachableError: Postgres does not answer.
        """
        at, known = self._known.get(number, (0.0, None))
        if at and time.monotonic() - at < REMEMBERED_SECONDS:
            return known
        async with database.engine(self._settings, name="nljctl api", pool_size=1) as engine, engine.connect() as connection:
            row = (await connection.execute(select(users.c.email, users.c.role).where(users.c.id == number))).one_or_none()
        found = None if row is None else user(row.email, row.role)
        self._known[number] = time.monotonic(), found
        self._known.move_to_end(number)
        while len(self._known) > MOST_REMEMBERED:
            self._known.popitem(last=False)
        return found
