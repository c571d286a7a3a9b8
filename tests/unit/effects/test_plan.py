"""Who owns a record, and when effects wait."""

from __future__ import annotations

from aiokafka import TopicPartition
from hypothesis import given
from hypothesis import strategies as st

from nljctl.effects.plan import Epoch, Pipeline, bucket, may_own, owner

TP = TopicPartition("t", 0)


def epoch(number: int, share: int, fence: int = 0) -> Epoch:
    return Epoch(number, share, "1", "shift", "shifting", {TP: fence} if fence else {})


def test_before_the_first_epoch_legacy_owns() -> None:
    assert owner([], TP, 5, "a") is Pipeline.LEGACY


def test_the_newest_epoch_whose_fence_is_not_beyond_the_record_decides() -> None:
    plan = [epoch(1, 0), epoch(2, 100, 10), epoch(3, 0, 20)]
    assert [owner(plan, TP, offset, "a") for offset in (9, 10, 19, 20)] == [Pipeline.LEGACY, Pipeline.FASTSTREAM, Pipeline.FASTSTREAM, Pipeline.LEGACY]


def test_a_partition_without_fence_starts_under_the_newest_epoch() -> None:
    assert owner([epoch(1, 0), epoch(2, 100, 10)], TopicPartition("t", 1), 0, "a") is Pipeline.FASTSTREAM


@given(st.uuids().map(str), st.integers(0, 100), st.integers(0, 100))
def test_a_growing_share_keeps_the_aggregates_that_it_had(aggregate: str, one: int, other: int) -> None:
    small, large = sorted((one, other))
    if owner([epoch(1, small)], TP, 0, aggregate) is Pipeline.FASTSTREAM:
        assert owner([epoch(1, large)], TP, 0, aggregate) is Pipeline.FASTSTREAM


def test_buckets_spread_over_all_hundred() -> None:
    assert {bucket(str(number), "1") for number in range(5_000)} == set(range(100))


def test_a_range_that_no_epoch_gives_to_a_pipeline_need_not_be_read() -> None:
    plan = [epoch(1, 100), epoch(2, 0, 10)]
    assert not may_own(plan, Pipeline.LEGACY, TP, 0, 10)
    assert may_own(plan, Pipeline.LEGACY, TP, 0, 11)
    assert not may_own(plan, Pipeline.FASTSTREAM, TP, 10, 30)
    assert may_own(plan, Pipeline.FASTSTREAM, TP, 9, 30)


@given(
    st.lists(st.tuples(st.sampled_from([0, 1, 50, 100]), st.integers(0, 8)), min_size=1, max_size=4),
    st.integers(0, 8),
    st.integers(1, 8),
    st.lists(st.uuids().map(str), min_size=1, max_size=20),
)
def test_whoever_owns_a_record_may_own_its_range(epochs: list[tuple[int, int]], begin: int, length: int, aggregates: list[str]) -> None:
    plan = [epoch(number, share, fence if number > 1 else 0) for number, (share, fence) in enumerate(epochs, 1)]
    for offset in range(begin, begin + length):
        for aggregate in aggregates:
            assert may_own(plan, owner(plan, TP, offset, aggregate), TP, begin, begin + length)
