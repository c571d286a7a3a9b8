"""Training sessions: scheduled, against others or not, and cancelled. Rules are pure; `load` is the only I/O.

A conflict refuses nothing: it is announced, and people resolve it. Of two cancellations the earlier one stays, whichever comes first.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import and_, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from nljctl.effects import reading
from nljctl.effects.announcements import scheduling_conflict
from nljctl.effects.conflicts import Meeting, conflicts
from nljctl.effects.effect import Change, Effect, Insert, UnreadableEventError, Update
from nljctl.effects.platform_tables import training_programs, training_sessions

MOST_COMPARED = 1_000
"""Sessions at the same time that a new one is compared with."""


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
    def creates(self) -> tuple[str, ...]:
        return (f"session:{self.id}",)

    @property
    def touches(self) -> tuple[str, ...]:
        return self.creates

    @property
    def guards(self) -> tuple[str, ...]:
        """Of two sessions in one place, or of one instructor, the second to be written sees the first."""
        return (f"location:{self.location or ''}", *((f"instructor:{self.instructor}",) if self.instructor else ()))


@dataclass(frozen=True, slots=True)
class CancelSession:
    id: str
    reason: str | None
    cancelled_at: datetime
    at: datetime
    creates: tuple[str, ...] = ()
    guards: tuple[str, ...] = ()

    @property
    def aggregate(self) -> str:
        return self.id

    @property
    def parent(self) -> str:
        return f"session:{self.id}"

    @property
    def touches(self) -> tuple[str, ...]:
        return (self.parent,)


@dataclass(frozen=True, slots=True)
class Timetable:
    """What a new session is judged by: its program, and the sessions that may be in its way."""

    title: str
    minutes: int
    meetings: Sequence[Meeting] = ()


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
        location=reading.optional_text(reading.context(statement, "location"), "location") or None,
        capacity=None if capacity is None else reading.as_capacity(capacity),
        instructor=reading.optional_uuid(reading.context(statement, "instructor_id")),
        at=reading.timestamp(statement),
    )


def read_cancelled(statement: Mapping[str, Any]) -> CancelSession:
    reason = reading.optional_text(reading.context(statement, "cancellation_reason"), "cancellation_reason")
    when = reading.context(statement, "cancelled_at")
    at = reading.timestamp(statement)
    return CancelSession(
        id=_session(statement),
        reason=reason if reason is not None else reading.optional_text(reading.result(statement, "cancellation_reason"), "cancellation_reason"),
        cancelled_at=at if when is None else reading.as_time(when, "cancelled_at"),
        at=at,
    )


def schedule(timetable: Timetable, command: ScheduleSession) -> Sequence[Change]:
    end = command.end or command.start + timedelta(minutes=timetable.minutes)
    values: dict[str, Any] = {
        "id": command.id,
        "program_id": command.program,
        "start_time": command.start,
        "end_time": end,
        "location": command.location,
        "instructor_id": command.instructor,
        "status": "scheduled",
        "created_at": command.at,
        "updated_at": command.at,
    }
    if command.capacity is not None:
        values["capacity"] = command.capacity
    meeting = Meeting(command.id, command.start, end, command.location, command.instructor)
    return [
        Insert(training_sessions, values),
        *(
            scheduling_conflict(session=command.id, title=timetable.title, kind=conflict.kind, others=conflict.others, details=conflict.details, at=command.at)
            for conflict in conflicts(meeting, timetable.meetings)
        ),
    ]


def cancel(cancelled_at: datetime | None, command: CancelSession) -> Sequence[Change]:
    """`cancelled_at` is when the session was cancelled before, if it was."""
    if cancelled_at is not None and cancelled_at <= command.cancelled_at:
        return []
    values = {"status": "cancelled", "cancelled_at": command.cancelled_at, "cancellation_reason": command.reason, "updated_at": command.at}
    return [Update(training_sessions, command.id, values)]


async def _timetable(connection: AsyncConnection, command: ScheduleSession) -> Timetable:
    programs, c = training_programs.c, training_sessions.c
    title, minutes = (await connection.execute(select(programs.title, programs.duration_minutes).where(programs.id == command.program))).one()
    end = command.end or command.start + timedelta(minutes=minutes)
    same_place = c.location == command.location if command.location else c.location.is_(None)
    in_the_way = or_(same_place, c.instructor_id == command.instructor) if command.instructor else same_place
    rows = await connection.execute(
        select(c.id, c.start_time, c.end_time, c.location, c.instructor_id)
        .where(and_(c.status == "scheduled", c.start_time < end, c.end_time > command.start, in_the_way))
        .order_by(c.start_time, c.id)
        .limit(MOST_COMPARED)
    )
    return Timetable(title, minutes, [Meeting(*row) for row in rows])


async def _cancelled_at(connection: AsyncConnection, command: CancelSession) -> datetime | None:
    when: datetime | None = (await connection.execute(select(training_sessions.c.cancelled_at).where(training_sessions.c.id == command.id))).scalar_one()
    return when


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
    "session.scheduled": Effect(read_scheduled, _timetable, schedule),
    "session.cancelled": Effect(read_cancelled, _cancelled_at, cancel),
}
