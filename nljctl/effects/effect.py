"""What an effect is: an event read into a command, the rows it needs, and the changes that follow, as values."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from sqlalchemy import Table
from sqlalchemy.ext.asyncio import AsyncConnection


class UnreadableEventError(Exception):
    """The event lacks what its effect needs, or says it in a form that cannot be meant. The effect is refused; the statement stays stored."""


@dataclass(frozen=True, slots=True)
class Insert:
    table: Table
    values: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Update:
    table: Table
    id: str
    values: Mapping[str, Any]


Change = Insert | Update


class Command(Protocol):
    """An event that changes the platform, read. Keys look like `session:<uuid>`."""

    @property
    def aggregate(self) -> str | None:
        """The id that decides the owner; None if it must be looked up."""

    @property
    def parent(self) -> str | None:
        """The key of the row without which the event is parked."""

    @property
    def creates(self) -> str | None:
        """The key of the row that the event inserts, for which others may be parked."""


@dataclass(frozen=True, slots=True)
class Effect:
    """One row of the table of effects.

    Attributes:
        read: statement → command; raises UnreadableEventError.
        load: command → the state that the decision needs.
        decide: (state, command) → changes. Pure.
        locate: the aggregate's id for a command that does not carry it; None while the row that tells it is missing.
    """

    read: Callable[[Mapping[str, Any]], Any]
    load: Callable[[AsyncConnection, Any], Awaitable[Any]]
    decide: Callable[[Any, Any], Sequence[Change]]
    locate: Callable[[AsyncConnection, Any], Awaitable[str | None]] | None = None


async def no_state(_: AsyncConnection, __: object) -> None:
    """What rules load that look at nothing but their command."""
    return


async def execute(connection: AsyncConnection, changes: Sequence[Change]) -> None:
    """Makes the changes, in order."""
    for change in changes:
        if isinstance(change, Insert):
            await connection.execute(change.table.insert().values(**change.values))
        else:
            await connection.execute(change.table.update().where(change.table.c.id == change.id).values(**change.values))
