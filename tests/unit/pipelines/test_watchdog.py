"""A consumer that has work, waits for nothing and does not move is seen."""

from __future__ import annotations

from nljctl.pipelines.watchdog import Watchdog


def test_time_counts_from_when_it_last_moved() -> None:
    watchdog = Watchdog()
    assert watchdog.look(0.0, 10, 5, waiting=False) == 0
    assert watchdog.look(10.0, 10, 5, waiting=False) == 0
    assert watchdog.look(70.0, 10, 5, waiting=False) == 60
    assert watchdog.look(80.0, 11, 4, waiting=False) == 0


def test_nothing_left_is_no_stall() -> None:
    watchdog = Watchdog()
    assert [watchdog.look(now, 10, 0, waiting=False) for now in (0.0, 100.0, 500.0)] == [0, 0, 0]


def test_waiting_for_a_target_that_is_named_is_no_stall() -> None:
    watchdog = Watchdog()
    assert [watchdog.look(now, 10, 5, waiting=True) for now in (0.0, 100.0, 500.0)] == [0, 0, 0]
    assert watchdog.look(510.0, 10, 5, waiting=False) == 0
    assert watchdog.look(520.0, 10, 5, waiting=False) == 10
