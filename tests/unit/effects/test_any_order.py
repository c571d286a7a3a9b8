"""Events of one aggregate lie on several topics and partitions: in whatever order they are met, they leave the same rows as in the log's."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from hypothesis import given, settings
from hypothesis import strategies as st
from platform_in_memory import Platform

from nljctl.effects.attendance import Attend
from nljctl.effects.bookings import ChangeBooking, RequestBooking
from nljctl.effects.programs import CreateProgram, PublishProgram
from nljctl.effects.sessions import CancelSession, ScheduleSession

START = datetime(2026, 3, 1, 9, tzinfo=UTC)
PROGRAM, SESSION = "program", "session"
Told = tuple[str, Any]


def at(minute: int) -> datetime:
    return START + timedelta(minutes=minute)


def story(capacity: int, learners: int) -> list[Told]:
    """A program, its session, who booked, who cancelled (twice), who came."""
    told: list[Told] = [
        ("program.created", CreateProgram(PROGRAM, "Brakes", None, [], [], "ada", at(0))),
        ("program.published", PublishProgram(PROGRAM, at(1))),
        ("session.scheduled", ScheduleSession(SESSION, PROGRAM, at(900), at(1_000), "Bay 2", capacity, None, at(2))),
        ("session.cancelled", CancelSession(SESSION, "ill", at(90), at(90))),
        ("session.cancelled", CancelSession(SESSION, "too few", at(91), at(91))),
    ]
    for number in range(learners):
        booking, learner = str(UUID(int=number)), f"learner{number}"
        told.append(("booking.requested", RequestBooking(booking, SESSION, learner, "online", {}, at(10 + number))))
        if number % 2:
            told.append(("booking.waitlisted", ChangeBooking("waitlisted", booking, SESSION, None, None, at(20 + number))))
        if number % 3 == 0:
            told.append(("booking.cancelled", ChangeBooking("cancelled", booking, SESSION, learner, "ill", at(30 + number))))
            told.append(("booking.cancelled", ChangeBooking("cancelled", booking, None, learner, "again", at(40 + number))))
        else:
            told.append(("booking.confirmed", ChangeBooking("confirmed", booking, None, None, None, at(50 + number))))
            told += attendance(learner)
    return told


def attendance(learner: str) -> list[Told]:
    def event(name: str, dated: str, stays: Any, minute: int, **values: Any) -> Told:
        return name, Attend(SESSION, None, learner, dated, stays, {dated: at(minute), **values}, at(minute))

    return [
        event("attendance.checked_in", "check_in_time", "earlier", 901, attended=True, attendance_method="virtual"),
        event("attendance.checked_in", "check_in_time", "earlier", 902, attended=True, attendance_method="in_person"),
        event("attendance.completed", "completion_time", "later", 999, attended=True, completed=False, participation_score=0.5, assessment_score=None),
        event("attendance.completed", "completion_time", "later", 1_000, attended=True, completed=True, participation_score=0.9, assessment_score=0.9),
        event("certificate.earned", "certificate_issued_at", "earlier", 1_001, certificate_issued=True),
        event("certificate.earned", "certificate_issued_at", "earlier", 1_002, certificate_issued=True),
    ]


def end(told: list[Told]) -> Platform:
    platform = Platform()
    for event, command in told:
        platform.tell(event, command)
    return platform


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_with_seats_for_all_every_row_is_the_same_in_any_order(data: st.DataObject) -> None:
    told = story(capacity=10, learners=4)
    met = end(data.draw(st.permutations(told)))
    assert met.compared() == end(told).compared()
    assert (met.parked, met.refused) == ({}, [])


@settings(max_examples=150, deadline=None)
@given(st.data(), st.integers(1, 4))
def test_with_too_few_seats_only_who_got_one_depends_on_the_order(data: st.DataObject, capacity: int) -> None:
    told = story(capacity, learners=6)
    met, log = end(data.draw(st.permutations(told))).compared(), end(told).compared()
    seats = {"booking_status", "is_waitlisted", "waitlist_position"}
    for bookings in (met["training_bookings"], log["training_bookings"]):
        assert sum(row["booking_status"] == "confirmed" for row in bookings.values()) <= capacity
    assert Counter(row["booking_status"] for row in met["training_bookings"].values()) == Counter(
        row["booking_status"] for row in log["training_bookings"].values()
    )

    def without_seats(tables: Any) -> Any:
        return {**tables, "training_bookings": {key: {c: v for c, v in row.items() if c not in seats} for key, row in tables["training_bookings"].items()}}

    assert without_seats(met) == without_seats(log)
