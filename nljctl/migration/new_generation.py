"""Confirms that topics were deleted and made anew: what is known of the old log ends, and the new one is read from its beginning (docs/ownership.md)."""

from __future__ import annotations

import getpass
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from aiokafka import TopicPartition
from sqlalchemy import func
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from nljctl.catalogue.topics import SUBSCRIBED
from nljctl.effects import database, progress, topic_generations
from nljctl.effects.claim import Position
from nljctl.effects.continuity import Known, Mark, broken
from nljctl.effects.ledger_tables import backfill, outcome, sending, topic_generation
from nljctl.effects.ledger_tables import progress as progress_table
from nljctl.effects.locks import own_plan
from nljctl.effects.plan import Pipeline, Role
from nljctl.errors import RefusedError, TimedOutError, UsageError
from nljctl.kafka.client import admin, consumer
from nljctl.kafka.offsets import partitions, spans
from nljctl.migration.fencing import LOCK_NOT_AVAILABLE, PLAN_LOCK_SECONDS
from nljctl.migration.steps import Steps
from nljctl.pipelines.identity import KafkaIdentity, find
from nljctl.settings import Settings

Places = Mapping[TopicPartition, Position]


@dataclass(frozen=True, slots=True)
class Anew:
    """One topic as it is found.

    Attributes:
        number: its present generation.
        why: what shows that it was made anew; empty if nothing does.
        tps: the partitions that it has now.
        topic_id: its id now, if a broker tells it.
    """

    topic: str
    number: int
    why: str
    tps: Sequence[TopicPartition]
    topic_id: str | None


@dataclass(slots=True)
class GenerationReport:
    """As `nljctl new-generation` prints it. `unread`: offsets of the old log by pipeline, which only the other one has read."""

    steps: Steps
    topics: Sequence[Anew] = ()
    unread: Mapping[str, int] = field(default_factory=dict)
    executed: bool = False
    force: bool = False

    @property
    def due(self) -> Sequence[Anew]:
        return [anew for anew in self.topics if anew.why or self.force]

    def document(self) -> dict[str, Any]:
        begun = self.due if self.executed else ()
        topics = [{"topic": anew.topic, "generation": anew.number + 1 if anew in begun else anew.number, "why": anew.why} for anew in self.topics]
        return {"plan": self.steps.document(), "executed": self.executed, "topics": topics, "unread": dict(self.unread)}


async def plan_generation(settings: Settings, topics: Sequence[str], steps: Steps, *, force: bool) -> GenerationReport:
    """Looks at the topics, and plans for those that are not what progress speaks of. Changes nothing.

    Raises:
        UsageError: a topic is not one that the pipelines read, or does not exist.
        UnreachableError: Kafka or Postgres does not answer.
    """
    if unknown := sorted(set(topics) - set(SUBSCRIBED)):
        raise UsageError(f"{unknown[0]}: the pipelines read no such topic", f"There are {', '.join(sorted(SUBSCRIBED))}.")
    async with admin(settings) as client:
        there = await partitions(client, topics)
    if gone := sorted(set(topics) - {tp.topic for tp in there}):
        raise UsageError(f"{gone[0]} does not exist", "Run `nljctl setup`: it makes what is missing.")
    async with database.engine(settings, name="nljctl new-generation") as engine:
        known = await _known(engine, topics)
    async with consumer(settings) as client:
        log = await spans(client, there)
        found = {pipeline: await find(KafkaIdentity(settings, client), each, log) for pipeline, each in known.logs.items()}
        ids = await KafkaIdentity(settings, client).topic_ids(topics)
    breaks = {tp: why for pipeline, each in found.items() for tp, now in sorted(each.items()) if (why := broken(known.logs[pipeline][tp], now))}
    anew = [
        Anew(
            topic,
            known.numbers.get(topic, topic_generations.FIRST),
            next((f"partition {tp.partition}: {why}" for tp, why in sorted(breaks.items()) if tp.topic == topic), ""),
            [tp for tp in there if tp.topic == topic],
            ids.get(topic),
        )
        for topic in sorted(set(topics))
    ]
    report = GenerationReport(steps, anew, force=force)
    due = {each.topic for each in report.due}
    report.unread = {pipeline: offsets for pipeline in Pipeline if (offsets := sum(_unread(known.live, pipeline, due).values()))}
    _plan(report)
    return report


async def new_generation(settings: Settings, report: GenerationReport) -> GenerationReport:
    """Begins the next generation of each topic that is due, in one transaction under the plan's lock: no batch is under way.

    Raises:
        RefusedError: somebody else has confirmed one of them meanwhile.
        TimedOutError: the plan's lock cannot be had.
        UnreachableError: Postgres does not answer.
    """
    if not report.due:
        return report
    async with database.engine(settings, name="nljctl new-generation") as engine:
        try:
            async with engine.begin() as connection:
                await own_plan(connection, PLAN_LOCK_SECONDS)
                await _begin(connection, report.due)
        except DBAPIError as problem:
            if getattr(problem.orig, "sqlstate", None) != LOCK_NOT_AVAILABLE:
                raise
            raise TimedOutError(
                f"a batch has held the plan for more than {PLAN_LOCK_SECONDS:.0f} s", "Stop the consumers, then run it again.", code="plan-locked"
            ) from problem
    report.executed = True
    for anew in report.due:
        report.steps.mark(f"generation of {anew.topic}", "done", f"generation {anew.number + 1}, read from its beginning")
    return report


