"""Logs of one partition whose records a pipeline applies to a real Postgres, and the statements that they hold."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any
from uuid import uuid4

import msgspec
from aiokafka import TopicPartition
from sqlalchemy import Table, func, select, text
from sqlalchemy.ext.asyncio import AsyncEngine
from stacks import Stack

from nljctl import settings as configuration
from nljctl.catalogue.names import NV, A, N, S, V, X
from nljctl.catalogue.people import PEOPLE
from nljctl.effects import database, progress
from nljctl.effects.batch import Batch, BatchResult, Entry
from nljctl.effects.plan import Pipeline, Role
from nljctl.effects.transaction import SCHEMAS, EffectsWriter
from nljctl.judge import judge
from nljctl.judgement import Origin
from nljctl.kafka.offsets import Span

LEARNERS = [person for person in PEOPLE if person.role == "LEARNER"]
LEARNER = LEARNERS[0]
COACH = next(person for person in PEOPLE if person.role == "CREATOR")
CONTENT = "nlj.content.generation"

Record = tuple[str, dict[str, Any]]


def new_id() -> str:
    return str(uuid4())


class Log:
    """A log of one partition under a name of its own, whose records a pipeline is handed in batches."""

    def __init__(self, engine: AsyncEngine, pipeline: Pipeline = Pipeline.LEGACY, role: Role = Role.LIVE) -> None:
        self.tp = TopicPartition(f"test.{uuid4()}", 0)
        self.engine = engine
        self.pipeline = pipeline
        self.role = role
        self.records: list[Record] = []
        self.generation = 0

    def add(self, topic: str, statement: dict[str, Any]) -> None:
        self.records.append((topic, statement))

    async def hand_over(self, begin: int, end: int) -> BatchResult:
        async with self.engine.begin() as connection:
            await progress.ensure(connection, self.pipeline, self.role, {self.tp: 0})
        entries = [self._entry(offset) for offset in range(begin, end)]
        return await EffectsWriter(self.engine, self.pipeline, self.role).write(
            Batch({self.tp: Span(begin, end)}, entries, generations={self.tp: self.generation})
        )

    def _entry(self, offset: int) -> Entry:
        topic, statement = self.records[offset]
        judgement = judge(msgspec.json.encode(statement), Origin(topic, 0, offset, 1_741_000_000_000))
        return Entry(self.tp, offset, judgement)


async def tell(engine: AsyncEngine, *records: Record, role: Role = Role.LIVE) -> BatchResult:
    """Applies records in one batch, from a log of their own."""
    log = Log(engine, Pipeline.FASTSTREAM if role is Role.SHADOW else Pipeline.LEGACY, role)
    log.records += records
    return await log.hand_over(0, len(records))


def statement(verb: str, object_id: str, extensions: dict[str, Any], user: str = LEARNER.id, at: str = "2026-03-01T09:00:00+00:00") -> dict[str, Any]:
    return {
        "id": str(uuid4()),
        "version": "1.0.3",
        "timestamp": at,
        "actor": {"objectType": "Agent", "account": {"homePage": "http://nlj.platform", "name": user}},
        "verb": {"id": verb},
        "object": {"objectType": "Activity", "id": object_id, "definition": {"name": {"en-US": "Brakes"}}},
        "context": {"extensions": {X + name: value for name, value in extensions.items()}},
    }


def program(program_id: str) -> Record:
    return "nlj.training.programs", statement(V + "authored", f"{N}training-programs/{program_id}", {"learning_objectives": []}, COACH.id)


def session(session_id: str, program_id: str, capacity: int = 1, **more: Any) -> Record:
    times = {"start_time": "2026-04-01T09:00:00+00:00", "end_time": "2026-04-01T11:00:00+00:00"}
    extensions = {"program_id": program_id, "location": f"Bay of {program_id}", "capacity": capacity, **times, **more}
    return "nlj.training.sessions", statement(S + "schedule", f"{N}training-sessions/{session_id}", extensions, COACH.id)


def session_cancelled(session_id: str, at: str = "2026-03-05T09:00:00+00:00") -> Record:
    made = statement(NV + "cancelled", f"{N}training-sessions/{session_id}", {"cancellation_reason": "ill", "cancelled_at": at}, COACH.id, at)
    made["object"]["definition"]["type"] = A + "meeting"
    return "nlj.training.sessions", made


def booking(booking_id: str, session_id: str, user: str = LEARNER.id, at: str = "2026-03-01T09:00:00+00:00") -> Record:
    extensions = {"booking_id": booking_id, "registration_method": "online", "special_requirements": {}}
    return "nlj.training.bookings", statement(V + "asked", f"{N}training-sessions/{session_id}", extensions, user, at)


def booking_cancelled(booking_id: str, user: str = LEARNER.id, at: str = "2026-03-05T09:00:00+00:00") -> Record:
    return "nlj.training.bookings", statement(NV + "cancelled", f"{N}training-bookings/{booking_id}", {"cancelled_by": user}, user, at)


def checked_in(session_id: str, user: str = LEARNER.id, at: str = "2026-04-01T09:05:00+00:00") -> Record:
    extensions = {"check_in_time": at, "check_in_method": "manual"}
    return "nlj.training.attendance", statement(NV + "checked-in", f"{N}training-sessions/{session_id}", extensions, user, at)


def attended(session_id: str, percentage: float, user: str = LEARNER.id, at: str = "2026-04-01T11:00:00+00:00") -> Record:
    made = statement(V + "attended", f"{N}training-sessions/{session_id}", {"completion_percentage": percentage, "duration_minutes": 110}, user, at)
    made["result"] = {"completion": percentage >= 80, "score": {"scaled": percentage / 100}}
    return "nlj.training.attendance", made


def certificate(session_id: str | None, program_id: str, user: str = LEARNER.id, at: str = "2026-04-02T09:00:00+00:00") -> Record:
    extensions = {"program_id": program_id, "completion_date": at} | ({"session_id": session_id} if session_id else {})
    return "nlj.training.certificates", statement(V + "earned", f"{N}certificates/{uuid4()}", extensions, user, at)


def generation(generation_id: str, status: str, **result: Any) -> Record:
    made = statement(V + "authored", f"{N}content-generation-sessions/{generation_id}", {"prompt_config": {"generation_type": "quiz"}}, COACH.id)
    made["result"] = {"extensions": {X + name: value for name, value in {"generation_status": status, **result}.items()}}
    return CONTENT, made


async def count(engine: AsyncEngine, table: Any, **where: Any) -> int:
    async with engine.connect() as connection:
        found = select(func.count()).select_from(table).where(*(table.c[name] == value for name, value in where.items()))
        result: int = (await connection.execute(found)).scalar_one()
        return result


async def rows(engine: AsyncEngine, table: Table, columns: Sequence[str], role: Role = Role.LIVE, **where: Any) -> list[tuple[Any, ...]]:
    """Columns of the rows of one schema, sorted by their text."""
    translated = engine.execution_options(schema_translate_map={None: SCHEMAS[role]})
    async with translated.connect() as connection:
        found = select(*(table.c[name] for name in columns)).where(*(table.c[name] == value for name, value in where.items()))
        return sorted((tuple(row) for row in await connection.execute(found)), key=str)


@asynccontextmanager
async def new_database(stack: Stack) -> AsyncIterator[AsyncEngine]:
    """An empty database on the stack's server, gone afterwards."""
    name = f"test_{uuid4().hex}"
    url = re.sub(r"/[^/?]*(\?|$)", rf"/{name}\1", stack.settings.require("database"), count=1)
    there = configuration.load(environment={**stack.env, "DATABASE_URL": url}, directory=stack.home.parent)
    async with database.engine(stack.settings) as server, server.execution_options(isolation_level="AUTOCOMMIT").connect() as here:
        await here.execute(text(f"CREATE DATABASE {name}"))
        async with database.engine(there) as engine:
            yield engine
        await here.execute(text(f"DROP DATABASE {name}"))
