"""Death at a chosen instruction: whoever works under a doom dies at the n-th thing that it asks of Postgres, a commit included."""

from __future__ import annotations

from collections.abc import Awaitable
from contextvars import ContextVar
from typing import Any, TypeVar

from sqlalchemy import event
from sqlalchemy.ext.asyncio import AsyncEngine

T = TypeVar("T")


class Killed(BaseException):
    """No code may handle it, as none handles SIGKILL. The transaction under way is rolled back, as Postgres does when a connection breaks."""


class Doom:
    """`left`: how many statements its owner may still send; None: it lives. Once dead, everything it tries fails."""

    def __init__(self, left: int | None = None) -> None:
        self.left = left
        self.struck = False

    def count(self) -> None:
        if self.left is None:
            return
        if self.left <= 0:
            self.struck = True
            raise Killed
        self.left -= 1


_PRESENT: ContextVar[Doom | None] = ContextVar("doom", default=None)


async def under(doom: Doom, work: Awaitable[T]) -> T:
    """Does `work`, and whatever tasks it starts, under a doom."""
    token = _PRESENT.set(doom)
    try:
        return await work
    finally:
        _PRESENT.reset(token)


def watch(engine: AsyncEngine) -> None:
    """Lets dooms strike what goes through this engine."""

    def strike(*_: Any) -> None:
        doom = _PRESENT.get()
        if doom is not None:
            doom.count()

    event.listen(engine.sync_engine, "before_cursor_execute", strike)
    event.listen(engine.sync_engine, "commit", strike)
