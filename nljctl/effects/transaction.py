"""One batch, one transaction: outcomes, effects, statistics and progress move together or not at all (docs/ownership.md)."""

from __future__ import annotations

from collections.abc import Mapping

from aiokafka import TopicPartition
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine

from nljctl.effects import outcomes, plans, progress, statistics
from nljctl.effects.apply import Applier
from nljctl.effects.batch import Batch, BatchResult, EffectCounts, Entry
from nljctl.effects.claim import Admission, Position, admit, settle
from nljctl.effects.locks import share_plan
from nljctl.effects.plan import Pipeline, Role, barrier
from nljctl.effects.platform_tables import LIVE_SCHEMA, SHADOW_SCHEMA
from nljctl.errors import InconsistentError

SCHEMAS = {Role.LIVE: LIVE_SCHEMA, Role.SHADOW: SHADOW_SCHEMA}

ROUTINE = ("40",)
"""SQLSTATE class of transactions that the server asks to run again: deadlock, serialization."""

ATTEMPTS = 20


class EffectsWriter:
    """Writes batches for one pipeline in one role. Batches of a process come in the order of their claims, one at a time."""

    def __init__(self, engine: AsyncEngine, pipeline: Pipeline, role: Role = Role.LIVE) -> None:
        self._engine = engine
        self._pipeline = pipeline
        self._role = role

    async def write(self, batch: Batch) -> BatchResult:
        """Applies what of the batch has not been applied yet, and moves the position.

        Raises:
            Unavailable (effects.database): Postgres is away; nothing, or everything, was done. Write the same batch again.
            InconsistentError: a partition has no progress row.
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
        engine = self._engine.execution_options(schema_translate_map={None: SCHEMAS[self._role]})
        async with engine.begin() as connection:
            await share_plan(connection)
            plan = await plans.read_plan(connection)
            others = await progress.read(connection, self._pipeline.other)
            positions = await progress.lock(connection, self._pipeline, self._role, batch.claims)
            admissions: dict[TopicPartition, Admission] = {}
            for tp, claim in batch.claims.items():
                if tp not in positions:
                    raise InconsistentError(
                        f"{self._pipeline} has no progress row for {tp.topic}/{tp.partition}", "Run `nljctl setup`, then start the consumer again."
                    )
                waits = None if self._role is Role.SHADOW else barrier(plan, tp, others.get(tp, Position(0, 0)).effects_next)
                admissions[tp] = settle(claim, positions[tp], waits) if batch.settling else admit(claim, positions[tp], waits)

            counted = [entry for entry in batch.entries if _inside(entry, admissions[entry.tp].statements.begin, admissions[entry.tp].statements.end)]
            if self._role is Role.LIVE:
                await outcomes.write(connection, self._pipeline, counted)
                if self._pipeline is Pipeline.FASTSTREAM:
                    await statistics.add(connection, statistics.tally(counted))
            applier = Applier(connection, self._pipeline, self._role, plan)
            await applier.apply([entry for entry in batch.entries if _inside(entry, admissions[entry.tp].effects.begin, admissions[entry.tp].effects.end)])
            await progress.move(connection, self._pipeline, self._role, _moved(admissions, positions, _last_digests(counted)))
        return _result(admissions, applier.counts, len(counted))


def _inside(entry: Entry, begin: int, end: int) -> bool:
    return begin <= entry.offset < end


def _last_digests(entries: list[Entry]) -> dict[TopicPartition, str]:
    return {entry.tp: entry.judgement.digest for entry in entries}


def _moved(
    admissions: Mapping[TopicPartition, Admission], before: Mapping[TopicPartition, Position], digests: Mapping[TopicPartition, str]
) -> dict[TopicPartition, tuple[Position, str | None]]:
    return {tp: (admission.after, digests.get(tp)) for tp, admission in admissions.items() if admission.after != before[tp]}


def _result(admissions: Mapping[TopicPartition, Admission], counts: EffectCounts, counted: int) -> BatchResult:
    return BatchResult(
        positions={tp: admission.after for tp, admission in admissions.items()},
        seek={tp: admission.seek for tp, admission in admissions.items() if admission.seek is not None},
        held=frozenset(tp for tp, admission in admissions.items() if admission.held),
        effects=counts,
        counted=counted,
    )
