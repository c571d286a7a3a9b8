"""Days, streaks and durations."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from nljctl.analytics.days import MOST_FILLED, day_of, filled, streak
from nljctl.analytics.durations import milliseconds

TODAY = date(2025, 3, 30)


@pytest.mark.parametrize(
    ("ago", "length"),
    [((0, 1, 2), 3), ((1, 2), 2), ((2, 3), 0), ((0, 2), 1), ((), 0)],
    ids=["up to today", "up to yesterday", "over since", "a gap", "never"],
)
def test_a_streak_lasts_up_to_today_or_yesterday(ago: tuple[int, ...], length: int) -> None:
    assert streak([TODAY - timedelta(days) for days in ago], TODAY) == length


def test_days_without_activity_are_filled_in_but_not_centuries_of_them() -> None:
    assert filled({TODAY: 2, TODAY - timedelta(2): 1}) == [(TODAY - timedelta(2), 1), (TODAY - timedelta(1), 0), (TODAY, 2)]
    assert len(filled({TODAY: 1, TODAY - timedelta(MOST_FILLED): 1})) == 2
    assert filled({}) == []


def test_a_moment_before_1970_lies_on_its_own_day() -> None:
    assert day_of(-1) == date(1969, 12, 31)
    assert day_of(-62_167_219_200_000) == date.min


@pytest.mark.parametrize(
    ("duration", "length"),
    [("PT1H2M3.5S", 3_723_500), ("P1DT1S", 86_401_000), ("P2W", 1_209_600_000), ("PT0,5S", 500), ("P1Y", 31_536_000_000), ("PT0S", 0)],
)
def test_a_duration_in_milliseconds(duration: str, length: int) -> None:
    assert milliseconds(duration) == length


@pytest.mark.parametrize("text", ["", "3 minutes", "PT1.2.3S", "T5S"])
def test_what_is_no_duration_has_no_length(text: str) -> None:
    assert milliseconds(text) is None
