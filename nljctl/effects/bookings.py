"""Bookings: capacity, waiting list, cancellation. Rules are pure; `load` is the only I/O.

A seat is taken by a confirmed booking. Who finds none waits, behind the last who waits; a freed seat goes to the first who waits.
The platform's own announcements `booking.confirmed` and `booking.waitlisted` cannot oversell a session: the first gives a
waiting booking a seat only if one is free, the second only notes that the learner was told.

Events of one booking may lie on several partitions (the two producer contracts key them differently), so pipelines can meet them in
different orders. What they leave does not depend on it: of two cancellations the earlier one stays, being told is noted whatever
the status. Only who of two racing for a seat got it may differ.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from nljctl.effects import reading
from nljctl.effects.effect import Change, Effect, Insert, Update
from nljctl.effects.platform_tables import training_bookings, training_sessions


@dataclass(frozen=True, slots=True)
class RequestBooking:
    id: str
    session: str
    learner: str
    method: str
    requirements: Any
    at: datetime
    guards: tuple[str, ...] = ()

    @property
    def aggregate(self) -> str:
        return self.session

    @property
    def parent(self) -> str:
        return f"session:{self.session}"

    @property
    def creates(self) -> tuple[str, ...]:
        """Attendance waits for a booking of its learner, whichever."""
        return (f"booking:{self.id}", f"enrolment:{self.session}/{self.learner}")

    @property
    def touches(self) -> tuple[str, ...]:
        """A booking also touches its session, whose seats it takes."""
        return (f"booking:{self.id}", f"session:{self.session}")


@dataclass(frozen=True, slots=True)
class ChangeBooking:
    """Confirms, notes as waiting, or cancels a booking. `aggregate` (the session) is None where the event does not carry it."""

    to: Literal["confirmed", "waitlisted", "cancelled"]
    id: str
    aggregate: str | None
    by: str | None
    reason: str | None
    at: datetime
    creates: tuple[str, ...] = ()
    guards: tuple[str, ...] = ()

    @property
    def parent(self) -> str:
        return f"booking:{self.id}"

    @property
    def touches(self) -> tuple[str, ...]:
        return (self.parent, *((f"session:{self.aggregate}",) if self.aggregate else ()))


@dataclass(frozen=True, slots=True)
class Booking:
    id: str
    status: str
    position: int | None = None
    cancelled_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Session:
    """A session as the booking rules see it. `bookings` are in the order in which they wait."""

    program: str
    capacity: int
    bookings: Sequence[Booking]

    @property
    def free(self) -> int:
        return self.capacity - sum(booking.status == "confirmed" for booking in self.bookings)

    @property
    def waiting(self) -> Sequence[Booking]:
        return [booking for booking in self.bookings if booking.status == "waitlist"]


def read_requested(statement: Mapping[str, Any]) -> RequestBooking:
    return RequestBooking(
        id=_booking(statement),
        session=reading.as_uuid(_session(statement), "the session"),
        learner=reading.actor_user(statement),
        method=reading.context(statement, "registration_method") or "online",
        requirements=reading.context(statement, "special_requirements"),
        at=reading.timestamp(statement),
    )


def read_confirmed(statement: Mapping[str, Any]) -> ChangeBooking:
    return _change("confirmed", statement)


def read_waitlisted(statement: Mapping[str, Any]) -> ChangeBooking:
    return _change("waitlisted", statement)


def read_cancelled(statement: Mapping[str, Any]) -> ChangeBooking:
    return _change("cancelled", statement)


def request(session: Session, command: RequestBooking) -> Sequence[Change]:
    seated = session.free > 0
    position = None if seated else max((booking.position or 0 for booking in session.waiting), default=0) + 1
    values = {
        "id": command.id,
        "program_id": session.program,
        "session_id": command.session,
        "learner_id": command.learner,
        "registration_method": command.method,
        "booking_status": "confirmed" if seated else "waitlist",
        "is_waitlisted": not seated,
        "waitlist_position": position,
        "special_requirements": command.requirements,
        "registered_at": command.at,
        "updated_at": command.at,
    }
    return [Insert(training_bookings, values)]


def change(session: Session, command: ChangeBooking) -> Sequence[Change]:
    booking = next(known for known in session.bookings if known.id == command.id)
    if command.to == "confirmed":
        return [_seat(booking, command.at)] if booking.status == "waitlist" and session.free > 0 else []
    if command.to == "waitlisted":
        return [Update(training_bookings, booking.id, {"waitlist_notified": True, "updated_at": command.at})]
    if booking.cancelled_at is not None and booking.cancelled_at <= command.at:
        return []
    cancelled = {
        "booking_status": "cancelled",
        "is_waitlisted": False,
        "waitlist_position": None,
        "cancelled_at": command.at,
        "cancelled_by_id": command.by,
        "cancellation_reason": command.reason,
        "updated_at": command.at,
    }
    first = next((waiting for waiting in session.waiting if waiting.id != booking.id), None)
    freed = booking.status == "confirmed" and session.free + 1 > 0
    return [Update(training_bookings, booking.id, cancelled), *([_seat(first, command.at)] if freed and first else [])]


def _seat(booking: Booking, at: datetime) -> Update:
    return Update(training_bookings, booking.id, {"booking_status": "confirmed", "is_waitlisted": False, "waitlist_position": None, "updated_at": at})


async def _session_of_request(connection: AsyncConnection, command: RequestBooking) -> Session:
    sessions = training_sessions.c
    found = (await connection.execute(select(sessions.id, sessions.program_id, sessions.capacity).where(sessions.id == command.session))).one()
    return await _load(connection, *found)


async def _session_of_change(connection: AsyncConnection, command: ChangeBooking) -> Session:
    sessions, bookings = training_sessions.c, training_bookings.c
    of_booking = select(sessions.id, sessions.program_id, sessions.capacity).join(training_bookings, bookings.session_id == sessions.id)
    found = (await connection.execute(of_booking.where(bookings.id == command.id))).first()
    if found is None:
        raise LookupError(f"booking {command.id} was there a moment ago, under its lock")
    return await _load(connection, *found)


async def _load(connection: AsyncConnection, session: str, program: str, capacity: int) -> Session:
    bookings = training_bookings.c
    rows = await connection.execute(
        select(bookings.id, bookings.booking_status, bookings.waitlist_position, bookings.cancelled_at)
        .where(bookings.session_id == session)
        .order_by(bookings.waitlist_position, bookings.registered_at, bookings.id)
    )
    return Session(program, capacity, [Booking(*row) for row in rows])


async def _locate(connection: AsyncConnection, command: ChangeBooking) -> str | None:
    session: str | None = (await connection.execute(select(training_bookings.c.session_id).where(training_bookings.c.id == command.id))).scalar_one_or_none()
    return session


def _change(to: Literal["confirmed", "waitlisted", "cancelled"], statement: Mapping[str, Any]) -> ChangeBooking:
    reason = reading.context(statement, "cancellation_reason")
    return ChangeBooking(
        to=to,
        id=_booking(statement),
        aggregate=_session(statement),
        by=reading.optional_uuid(reading.context(statement, "cancelled_by")),
        reason=reason if reason is not None else reading.result(statement, "cancellation_reason"),
        at=reading.timestamp(statement),
    )


def _booking(statement: Mapping[str, Any]) -> str:
    """The booking's id: an extension in the old producer contract, the object in the new one."""
    named = reading.object_id(statement, "training-bookings")
    return named if named is not None else reading.as_uuid(reading.context(statement, "booking_id"), "booking_id")


def _session(statement: Mapping[str, Any]) -> str | None:
    return reading.object_id(statement, "training-sessions")


EFFECTS = {
    "booking.requested": Effect(read_requested, _session_of_request, request),
    "booking.confirmed": Effect(read_confirmed, _session_of_change, change, _locate),
    "booking.waitlisted": Effect(read_waitlisted, _session_of_change, change, _locate),
    "booking.cancelled": Effect(read_cancelled, _session_of_change, change, _locate),
}
