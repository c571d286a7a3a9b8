"""The rules of attendance, on values."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from nljctl.catalogue.names import N, X
from nljctl.effects.attendance import Attend, Attendance, attend, read_checked_in, read_completed, read_earned, record_id
from nljctl.effects.effect import Insert, UnreadableEventError, Update

SESSION, LEARNER, PROGRAM = (f"{digit}a1d2c3e-0000-4000-8000-00000000000{digit}" for digit in "789")
NINE = datetime(2026, 4, 1, 9, tzinfo=UTC)


def statement(target: str = f"{N}training-sessions/{SESSION}", result: dict[str, Any] | None = None, **context: Any) -> dict[str, Any]:
    return {
        "id": "0b0f3f0e-6a0e-4c55-9a57-1b6f0c2f9d10",
        "timestamp": NINE.isoformat(),
        "actor": {"account": {"homePage": "http://nlj.platform", "name": LEARNER}},
        "object": {"id": target},
        "context": {"extensions": {X + name: value for name, value in context.items()}},
        **({"result": result} if result else {}),
    }


def known(command: Attend, **columns: Any) -> Attendance:
    return Attendance("b", "r", {**dict.fromkeys(command.values), **columns})


def test_the_first_event_makes_the_row_behind_the_booking() -> None:
    command = read_checked_in(statement(check_in_method="virtual"))
    [made] = attend(Attendance("b"), command)  # type: ignore[misc]  # a decision that is no refusal
    assert isinstance(made, Insert)
    assert {name: made.values[name] for name in ("id", "booking_id", "learner_id", "attended", "attendance_method", "check_in_time")} == {
        "id": record_id(SESSION, LEARNER),
        "booking_id": "b",
        "learner_id": LEARNER,
        "attended": True,
        "attendance_method": "virtual",
        "check_in_time": NINE,
    }


@pytest.mark.parametrize("method", ["manual", "qr_code", None, 5])
def test_how_one_was_checked_in_is_not_how_one_attended(method: Any) -> None:
    assert read_checked_in(statement(check_in_method=method)).values["attendance_method"] == "in_person"


@pytest.mark.parametrize(
    ("result", "context", "completed"),
    [
        ({"completion": True}, {"completion_percentage": 85.0}, True),
        ({"completion": False}, {"completion_percentage": 85.0}, False),
        ({}, {"completion_percentage": 80}, True),
        ({}, {"completion_percentage": 79.9}, False),
        ({"extensions": {X + "attendance_percentage": 90}}, {}, True),
        ({}, {}, False),
    ],
)
def test_who_has_completed_is_told_or_follows_from_the_time(result: dict[str, Any], context: dict[str, Any], completed: bool) -> None:
    assert read_completed(statement(result=result, **context)).values["completed"] is completed


@pytest.mark.parametrize("score", [None, {"scaled": 0.5}])
def test_a_score_is_kept_where_there_is_one(score: Any) -> None:
    assert read_completed(statement(result={"score": score})).values["assessment_score"] == (score or {}).get("scaled")


@pytest.mark.parametrize(
    ("read", "column", "stays"),
    [(read_checked_in, "check_in_time", "earlier"), (read_completed, "completion_time", "later"), (read_earned, "certificate_issued_at", "earlier")],
)
def test_of_two_of_a_kind_one_stays_whichever_comes_first(read: Any, column: str, stays: str) -> None:
    command = read(statement(session_id=SESSION))
    before, after = known(command, **{column: NINE - timedelta(hours=1)}), known(command, **{column: NINE + timedelta(hours=1)})
    written = [bool(attend(row, command)) for row in (before, after)]
    assert written == ([False, True] if stays == "earlier" else [True, False])


def test_an_event_writes_only_what_it_tells() -> None:
    command = read_earned(statement(session_id=SESSION))
    [made] = attend(known(command), command)  # type: ignore[misc]  # a decision that is no refusal
    assert isinstance(made, Update)
    assert made.values.keys() == {"certificate_issued", "certificate_issued_at", "updated_at"}


def test_a_certificate_of_a_program_has_no_row_to_stand_in() -> None:
    command = read_earned(statement(program_id=PROGRAM))
    assert (command.aggregate, command.parent, list(attend(Attendance(None), command))) == (PROGRAM, None, [])


@pytest.mark.parametrize("read", [read_checked_in, read_completed])
def test_attendance_at_no_session_is_unreadable(read: Any) -> None:
    with pytest.raises(UnreadableEventError):
        read(statement(f"{N}training-programs/{PROGRAM}"))


@pytest.mark.parametrize(
    ("context", "sqlstate"), [({"session_id": "x"}, "22P02"), ({"session_id": SESSION, "completion_date": "soon"}, "22007"), ({}, "22P02")]
)
def test_a_certificate_that_cannot_be_read_says_which_way(context: dict[str, Any], sqlstate: str) -> None:
    with pytest.raises(UnreadableEventError) as raised:
        read_earned(statement(**context))
    assert raised.value.sqlstate == sqlstate
