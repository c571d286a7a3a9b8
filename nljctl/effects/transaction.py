"""One batch, one transaction: outcomes, effects, statistics and progress move together or not at all (docs/ownership.md)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from aiokafka import TopicPartition
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from nljctl.effects import outcomes, plans, progress, statistics
from nljctl.effects.apply import Applier
from nljctl.effects.barrier import barrier, narrowed, waits
from nljctl.effects.batch import Batch, BatchResult, EffectCounts, Entry
from nljctl.effects.claim import Admission, Position, admit, settle
from nljctl.effects.continuity import Mark
from nljctl.effects.locks import share_plan
from nljctl.effects.plan import Epoch, Pipeline, Role
from nljctl.effects.platform_tables import LIVE_SCHEMA, SHADOW_SCHEMA
from nljctl.effects.told import told_by
from nljctl.errors import InconsistentError
from nljctl.kafka.offsets import Span

SCHEMAS = {Role.LIVE: LIVE_SCHEMA, Role.SHADOW: SHADOW_SCHEMA}

ROUTINE = ("40",)
"""SQLSTATE class of transactions that the server asks to run again: deadlock, serialization."""

ATTEMPTS = 20


class EffectsWriter:
    """Writes batches for one pipeline in one role. Batches of a process come in the order of their claims, one at a time."""

    def __init__(self, engine: AsyncEngine, pipeline: Pipeline, role: Role = Role.LIVE) -> None:
        self._engine = engine.execution_options(schema_translate_map={None: SCHEMAS[role]})
        self._pipeline = pipeline
        self._role = role
        self._plan: list[Epoch] = []
        self._version: tuple[int | None, int] | None = None
        self._others: dict[TopicPartition, Position] = {}
        """The other pipeline's live positions as last read. They only grow, so a barrier that is open by them is open."""

    async def write(self, batch: Batch) -> BatchResult:
        """Applies what of the batch has not been applied yet, and moves the position.

        Raises:
            Unavailable (effects.database): Postgres is away; nothing, or everything, was done. Write the same batch again.
            InconsistentError: a partition has no progress row, or its topic was made anew since the batch was read.
        """
        for attempt in range(1, ATTEMPTS + 1):
            try:
                return await self._write(batch)
            except DBAPIError as problem:
                sqlstate = getattr(problem.orig, "sqlstate", None) or ""
                if attempt == ATTEMPTS or not sqlstate.startswith(ROUTINE):
                    raise
        raise AssertionError("unreachable")

    async def _write(self, batch: Batch) -> BatchResult:
        async with self._engine.begin() as connection:
            await share_plan(connection)
            plan = await self._read_plan(connection)
            closed = await self._barriers(connection, plan, batch.claims)
            positions = await progress.lock(connection, self._pipeline, self._role, batch.claims)
            admissions: dict[TopicPartition, Admission] = {}
            for tp, claim in batch.claims.items():
                if tp not in positions:
                    raise InconsistentError(
                        f"{self._pipeline} has no progress row for {tp.topic}/{tp.partition}", "Run `nljctl setup`, then start the consumer again."
                    )
                _expect_generation(tp, batch.generations.get(tp, 0), positions[tp].generation)
                waits_from = self._waits_from(plan, tp, closed[tp], positions[tp], batch) if tp in closed else None
                admissions[tp] = (settle if batch.settling else admit)(claim, positions[tp], waits_from)

            counted = _within(batch, {tp: admission.statements for tp, admission in admissions.items()})
            if self._role is Role.LIVE:
                await outcomes.write(connection, self._pipeline, counted, batch.generations)
                if self._pipeline is Pipeline.FASTSTREAM:
                    await statistics.add(connection, statistics.tally(counted))
            applier = Applier(connection, self._pipeline, self._role, plan, batch.generations)
            await applier.apply(_within(batch, {tp: admission.effects for tp, admission in admissions.items()}))
            await progress.move(connection, self._pipeline, self._role, _moved(admissions, positions, batch.marks))
        return _result(admissions, applier.counts, len(counted))

    async def _read_plan(self, connection: AsyncConnection) -> list[Epoch]:
        """The plan that rules this transaction."""
        version = await plans.version(connection)
        if self._version != version:
            self._plan, self._version = await plans.read_plan(connection), version
        return self._plan

    async def _barriers(self, connection: AsyncConnection, plan: Sequence[Epoch], tps: Iterable[TopicPartition]) -> dict[TopicPartition, int]:
        """The lowest closed fences, for those partitions that have one."""
        if self._role is Role.SHADOW:
            return {}
        closed = self._closed(plan, tps)
        if closed:
            self._others = await progress.read(connection, self._pipeline.other)
            closed = self._closed(plan, tps)
        return closed

    def _closed(self, plan: Sequence[Epoch], tps: Iterable[TopicPartition]) -> dict[TopicPartition, int]:
        found = {tp: barrier(plan, tp, self._other_at(tp)) for tp in tps}
        return {tp: offset for tp, offset in found.items() if offset is not None}

    def _other_at(self, tp: TopicPartition) -> int:
        return self._others.get(tp, Position(0, 0)).effects_next

    def _waits_from(self, plan: Sequence[Epoch], tp: TopicPartition, closed: int, position: Position, batch: Batch) -> int | None:
        """The offset from which effects must wait for the other pipeline. Of an event that does not name its aggregate nobody knows whose it was: it waits."""
        told = (record for entry in batch.entries if entry.tp == tp and entry.offset >= closed and (record := told_by(entry)) is not None)
        waiting = (
            record.offset for record in told if record.aggregate is None or waits(plan, tp, record.offset, record.aggregate, self._pipeline, self._other_at(tp))
        )
        return narrowed(closed, batch.claims[tp], position, waiting)


def _within(batch: Batch, spans: Mapping[TopicPartition, Span]) -> Sequence[Entry]:
    """The entries whose offsets are in the span of their partition: as a rule, all."""
    if spans == batch.claims:
        return batch.entries
    return [entry for entry in batch.entries if spans[entry.tp].begin <= entry.offset < spans[entry.tp].end]


def _expect_generation(tp: TopicPartition, read: int, present: int) -> None:
    if read != present:
        raise InconsistentError(
            f"{tp.topic} was made anew: generation {present} is being read now, and this was read of generation {read}",
            "Start the consumer again: it goes on with the new one. Nothing of this was written.",
            code="topic-recreated",
        )


def _moved(
    admissions: Mapping[TopicPartition, Admission], before: Mapping[TopicPartition, Position], marks: Mapping[TopicPartition, Mark]
) -> dict[TopicPartition, tuple[Position, Mark | None]]:
    """A mark goes with the statements: it is never of a record that was not dealt with."""
    return {
        tp: (admission.after, marks.get(tp) if admission.after.statements_next != before[tp].statements_next else None)
        for tp, admission in admissions.items()
        if admission.after != before[tp]
    }


def _result(admissions: Mapping[TopicPartition, Admission], counts: EffectCounts, counted: int) -> BatchResult:
    return BatchResult(
        positions={tp: admission.after for tp, admission in admissions.items()},
        seek={tp: admission.seek for tp, admission in admissions.items() if admission.seek is not None},
        held=frozenset(tp for tp, admission in admissions.items() if admission.held),
        effects=counts,
        counted=counted,
    )
