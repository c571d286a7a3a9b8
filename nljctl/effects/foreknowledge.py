"""What the effects of a batch need to know of the ledger and of their parents, asked once for all of them instead of once for each.

It is asked under the batch's locks, so nobody else changes it until the transaction ends; what the batch itself does is noted here as it happens. Only
what is there is believed: a row that was not there may have been put there by the platform's API since, and is asked for again.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import any_, literal, select
from sqlalchemy.dialects.postgresql import ARRAY, UUID
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.types import Text

from nljctl.effects.effect import UnreadableEventError
from nljctl.effects.keys import ROWS
from nljctl.effects.ledger_tables import applied, parked
from nljctl.effects.plan import Role
from nljctl.effects.told import Told


@dataclass(slots=True)
class Foreknowledge:
    """What is known in the course of a batch.

    Attributes:
        asked: statement ids of which `applied` was asked, or that this batch has noted.
        applied: those that were noted as applied, now or before.
        there: keys of rows that are there.
        awaited: of the keys of the rows that this batch may insert, those for which something is parked.
        unwritten: rows of `applied` that are still to be written, in the order in which their effects happened.
    """

    asked: set[str] = field(default_factory=set)
    applied: set[str] = field(default_factory=set)
    there: set[str] = field(default_factory=set)
    awaited: set[str] = field(default_factory=set)
    unwritten: list[dict[str, Any]] = field(default_factory=list)

    def copy(self) -> Foreknowledge:
        return Foreknowledge(set(self.asked), set(self.applied), set(self.there), set(self.awaited), [dict(row) for row in self.unwritten])


async def foresee(connection: AsyncConnection, role: Role, told: Sequence[Told]) -> Foreknowledge:
    """Asks for a batch, whose locks are held; each question in a statement that is younger than they."""
    known = Foreknowledge()
    if not told:
        return known
    known.asked = {record.statement_id for record in told}
    known.applied = await noted(connection, role, known.asked)
    commands = [record.command for record in told if not isinstance(record.command, UnreadableEventError)]
    known.there = await _there(connection, {command.parent for command in commands if command.parent is not None})
    created = {key for command in commands for key in command.creates}
    if created:
        waiting = select(parked.c.waits_for).distinct().where(parked.c.role == role, parked.c.waits_for == any_(literal(sorted(created), ARRAY(Text))))
        known.awaited = set((await connection.execute(waiting)).scalars())
    return known


async def noted(connection: AsyncConnection, role: Role, ids: Iterable[str]) -> set[str]:
    """Those statement ids whose effects are noted as applied."""
    found = select(applied.c.statement_id).where(applied.c.role == role, applied.c.statement_id == any_(literal(sorted(ids), ARRAY(UUID(as_uuid=False)))))
    return set((await connection.execute(found)).scalars())


async def _there(connection: AsyncConnection, keys: Iterable[str]) -> set[str]:
    """Those keys whose rows are there; one question for each kind."""
    by_kind: dict[str, list[list[str]]] = defaultdict(list)
    for key in keys:
        kind, _, values = key.partition(":")
        by_kind[kind].append(values.split("/"))
    found = set()
    for kind, wanted in by_kind.items():
        table, names = ROWS[kind]
        columns = [table.c[name] for name in names]
        # Of two columns this is wider than the question (any session with any learner), and no row of it is wrong.
        limits = [
            column == any_(literal(sorted(set(values)), ARRAY(UUID(as_uuid=False)))) for column, values in zip(columns, zip(*wanted, strict=True), strict=True)
        ]
        found |= {f"{kind}:{'/'.join(row)}" for row in await connection.execute(select(*columns).where(*limits))}
    return found
