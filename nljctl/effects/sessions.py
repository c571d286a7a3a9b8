"""Training sessions: scheduled and cancelled. Rules are pure; `load` is the only I/O."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from nljctl.effects import reading
from nljctl.effects.effect import Change, Effect, Insert, UnreadableEventError, Update, no_state
from nljctl.effects.platform_tables import training_programs, training_sessions


@dataclass(frozen=True, slots=True)
class ScheduleSession:
    """`end` is None in the new producer contract, which names none: the program's duration tells it."""

    id: str
    program: str
    start: datetime
    end: datetime | None
    location: str | None
    capacity: int | None
    instructor: str | None
    at: datetime

    @property
    def aggregate(self) -> str:
        return self.id

    @property
    def parent(self) -> str:
        return f"program:{self.program}"

    @property
    def creates(self) -> str:
        return f"session:{self.id}"


@dataclass(frozen=True, slots=True)
class CancelSession:
    id: str
    reason: str | None
    cancelled_at: datetime
    at: datetime
    creates: None = None

    @property
    def aggregate(self) -> str:
        return self.id

    @property
    def parent(self) -> str:
        return f"session:{self.id}"


def read_scheduled(statement: Mapping[str, Any]) -> ScheduleSession:
    program = reading.context(statement, "program_id")
    end = reading.context(statement, "end_time")
    capacity = reading.context(statement, "capacity")
    if capacity is None:
        capacity = reading.context(statement, "max_participants")
    return ScheduleSession(
        id=_session(statement),
        program=reading.as_uuid(program, "program_id") if program is not None else _parent_program(statement),
        start=_start(statement),
        end=None if end is None else reading.as_time(end, "end_time"),
        location=reading.context(statement, "location") or None,
        capacity=None if capacity is None else reading.as_capacity(capacity),
        instructor=reading.optional_uuid(reading.context(statement, "instructor_id")),
        at=reading.timestamp(statement),
    )


def read_cancelled(statement: Mapping[str, Any]) -> CancelSession:
    reason = reading.context(statement, "cancellation_reason")
    when = reading.context(statement, "cancelled_at")
    at = reading.timestamp(statement)
    return CancelSession(
        id=_session(statement),
        reason=reason if reason is not None else reading.result(statement, "cancellation_reason"),
        cancelled_at=at if when is None else reading.as_time(when, "cancelled_at"),
        at=at,
    )


def schedule(program_minutes: int, command: ScheduleSession) -> Sequence[Change]:
    values: dict[str, Any] = {
        "id": command.id,
        "program_id": command.program,
        "start_time": command.start,
        "end_time": command.end or command.start + timedelta(minutes=program_minutes),
        "location": command.location,
        "instructor_id": command.instructor,
        "status": "scheduled",
        "created_at": command.at,
        "updated_at": command.at,
    }
    if command.capacity is not None:
        values["capacity"] = command.capacity
    return [Insert(training_sessions, values)]


def cancel(_: None, command: CancelSession) -> Sequence[Change]:
    values = {"status": "cancelled", "cancelled_at": command.cancelled_at, "cancellation_reason": command.reason, "updated_at": command.at}
    return [Update(training_sessions, command.id, values)]


async def _program_minutes(connection: AsyncConnection, command: ScheduleSession) -> int:
    minutes: int = (await connection.execute(select(training_programs.c.duration_minutes).where(training_programs.c.id == command.program))).scalar_one()
    return minutes


def _session(statement: Mapping[str, Any]) -> str:
    session = reading.object_id(statement, "training-sessions")
    if session is None:
        raise UnreadableEventError("the object is not a training session")
    return session


def _parent_program(statement: Mapping[str, Any]) -> str:
    program = reading.parent_id(statement, "training-programs")
    if program is None:
        raise UnreadableEventError("neither program_id nor a parent activity names the program")
    return program


def _start(statement: Mapping[str, Any]) -> datetime:
    start = reading.context(statement, "start_time")
    if start is not None:
        return reading.as_time(start, "start_time")
    day, hour = reading.context(statement, "session_date"), reading.context(statement, "session_time") or "00:00"
    if day is None:
        raise UnreadableEventError("neither start_time nor session_date tells when the session begins")
    time = reading.as_time(f"{str(day)[:10]}T{hour}", "session_date and session_time")
    return time if time.tzinfo else time.replace(tzinfo=UTC)


EFFECTS = {
    "session.scheduled": Effect(read_scheduled, _program_minutes, schedule),
    "session.cancelled": Effect(read_cancelled, no_state, cancel),
}
