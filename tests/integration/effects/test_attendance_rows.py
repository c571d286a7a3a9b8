"""Who was there: one row for a learner in a session, whichever event comes first, behind a booking."""

from __future__ import annotations

from effects_world import LEARNERS, attended, booking, certificate, checked_in, count, new_id, program, rows, session, tell
from sqlalchemy.ext.asyncio import AsyncEngine

from nljctl.effects.ledger_tables import parked
from nljctl.effects.platform_tables import attendance_records

SEEN = ("attended", "completed", "certificate_issued", "participation_score")


async def test_three_events_make_one_row(engine: AsyncEngine) -> None:
    one, meeting, seat = new_id(), new_id(), new_id()
    await tell(engine, program(one), session(meeting, one), booking(seat, meeting), checked_in(meeting), attended(meeting, 90), certificate(meeting, one))
    assert await rows(engine, attendance_records, SEEN, session_id=meeting, booking_id=seat) == [(True, True, True, 0.9)]


async def test_attendance_before_its_booking_waits_for_it(engine: AsyncEngine) -> None:
    one, meeting, seat = new_id(), new_id(), new_id()
    waiting = await tell(engine, certificate(meeting, one), attended(meeting, 60), checked_in(meeting))
    assert (waiting.effects.parked, await count(engine, parked, waits_for=f"enrolment:{meeting}/{LEARNERS[0].id}")) == (3, 3)
    await tell(engine, booking(seat, meeting))
    await tell(engine, program(one), session(meeting, one))
    assert await rows(engine, attendance_records, SEEN, session_id=meeting, booking_id=seat) == [(True, False, True, 0.6)]
    assert await count(engine, parked, waits_for=f"enrolment:{meeting}/{LEARNERS[0].id}") == 0


async def test_one_learners_booking_is_not_anothers(engine: AsyncEngine) -> None:
    one, meeting = new_id(), new_id()
    result = await tell(engine, program(one), session(meeting, one, capacity=5), booking(new_id(), meeting), checked_in(meeting, LEARNERS[1].id))
    assert (result.effects.applied, result.effects.parked) == (3, 1)


async def test_a_row_that_the_platform_made_is_kept_and_completed(engine: AsyncEngine) -> None:
    one, meeting, seat, row, learner = new_id(), new_id(), new_id(), new_id(), LEARNERS[2].id
    await tell(engine, program(one), session(meeting, one), booking(seat, meeting, learner))
    async with engine.begin() as connection:
        made = {"id": row, "session_id": meeting, "booking_id": seat, "learner_id": learner, "recorded_by_id": learner, "engagement_notes": "asked well"}
        await connection.execute(attendance_records.insert().values(made))
    await tell(engine, checked_in(meeting, learner))
    assert await rows(engine, attendance_records, ("id", "attended", "engagement_notes"), session_id=meeting) == [(row, True, "asked well")]


async def test_a_certificate_of_a_whole_program_changes_no_row(engine: AsyncEngine) -> None:
    one = new_id()
    result = await tell(engine, program(one), certificate(None, one))
    assert (result.effects.applied, result.effects.refused, result.effects.parked) == (2, 0, 0)
