"""Two transactions at the same instant: nobody is seated twice, and nobody is lost."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import datetime

import pytest
from effects_world import LEARNERS, booking, booking_cancelled, checked_in, count, new_id, program, rows, session, session_cancelled, tell
from sqlalchemy.ext.asyncio import AsyncEngine
from stacks import Stack

from nljctl.effects import database
from nljctl.effects.ledger_tables import parked
from nljctl.effects.platform_tables import attendance_records, training_bookings, training_sessions

TIMES = 40


@pytest.fixture
async def engines(stack: Stack) -> AsyncIterator[tuple[AsyncEngine, AsyncEngine]]:
    """Two pools of connections, as two consumers have."""
    async with database.engine(stack.settings) as one, database.engine(stack.settings) as other:
        yield one, other


async def test_of_two_racing_for_the_last_seat_one_gets_it_and_the_other_waits(engines: tuple[AsyncEngine, AsyncEngine]) -> None:
    one, other = engines
    for _ in range(TIMES):
        course, meeting = new_id(), new_id()
        await tell(one, program(course), session(meeting, course, capacity=1))
        await asyncio.gather(tell(one, booking(new_id(), meeting)), tell(other, booking(new_id(), meeting, LEARNERS[1].id)))
        found = await rows(one, training_bookings, ("booking_status", "waitlist_position"), session_id=meeting)
        assert found == [("confirmed", None), ("waitlist", 1)]


async def test_a_booking_that_arrives_with_its_session_is_never_lost(engines: tuple[AsyncEngine, AsyncEngine]) -> None:
    one, other = engines
    for _ in range(TIMES):
        course, meeting, seat = new_id(), new_id(), new_id()
        await tell(one, program(course))
        await asyncio.gather(tell(other, booking(seat, meeting)), tell(one, session(meeting, course)))
        assert await count(one, training_bookings, id=seat, booking_status="confirmed") == 1
        assert await count(one, parked, waits_for=f"session:{meeting}") == 0


async def test_a_check_in_that_arrives_with_its_booking_is_never_lost(engines: tuple[AsyncEngine, AsyncEngine]) -> None:
    one, other = engines
    for _ in range(TIMES):
        course, meeting, seat = new_id(), new_id(), new_id()
        await tell(one, program(course), session(meeting, course))
        await asyncio.gather(tell(other, checked_in(meeting)), tell(one, booking(seat, meeting)))
        assert await count(one, attendance_records, session_id=meeting, booking_id=seat, attended=True) == 1


async def test_a_seat_freed_while_another_asks_for_one_is_filled(engines: tuple[AsyncEngine, AsyncEngine]) -> None:
    one, other = engines
    for _ in range(TIMES):
        course, meeting, seat, late = new_id(), new_id(), new_id(), new_id()
        await tell(one, program(course), session(meeting, course, capacity=1), booking(seat, meeting))
        await asyncio.gather(tell(one, booking_cancelled(seat)), tell(other, booking(late, meeting, LEARNERS[1].id)))
        assert await rows(one, training_bookings, ("booking_status",), session_id=meeting) == [("cancelled",), ("confirmed",)]


async def test_of_two_cancellations_at_once_the_earlier_one_stays(engines: tuple[AsyncEngine, AsyncEngine]) -> None:
    one, other = engines
    for _ in range(TIMES):
        course, meeting = new_id(), new_id()
        await tell(one, program(course), session(meeting, course))
        earlier, later = "2026-03-05T09:00:00+00:00", "2026-03-06T09:00:00+00:00"
        await asyncio.gather(tell(one, session_cancelled(meeting, later)), tell(other, session_cancelled(meeting, earlier)))
        [(when,)] = await rows(one, training_sessions, ("cancelled_at",), id=meeting, status="cancelled")
        assert when == datetime.fromisoformat(earlier)
