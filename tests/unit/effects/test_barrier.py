"""Which effects wait at a fence that the other pipeline has not reached."""

from __future__ import annotations

import pytest
from aiokafka import TopicPartition

from nljctl.effects.barrier import barrier, narrowed, waits
from nljctl.effects.claim import Position
from nljctl.effects.plan import Epoch, Pipeline, bucket
from nljctl.kafka.offsets import Span

TP = TopicPartition("t", 0)


def epoch(number: int, share: int, fence: int = 0) -> Epoch:
    return Epoch(number, share, "1", "shift", "shifting", {TP: fence} if fence else {})


def of_bucket(low: int, high: int) -> str:
    """An aggregate whose bucket is in `[low, high)`."""
    return next(name for name in map(str, range(10_000)) if low <= bucket(name, "1") < high)


EARLY, LATE, NEVER = of_bucket(0, 10), of_bucket(10, 50), of_bucket(50, 100)
"""Aggregates that go to faststream at 10 %, at 50 %, and not at all."""

GROWING = [epoch(1, 0), epoch(2, 10, 10), epoch(3, 50, 20)]


def test_the_lowest_fence_that_the_other_has_not_reached_is_closed() -> None:
    assert [barrier(GROWING, TP, other) for other in (0, 9, 10, 19, 20)] == [10, 10, 20, 20, None]


@pytest.mark.parametrize(
    ("aggregate", "offset", "other", "expected"),
    [
        (EARLY, 9, 0, False),  # legacy's still
        (EARLY, 10, 9, True),
        (EARLY, 25, 9, True),  # however far behind its fence
        (EARLY, 25, 10, False),  # the fence at which it moved is open, the later one does not concern it
        (LATE, 15, 0, False),
        (LATE, 20, 19, True),
        (LATE, 20, 20, False),
        (NEVER, 25, 0, False),
    ],
)
def test_an_effect_waits_only_at_the_fence_at_which_its_aggregate_came(aggregate: str, offset: int, other: int, expected: bool) -> None:
    assert waits(GROWING, TP, offset, aggregate, Pipeline.FASTSTREAM, other) is expected


@pytest.mark.parametrize(("other", "expected"), [(9, True), (19, True), (20, False)])
def test_what_went_and_came_back_waits_for_all_that_was_done_elsewhere(other: int, expected: bool) -> None:
    back = [epoch(1, 0), epoch(2, 100, 10), epoch(3, 0, 20)]
    assert waits(back, TP, 30, NEVER, Pipeline.LEGACY, other) is expected


def test_a_claim_waits_at_its_first_record_that_must() -> None:
    assert narrowed(10, Span(8, 20), Position(8, 8), [9, 15, 17]) == 15
    assert narrowed(10, Span(8, 20), Position(8, 16), [9, 15, 17]) == 17
    assert narrowed(10, Span(8, 20), Position(8, 8), []) is None


def test_a_claim_behind_what_waits_already_stays_behind_it() -> None:
    assert narrowed(10, Span(20, 30), Position(20, 15), []) == 10
    assert narrowed(10, Span(20, 20), Position(20, 20), []) == 10
