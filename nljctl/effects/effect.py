"""What an effect is: an event read into a command, the rows it needs, and the changes that follow, as values."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import msgspec
from sqlalchemy import Table
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from nljctl.effects.ledger_tables import outbox


class UnreadableEventError(Exception):
    """The event lacks what its effect needs, or says it in a form that cannot be meant. The effect is refused; the statement stays stored.

    `sqlstate` is what Postgres calls such a value: 22023 unless the raiser knows better.
    """

    def __init__(self, message: str, sqlstate: str = "22023") -> None:
        super().__init__(message)
        self.sqlstate = sqlstate


@dataclass(frozen=True, slots=True)
class Insert:
    table: Table
    values: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Update:
    table: Table
    id: str
    values: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Announce:
    """An event that the effect causes. It leaves through the outbox after the commit; the shadow announces nothing."""

    id: str
    topic: str
    key: str
    statement: Mapping[str, Any]


Change = Insert | Update | Announce


@dataclass(frozen=True, slots=True)
class Refusal:
    """What a rule answers to an event that cannot be true of the rows it finds. 55000: not in the state that this needs."""

    reason: str
    sqlstate: str = "55000"


Decision = Sequence[Change] | Refusal


class Command(Protocol):
    """An event that changes the platform, read. Keys look like `session:<uuid>`."""

    @property
    def aggregate(self) -> str | None:
        """The id that decides the owner; None if it must be looked up."""

    @property
    def parent(self) -> str | None:
        """The key of the row without which the event is parked."""

    @property
    def creates(self) -> Sequence[str]:
        """The keys by which others may be parked for the row that the event inserts; empty for one that inserts none."""

    @property
    def touches(self) -> Sequence[str]:
        """The keys of the rows that the event changes, or whose fate it decides; as comparisons name rows, by table and id."""

    @property
    def guards(self) -> Sequence[str]:
        """Keys of what the decision looks at besides its parent's row: decisions that share one are made one after the other."""


@dataclass(frozen=True, slots=True)
class Effect:
    """One row of the table of effects.

    Attributes:
        read: statement → command; raises UnreadableEventError.
        load: command → the state that the decision needs.
        decide: (state, command) → changes, or why there can be none. Pure.
        locate: the aggregate's id for a command that does not carry it; None while the row that tells it is missing.
    """

    read: Callable[[Mapping[str, Any]], Any]
    load: Callable[[AsyncConnection, Any], Awaitable[Any]]
    decide: Callable[[Any, Any], Decision]
    locate: Callable[[AsyncConnection, Any], Awaitable[str | None]] | None = None


async def no_state(_: AsyncConnection, __: object) -> None:
    """What rules load that look at nothing but their command."""
    return


async def execute(connection: AsyncConnection, changes: Sequence[Change], *, announcing: bool) -> None:
    """Makes the changes, in order. Announcements are written to the outbox if `announcing`, once by their id."""
    for change in changes:
        match change:
            case Insert():
                await connection.execute(change.table.insert().values(**change.values))
            case Update():
                await connection.execute(change.table.update().where(change.table.c.id == change.id).values(**change.values))
            case Announce() if announcing:
                row = {"id": change.id, "topic": change.topic, "key": change.key, "statement": msgspec.json.encode(change.statement)}
                await connection.execute(insert(outbox).values(row).on_conflict_do_nothing())
