"""Attendance: who was there, who finished, who earned the certificate. Rules are pure; `load` is the only I/O.

The platform keeps one row for a learner in a session; whichever event comes first makes it. The three events travel on two topics, and what
they leave does not depend on their order: each writes columns of its own; of two check-ins or two certificates the earlier one stays, of two
completions the later one (at one and the same instant, the one that came first). A learner with no booking in the session has no row yet: the
event is parked until a booking comes.

The row belongs to a booking. Where a learner has several in one session, it is the last requested of those that are not cancelled when the row is
made: which one that is may depend on the order, and nothing else does.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal
from uuid import NAMESPACE_URL, uuid5

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from nljctl.catalogue.names import N
from nljctl.effects import reading
from nljctl.effects.effect import Change, Effect, Insert, UnreadableEventError, Update
from nljctl.effects.platform_tables import attendance_records, training_bookings

METHODS = ("in_person", "virtual", "hybrid")
"""What the platform's column may say. Producers send how the check-in was made (`manual`, `qr_code`), which is none of these."""

ENOUGH_PERCENT = 80


@dataclass(frozen=True, slots=True)
class Attend:
    """One of the three events. It writes `values`, of which the column `dated` tells when; `stays` says which of two of its kind is kept.

    `session` is None for a certificate of a whole program, of which the platform's tables keep nothing.
    """

    session: str | None
    program: str | None
    learner: str
    dated: str
    stays: Literal["earlier", "later"]
    values: Mapping[str, Any]
    at: datetime
    creates: tuple[str, ...] = ()
    guards: tuple[str, ...] = ()

    @property
    def aggregate(self) -> str | None:
        return self.session or self.program

    @property
    def parent(self) -> str | None:
        return f"enrolment:{self.session}/{self.learner}" if self.session else None

    @property
    def touches(self) -> tuple[str, ...]:
        return (f"attendance:{record_id(self.session, self.learner)}",) if self.session else ()


@dataclass(frozen=True, slots=True)
class Attendance:
    """What the platform knows of a learner in a session: the booking, and the row if there is one."""

    booking: str | None
    record: str | None = None
    columns: Mapping[str, Any] = field(default_factory=dict)


def record_id(session: str, learner: str) -> str:
    """The id of a row that an event makes: the same in the platform's tables and in the shadow's."""
    return str(uuid5(NAMESPACE_URL, f"{N}attendance/{session}/{learner}"))


def read_checked_in(statement: Mapping[str, Any]) -> Attend:
    at = reading.timestamp(statement)
    when = reading.context(statement, "check_in_time")
    method = reading.context(statement, "check_in_method")
    values = {
        "attended": True,
        "check_in_time": at if when is None else reading.as_time(when, "check_in_time"),
        "attendance_method": method if method in METHODS else METHODS[0],
    }
    return _attend(statement, "check_in_time", "earlier", values, at)


def read_completed(statement: Mapping[str, Any]) -> Attend:
    """Completed is who the producer says has; where it says nothing, who was there for 80 % of the time."""
    result, at = statement.get("result") or {}, reading.timestamp(statement)
    percentage = reading.context(statement, "completion_percentage")
    if percentage is None:
        percentage = reading.result(statement, "attendance_percentage")
    percentage = reading.optional_number(percentage, "completion_percentage")
    completed = result.get("completion")
    values = {
        "attended": True,
        "completed": completed if isinstance(completed, bool) else percentage is not None and percentage >= ENOUGH_PERCENT,
        "completion_time": at,
        "participation_score": None if percentage is None else percentage / 100,
        "assessment_score": (result.get("score") or {}).get("scaled"),
    }
    return _attend(statement, "completion_time", "later", values, at)


def read_earned(statement: Mapping[str, Any]) -> Attend:
    at = reading.timestamp(statement)
    when = reading.context(statement, "completion_date")
    values = {"certificate_issued": True, "certificate_issued_at": at if when is None else reading.as_time(when, "completion_date")}
    session = reading.context(statement, "session_id")
    return Attend(
        session=None if session is None else reading.as_uuid(session, "session_id"),
        program=reading.as_uuid(reading.context(statement, "program_id"), "program_id") if session is None else None,
        learner=reading.actor_user(statement),
        dated="certificate_issued_at",
        stays="earlier",
        values=values,
        at=at,
    )


def attend(known: Attendance, command: Attend) -> Sequence[Change]:
    if command.session is None:
        return []
    if known.record is None:
        row = {
            "id": record_id(command.session, command.learner),
            "session_id": command.session,
            "booking_id": known.booking,
            "learner_id": command.learner,
            "recorded_by_id": command.learner,
            "recorded_at": command.at,
            "updated_at": command.at,
            **command.values,
        }
        return [Insert(attendance_records, row)]
    before, now = known.columns[command.dated], command.values[command.dated]
    if before is not None and (before == now or (before < now) is (command.stays == "earlier")):
        return []
    return [Update(attendance_records, known.record, {**command.values, "updated_at": command.at})]


def _attend(statement: Mapping[str, Any], dated: str, stays: Literal["earlier", "later"], values: Mapping[str, Any], at: datetime) -> Attend:
    session = reading.object_id(statement, "training-sessions")
    if session is None:
        raise UnreadableEventError("the object is not a training session")
    return Attend(session, None, reading.actor_user(statement), dated, stays, values, at)


async def _attendance(connection: AsyncConnection, command: Attend) -> Attendance:
    if command.session is None:
        return Attendance(None)
    records, bookings = attendance_records.c, training_bookings.c
    rows = await connection.execute(
        select(attendance_records)
        .where(records.session_id == command.session, records.learner_id == command.learner)
        .order_by(records.recorded_at, records.id)
        .limit(1)
    )
    if (row := rows.first()) is not None:
        return Attendance(row.booking_id, row.id, dict(row._mapping))
    booking = await connection.execute(
        select(bookings.id)
        .where(bookings.session_id == command.session, bookings.learner_id == command.learner)
        .order_by(bookings.cancelled_at.is_not(None), bookings.registered_at.desc(), bookings.id)
        .limit(1)
    )
    return Attendance(booking.scalar_one())


EFFECTS = {
    "attendance.checked_in": Effect(read_checked_in, _attendance, attend),
    "attendance.completed": Effect(read_completed, _attendance, attend),
    "certificate.earned": Effect(read_earned, _attendance, attend),
}