@dataclass(frozen=True, slots=True)
class _Knowledge:
    """What Postgres knows of some topics: their generations, each pipeline's live positions, and all that can tell that a log is another one."""

    numbers: Mapping[str, int]
    live: Mapping[Pipeline, Places]
    logs: Mapping[Pipeline, Mapping[TopicPartition, Known]]


async def _known(engine: AsyncEngine, topics: Iterable[str]) -> _Knowledge:
    wanted = set(topics)
    live: dict[Pipeline, Places] = {}
    logs: dict[Pipeline, Mapping[TopicPartition, Known]] = {}
    async with engine.connect() as connection:
        numbers, ids = await topic_generations.numbers(connection), await topic_generations.topic_ids(connection)
        for pipeline in Pipeline:
            positions: dict[TopicPartition, int] = {}
            marks: dict[TopicPartition, Mark] = {}
            for role in Role:
                found = {tp: position for tp, position in (await progress.read(connection, pipeline, role)).items() if tp.topic in wanted}
                marks |= await progress.marks(connection, pipeline, role)
                for tp, position in found.items():
                    positions[tp] = max(positions.get(tp, 0), position.statements_next, position.effects_next)
                if role is Role.LIVE:
                    live[pipeline] = found
            logs[pipeline] = {tp: Known(offset, marks.get(tp), ids.get(tp.topic)) for tp, offset in positions.items()}
    return _Knowledge(numbers, live, logs)


def _unread(live: Mapping[Pipeline, Places], pipeline: Pipeline, topics: Iterable[str]) -> dict[TopicPartition, int]:
    """Offsets that the other pipeline has passed and this one has not. Pure."""
    wanted, theirs = set(topics), live.get(pipeline.other, {})
    behind = {
        tp: theirs[tp].statements_next - position.statements_next for tp, position in live.get(pipeline, {}).items() if tp in theirs and tp.topic in wanted
    }
    return {tp: offsets for tp, offsets in behind.items() if offsets > 0}


def _plan(report: GenerationReport) -> None:
    for anew in report.topics:
        step = f"generation of {anew.topic}"
        if anew in report.due:
            report.steps.plan(step, f"{anew.number} to {anew.number + 1}: {anew.why or 'forced'}; both pipelines begin at offset 0")
        else:
            report.steps.plan(step, f"it is the log that progress speaks of: generation {anew.number}")
            report.steps.mark(step, "already")
    for pipeline, offsets in report.unread.items():
        report.steps.plan(f"what {pipeline} lacks", f"{offsets} offsets of the old log that only {Pipeline(pipeline).other} has read: noted as expired")
        report.steps.mark(f"what {pipeline} lacks", "waiting" if report.due else "already")


async def _begin(connection: AsyncConnection, due: Sequence[Anew]) -> None:
    numbers = await topic_generations.numbers(connection)
    live = {pipeline: await progress.read(connection, pipeline) for pipeline in Pipeline}
    for anew in due:
        if numbers.get(anew.topic, topic_generations.FIRST) != anew.number:
            raise RefusedError(
                f"somebody else has confirmed a new generation of {anew.topic} meanwhile",
                "Look at it again: nljctl new-generation --dry-run.",
                code="plan-changed",
            )
        await _note_unread(connection, anew, live)
        row = {"topic": anew.topic, "number": anew.number + 1, "topic_id": anew.topic_id, "by": getpass.getuser(), "reason": anew.why or "forced"}
        await connection.execute(topic_generation.insert().values(row))
        c = progress_table.c
        await connection.execute(progress_table.delete().where(c.topic == anew.topic, c.partition.not_in([tp.partition for tp in anew.tps])))
        begun = {"statements_next": 0, "effects_next": 0, "generation": anew.number + 1, "digest": None, "at": func.now()}
        await connection.execute(progress_table.update().where(c.topic == anew.topic).values(begun))
        for table in (sending, backfill):
            await connection.execute(table.delete().where(table.c.topic == anew.topic))


async def _note_unread(connection: AsyncConnection, anew: Anew, live: Mapping[Pipeline, Places]) -> None:
    rows = [
        {
            "pipeline": pipeline,
            "topic": tp.topic,
            "partition": tp.partition,
            "offset": live[pipeline][tp].statements_next,
            "generation": anew.number,
            "kind": "expired",
            "detail": f"{offsets} offsets went with the topic before {pipeline} read them",
        }
        for pipeline in Pipeline
        for tp, offsets in sorted(_unread(live, pipeline, {anew.topic}).items())
    ]
    if rows:
        await connection.execute(insert(outcome).on_conflict_do_nothing(), rows)
