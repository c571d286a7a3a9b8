"""Which sessions are in each other's way, on values."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nljctl.effects.conflicts import MOST_NAMED, Meeting, conflicts

NINE = datetime(2026, 4, 1, 9, tzinfo=UTC)


def meeting(name: str, begins: int = 0, hours: int = 2, location: str | None = "Bay 2", instructor: str | None = None) -> Meeting:
    start = NINE + timedelta(hours=begins)
    return Meeting(name, start, start + timedelta(hours=hours), location, instructor)


def found(new: Meeting, *scheduled: Meeting) -> list[tuple[str, Any]]:
    return [(conflict.kind, conflict.others) for conflict in conflicts(new, scheduled)]


@pytest.mark.parametrize(("begins", "clash"), [(-2, False), (-1, True), (0, True), (1, True), (2, False)])
def test_one_room_takes_one_session_at_a_time(begins: int, clash: bool) -> None:
    assert found(meeting("new"), meeting("old", begins)) == ([("location_conflict", ["old"])] if clash else [])


def test_another_room_is_free() -> None:
    assert found(meeting("new"), meeting("old", location="Room 12")) == []


def test_an_instructor_is_in_one_room_at_a_time() -> None:
    assert found(meeting("new", instructor="ada"), meeting("old", location="Room 12", instructor="ada")) == [("instructor_conflict", ["old"])]


def test_no_instructor_is_nobody() -> None:
    assert found(meeting("new", location="Bay 1"), meeting("old", location="Room 12")) == []


def test_sessions_without_a_place_may_be_in_the_same_one() -> None:
    assert found(meeting("new", location=None), meeting("nowhere", location=None), meeting("somewhere")) == [("time_overlap", ["nowhere"])]


def test_two_reasons_are_two_conflicts() -> None:
    assert [kind for kind, _ in found(meeting("new", instructor="ada"), meeting("old", instructor="ada"))] == ["location_conflict", "instructor_conflict"]


def test_a_conflict_with_many_names_the_first_and_counts_all() -> None:
    [conflict] = conflicts(meeting("new"), [meeting(f"s{number:04}") for number in range(MOST_NAMED + 20)])
    assert (len(conflict.others), conflict.details["conflicts"]) == (MOST_NAMED, MOST_NAMED + 20)


meetings = st.builds(meeting, st.uuids().map(str), st.integers(0, 6), st.integers(1, 4), st.sampled_from(["Bay 1", None]), st.sampled_from(["ada", None]))


@given(meetings, meetings)
def test_being_in_the_way_is_mutual(one: Meeting, other: Meeting) -> None:
    assert [kind for kind, _ in found(one, other)] == [kind for kind, _ in found(other, one)]
