"""The booking rules, on values."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any, Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nljctl.effects.bookings import Booking, ChangeBooking, RequestBooking, Session, change, request
from nljctl.effects.effect import Change, Insert, Update

AT = datetime(2026, 3, 1, tzinfo=UTC)


def a_request(booking: str = "b") -> RequestBooking:
    return RequestBooking(booking, "s", "l", "online", {}, AT)


def a_change(to: Literal["confirmed", "waitlisted", "cancelled"], booking: str) -> ChangeBooking:
    return ChangeBooking(to, booking, "s", None, None, AT)


def values(change: Change) -> Any:
    return change.values


def apply(session: Session, changes: list[Change]) -> Session:
    """The session after the changes, as the database would hold it."""
    bookings = {booking.id: booking for booking in session.bookings}
    for made in changes:
        key = made.values["id"] if isinstance(made, Insert) else made.id
        old = bookings.get(key)
        bookings[key] = Booking(
            key,
            made.values.get("booking_status", old.status if old else ""),
            made.values.get("waitlist_position", old.position if old else None),
            made.values.get("cancelled_at", old.cancelled_at if old else None),
        )
    return Session(session.program, session.capacity, sorted(bookings.values(), key=lambda booking: booking.position or 0))


def test_a_free_seat_is_confirmed() -> None:
    [made] = request(Session("p", 1, []), a_request())
    assert (values(made)["booking_status"], values(made)["is_waitlisted"], values(made)["waitlist_position"]) == ("confirmed", False, None)


def test_a_full_session_puts_the_learner_behind_the_last_who_waits() -> None:
    full = Session("p", 1, [Booking("a", "confirmed", None), Booking("w", "waitlist", 4)])
    [made] = request(full, a_request())
    assert (values(made)["booking_status"], values(made)["is_waitlisted"], values(made)["waitlist_position"]) == ("waitlist", True, 5)


def test_a_freed_seat_goes_to_the_first_who_waits() -> None:
    full = Session("p", 1, [Booking("a", "confirmed", None), Booking("w1", "waitlist", 1), Booking("w2", "waitlist", 2)])
    changes = change(full, a_change("cancelled", "a"))
    assert [(made.id, made.values["booking_status"]) for made in changes if isinstance(made, Update)] == [("a", "cancelled"), ("w1", "confirmed")]


def test_cancelling_a_waiting_booking_frees_no_seat() -> None:
    full = Session("p", 1, [Booking("a", "confirmed", None), Booking("w1", "waitlist", 1), Booking("w2", "waitlist", 2)])
    assert [made.id for made in change(full, a_change("cancelled", "w1")) if isinstance(made, Update)] == ["w1"]


def test_cancelling_again_later_changes_nothing_more() -> None:
    assert change(Session("p", 1, [Booking("a", "cancelled", None, AT), Booking("b", "confirmed")]), a_change("cancelled", "a")) == []


def test_of_two_cancellations_the_earlier_one_stays_whichever_comes_first() -> None:
    met_late = Session("p", 1, [Booking("a", "cancelled", None, AT + timedelta(hours=1)), Booking("b", "confirmed"), Booking("w", "waitlist", 1)])
    assert [(made.id, made.values["cancelled_at"]) for made in change(met_late, a_change("cancelled", "a")) if isinstance(made, Update)] == [("a", AT)]


@pytest.mark.parametrize("status", ["confirmed", "waitlist", "cancelled"])
def test_being_told_to_wait_is_noted_whatever_the_status(status: str) -> None:
    [made] = change(Session("p", 1, [Booking("a", status)]), a_change("waitlisted", "a"))
    assert made.values["waitlist_notified"] is True
    assert "booking_status" not in made.values


def test_a_confirmation_cannot_oversell() -> None:
    full = Session("p", 1, [Booking("a", "confirmed", None), Booking("w", "waitlist", 1)])
    assert change(full, a_change("confirmed", "w")) == []


def test_a_confirmation_seats_who_waits_when_a_seat_is_free() -> None:
    free = Session("p", 2, [Booking("a", "confirmed", None), Booking("w", "waitlist", 1)])
    assert [made.values["booking_status"] for made in change(free, a_change("confirmed", "w"))] == ["confirmed"]


@given(st.integers(1, 3), st.lists(st.tuples(st.sampled_from(["request", "cancelled", "confirmed", "waitlisted"]), st.integers(0, 5)), max_size=30))
def test_no_session_is_ever_oversold_and_nobody_waits_beside_a_free_seat(capacity: int, events: list[tuple[Any, int]]) -> None:
    session = Session("p", capacity, [])
    for kind, number in events:
        known = {booking.id for booking in session.bookings}
        booking = f"b{number}"
        if kind == "request" and booking not in known:
            session = apply(session, list(request(session, a_request(booking))))
        elif kind != "request" and booking in known:
            session = apply(session, list(change(session, a_change(kind, booking))))
        assert session.free >= 0
        assert session.free == 0 or not session.waiting
