"""Applies effects inside a transaction: each once, behind its parent, in a savepoint of its own (docs/ownership.md, "Applying a batch", steps 4 and 5)."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping, Sequence

import msgspec
from aiokafka import TopicPartition
from asyncpg import InterfaceError
from sqlalchemy import Table, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection

from nljctl.effects.batch import EffectCounts, Entry
from nljctl.effects.effect import Command, Effect, UnreadableEventError, execute
from nljctl.effects.ledger_tables import applied, parked
from nljctl.effects.locks import lock_keys
from nljctl.effects.plan import Epoch, Pipeline, Role, owner
from nljctl.effects.platform_tables import training_bookings, training_programs, training_sessions
from nljctl.effects.registry import EFFECTS

PARENTS: Mapping[str, Table] = {"program": training_programs, "session": training_sessions, "booking": training_bookings}

IMPOSSIBLE = ("22", "23")
"""SQLSTATE classes of effects that can never succeed: data exceptions and violated constraints. All others end the transaction."""


class Applier:
    """Applies the effects of one batch for one pipeline in one role."""

    def __init__(self, connection: AsyncConnection, pipeline: Pipeline, role: Role, plan: Sequence[Epoch]) -> None:
        self._connection = connection
        self._pipeline = pipeline
        self._role = role
        self._plan = plan
        self.counts = EffectCounts()

    async def apply(self, entries: Sequence[Entry]) -> None:
        """Applies those that this pipeline owns, in the order given. What was rejected has no body, and no effect."""
        for entry in entries:
            name = entry.judgement.event
            if name is None or name not in EFFECTS or not entry.effects or entry.judgement.id is None or not entry.judgement.body:
                continue
            await self._apply(entry.tp, entry.offset, name, entry.judgement.id, entry.judgement.body)

    async def _apply(self, tp: TopicPartition, offset: int, name: str, statement_id: str, body: bytes) -> None:
        effect = EFFECTS[name]
        try:
            command: Command = effect.read(msgspec.json.decode(body))
        except UnreadableEventError as problem:
            await self._refuse_unreadable(tp, offset, name, statement_id, str(problem))
            return
        aggregate = command.aggregate
        if aggregate is None and effect.locate is not None:
            aggregate = await effect.locate(self._connection, command)
        # Whose aggregate cannot be told yet is parked by whoever meets it; `applied` keeps it from happening twice.
        if aggregate is not None and not self._owns(tp, offset, aggregate):
            self.counts.not_owned += 1
            return
        await lock_keys(self._connection, self._role, [f"statement:{statement_id}", *(key for key in (command.parent, command.creates) if key)])
        if command.parent is not None and not await self._exists(command.parent):
            await self._park(tp, offset, name, statement_id, body, command.parent)
            return
        if await self._apply_once(tp, offset, name, statement_id, effect, command) and command.creates is not None:
            await self._unpark(command.creates)

    def _owns(self, tp: TopicPartition, offset: int, aggregate: str) -> bool:
        return self._role is Role.SHADOW or owner(self._plan, tp, offset, aggregate) is self._pipeline

    async def _exists(self, key: str) -> bool:
        kind, row_id = key.split(":", 1)
        table = PARENTS[kind]
        return (await self._connection.execute(select(table.c.id).where(table.c.id == row_id))).first() is not None

    async def _apply_once(self, tp: TopicPartition, offset: int, name: str, statement_id: str, effect: Effect, command: Command) -> bool:
        """True if the effect changed the platform now: not before, and not refused."""
        if not await self._record(tp, offset, name, statement_id):
            return False
        try:
            async with self._connection.begin_nested():
                if effect.locate is not None and (session := await effect.locate(self._connection, command)):
                    await lock_keys(self._connection, self._role, [f"session:{session}"])
                await execute(self._connection, effect.decide(await effect.load(self._connection, command), command))
        except DBAPIError as problem:
            sqlstate = _sqlstate(problem)
            if not sqlstate.startswith(IMPOSSIBLE):
                raise
            await self._note_refusal(statement_id, sqlstate, str(problem.orig).splitlines()[0])
            return False
        if self._role is Role.SHADOW:
            self.counts.shadowed += 1
        else:
            self.counts.applied += 1
        return True

    async def _record(self, tp: TopicPartition, offset: int, name: str, statement_id: str) -> bool:
        row = {
            "role": self._role,
            "statement_id": statement_id,
            "topic": tp.topic,
            "partition": tp.partition,
            "offset": offset,
            "pipeline": self._pipeline,
            "event": name,
            "result": "applied",
        }
        inserted = await self._connection.execute(insert(applied).values(row).on_conflict_do_nothing().returning(applied.c.statement_id))
        return inserted.first() is not None

    async def _note_refusal(self, statement_id: str, sqlstate: str, detail: str) -> None:
        self.counts.refused += 1
        await self._connection.execute(
            applied.update()
            .where(applied.c.role == self._role, applied.c.statement_id == statement_id)
            .values(result="refused", sqlstate=sqlstate, detail=detail[:500])
        )

    async def _refuse_unreadable(self, tp: TopicPartition, offset: int, name: str, statement_id: str, detail: str) -> None:
        # Without a readable aggregate the statement's own id decides who records the refusal, so that one of the two does.
        if not self._owns(tp, offset, statement_id):
            self.counts.not_owned += 1
            return
        await lock_keys(self._connection, self._role, [f"statement:{statement_id}"])
        if await self._record(tp, offset, name, statement_id):
            await self._note_refusal(statement_id, "", detail)

    async def _park(self, tp: TopicPartition, offset: int, name: str, statement_id: str, body: bytes, parent: str) -> None:
        if (await self._connection.execute(_applied_already(self._role, statement_id))).first() is not None:
            return
        row = {
            "role": self._role,
            "topic": tp.topic,
            "partition": tp.partition,
            "offset": offset,
            "pipeline": self._pipeline,
            "event": name,
            "statement_id": statement_id,
            "statement": body,
            "waits_for": parent,
        }
        inserted = await self._connection.execute(insert(parked).values(row).on_conflict_do_nothing().returning(parked.c.offset))
        if inserted.first() is not None:
            self.counts.parked += 1

    async def _unpark(self, created: str) -> None:
        """Applies what waited for a row that has just been inserted, and what waited for those, whatever the epoch."""
        ready = deque([created])
        while ready:
            c = parked.c
            waiting = await self._connection.execute(
                select(c.topic, c.partition, c.offset, c.event, c.statement_id, c.statement)
                .where(c.role == self._role, c.waits_for == ready.popleft())
                .order_by(c.topic, c.partition, c.offset)
            )
            for row in waiting.all():
                effect, statement_id = EFFECTS[row.event], row.statement_id
                command: Command = effect.read(msgspec.json.decode(row.statement))
                await lock_keys(self._connection, self._role, [f"statement:{statement_id}", *([command.creates] if command.creates else [])])
                tp = TopicPartition(row.topic, row.partition)
                if await self._apply_once(tp, row.offset, row.event, statement_id, effect, command) and command.creates:
                    ready.append(command.creates)
                await self._connection.execute(
                    parked.delete().where(c.role == self._role, c.topic == row.topic, c.partition == row.partition, c.offset == row.offset)
                )


def _sqlstate(problem: DBAPIError) -> str:
    """The server's SQLSTATE. A value that the driver itself cannot encode (a number too large for its column) is a data exception too."""
    cause = problem.orig.__cause__ if problem.orig else None
    if isinstance(cause, InterfaceError) and isinstance(cause, ValueError):
        return "22000"
    return getattr(problem.orig, "sqlstate", None) or ""


def _applied_already(role: Role, statement_id: str):  # type: ignore[no-untyped-def]  # SQLAlchemy's Select type spells out every column
    return select(applied.c.statement_id).where(applied.c.role == role, applied.c.statement_id == statement_id)
