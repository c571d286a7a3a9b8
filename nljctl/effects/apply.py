"""Applies effects inside a transaction: each once, behind its parent, in a savepoint (docs/ownership.md, "Applying a batch", steps 4 and 5)."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import replace
from typing import Any

import msgspec
from aiokafka import TopicPartition
from asyncpg import InterfaceError
from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection

from nljctl.effects.batch import EffectCounts, Entry
from nljctl.effects.effect import Command, Effect, Refusal, UnreadableEventError, execute
from nljctl.effects.foreknowledge import Foreknowledge, foresee, noted
from nljctl.effects.keys import exists
from nljctl.effects.ledger_tables import applied, parked
from nljctl.effects.locks import lock_keys
from nljctl.effects.plan import Epoch, Pipeline, Role, owner
from nljctl.effects.registry import EFFECTS
from nljctl.effects.told import Told, told_by

IMPOSSIBLE = ("22", "23")
"""SQLSTATE classes of effects that can never succeed: data exceptions and violated constraints. All others end the transaction."""


TOGETHER = 50
"""Effects in one savepoint, as long as none of them is impossible: what all of them would have to be applied again for."""


class Applier:
    """Applies the effects of one batch for one pipeline in one role."""

    def __init__(self, connection: AsyncConnection, pipeline: Pipeline, role: Role, plan: Sequence[Epoch], generations: Mapping[TopicPartition, int]) -> None:
        self._connection = connection
        self._pipeline = pipeline
        self._role = role
        self._plan = plan
        self._generations = generations
        self._known = Foreknowledge()
        self.counts = EffectCounts()

    async def apply(self, entries: Iterable[Entry]) -> None:
        """Applies those that this pipeline owns, in the order given. What was rejected has no body, and no effect.

        The batch's locks are taken at once and sorted: taken one by one, two batches that meet in two rooms would end each other as a deadlock.
        """
        told = [record for entry in entries if (record := told_by(entry, self._generations.get(entry.tp, 0))) is not None and self._may_own(record)]
        await lock_keys(self._connection, self._role, (key for record in told for key in record.keys))
        self._known = await foresee(self._connection, self._role, told)
        for begin in range(0, len(told), TOGETHER):
            await self._apply_some(told[begin : begin + TOGETHER])

    async def _apply_some(self, records: Sequence[Told]) -> None:
        """All in one savepoint; if one of them turns out to be impossible, all again, each in its own."""
        if len(records) > 1:
            known, counts = self._known.copy(), replace(self.counts)
            try:
                async with self._connection.begin_nested():
                    for record in records:
                        await self._apply(record, alone=False)
                    await self._write_applied()
            except DBAPIError as problem:
                if not _sqlstate(problem).startswith(IMPOSSIBLE):
                    raise
                self._known, self.counts = known, counts
            else:
                return
        for record in records:
            await self._apply(record, alone=True)
        await self._write_applied()

    async def _apply(self, record: Told, *, alone: bool) -> None:
        command, effect = record.command, EFFECTS[record.name]
        if isinstance(command, UnreadableEventError):
            if await self._record(record):
                self._note_refusal(command.sqlstate, str(command))
            return
        # Whose aggregate cannot be told yet is parked by whoever meets it; `applied` keeps it from happening twice.
        aggregate = None
        if command.aggregate is None and effect.locate is not None:
            aggregate = await effect.locate(self._connection, command)
            if aggregate is not None and not self._owns(record, aggregate):
                return
        if command.parent is not None and command.parent not in self._known.there and not await exists(self._connection, command.parent):
            await self._park(record, command.parent)
        elif await self._apply_once(record, effect, command, aggregate, alone=alone):
            await self._unpark([key for key in command.creates if key in self._known.awaited], alone=alone)

    def _may_own(self, record: Told) -> bool:
        return record.aggregate is None or self._owns(record, record.aggregate)

    def _owns(self, record: Told, aggregate: str) -> bool:
        """Whether this pipeline applies the record; counts it if not."""
        owns = self._role is Role.SHADOW or owner(self._plan, record.tp, record.offset, aggregate) is self._pipeline
        self.counts.not_owned += not owns
        return owns

    async def _apply_once(self, record: Told, effect: Effect, command: Command, located: str | None, *, alone: bool) -> bool:
        """True if the effect changed the platform now: not before, and not refused.

        Args:
            located: the aggregate, if it has been looked up already.
            alone: in a savepoint of its own.
        """
        if not await self._record(record):
            return False
        try:
            async with self._connection.begin_nested() if alone else nullcontext():
                if effect.locate is not None and (session := located or await effect.locate(self._connection, command)):
                    await lock_keys(self._connection, self._role, [f"session:{session}"])
                decision = effect.decide(await effect.load(self._connection, command), command)
                if isinstance(decision, Refusal):
                    self._note_refusal(decision.sqlstate, decision.reason)
                    return False
                await execute(self._connection, decision, announcing=self._role is Role.LIVE)
        except DBAPIError as problem:
            sqlstate = _sqlstate(problem)
            if not alone or not sqlstate.startswith(IMPOSSIBLE):
                raise
            self._note_refusal(sqlstate, str(problem.orig).splitlines()[0])
            return False
        self._known.there.update(command.creates)
        if self._role is Role.SHADOW:
            self.counts.shadowed += 1
        else:
            self.counts.applied += 1
        return True

    async def _record(self, record: Told) -> bool:
        """Notes the effect as applied; False if it was noted before."""
        if await self._is_noted(record):
            return False
        self._known.applied.add(record.statement_id)
        told = {"statement_id": record.statement_id, "event": record.name, "result": "applied", "sqlstate": None, "detail": None}
        self._known.unwritten.append({**self._coordinates(record), **told})
        return True

    async def _is_noted(self, record: Told) -> bool:
        """Under the statement's lock."""
        if record.statement_id not in self._known.asked:
            self._known.applied |= await noted(self._connection, self._role, [record.statement_id])
            self._known.asked.add(record.statement_id)
        return record.statement_id in self._known.applied

    def _note_refusal(self, sqlstate: str, detail: str) -> None:
        """Of the effect that was noted last."""
        self.counts.refused += 1
        self._known.unwritten[-1].update(result="refused", sqlstate=sqlstate, detail=detail[:500].replace("\x00", "\ufffd"))

    async def _write_applied(self) -> None:
        if self._known.unwritten:
            await self._connection.execute(applied.insert(), self._known.unwritten)
            self._known.unwritten = []

    async def _park(self, record: Told, parent: str) -> None:
        if await self._is_noted(record):
            return
        told = {"event": record.name, "statement_id": record.statement_id, "statement": record.body, "waits_for": parent}
        row = {**self._coordinates(record), **told}
        inserted = await self._connection.execute(insert(parked).values(row).on_conflict_do_nothing().returning(parked.c.offset))
        self._known.awaited.add(parent)
        if inserted.first() is not None:
            self.counts.parked += 1

    def _coordinates(self, record: Told) -> dict[str, Any]:
        return {
            "role": self._role,
            "pipeline": self._pipeline,
            "topic": record.tp.topic,
            "partition": record.tp.partition,
            "offset": record.offset,
            "generation": record.generation,
        }

    async def _unpark(self, created: Sequence[str], *, alone: bool) -> None:
        """Applies what waited for rows that have just been inserted, and what waited for those, whatever the epoch."""
        ready = deque(created)
        while ready:
            c = parked.c
            waiting = await self._connection.execute(
                select(c.topic, c.partition, c.offset, c.generation, c.event, c.statement_id, c.statement)
                .where(c.role == self._role, c.waits_for == ready.popleft())
                .order_by(c.topic, c.partition, c.generation, c.offset)
            )
            for row in waiting.all():
                effect, tp = EFFECTS[row.event], TopicPartition(row.topic, row.partition)
                command: Command = effect.read(msgspec.json.decode(row.statement))
                record = Told(tp, row.offset, row.event, row.statement_id, row.statement, command, row.generation)
                await lock_keys(self._connection, self._role, record.keys)
                if await self._apply_once(record, effect, command, None, alone=alone):
                    ready.extend(command.creates)
                await self._connection.execute(
                    parked.delete().where(
                        c.role == self._role, c.topic == row.topic, c.partition == row.partition, c.offset == row.offset, c.generation == row.generation
                    )
                )


def _sqlstate(problem: DBAPIError) -> str:
    """The server's SQLSTATE. A value that the driver itself cannot encode (a number too large for its column) is a data exception too."""
    cause = problem.orig.__cause__ if problem.orig else None
    if isinstance(cause, InterfaceError) and isinstance(cause, ValueError):
        return "22000"
    return getattr(problem.orig, "sqlstate", None) or ""
