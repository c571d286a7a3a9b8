"""The newest records of many partitions, found by their times."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping, Sequence

from aiokafka import TopicPartition
from hypothesis import given
from hypothesis import strategies as st

from nljctl.kafka.offsets import Span
from nljctl.migration.recent import CLOSE_ENOUGH, recent

NOW = 1_760_000_000_000


class Broker:
    """Partitions as lists of ascending times; a partition's first offset is its number times ten."""

    def __init__(self, times: Sequence[Sequence[int]]) -> None:
        self.times = {TopicPartition("t", number): list(of) for number, of in enumerate(times)}
        self.held = {tp: Span(tp.partition * 10, tp.partition * 10 + len(of)) for tp, of in self.times.items()}

    async def offsets_at(self, moment: int) -> Mapping[TopicPartition, int | None]:
        places = {tp: bisect_left(of, moment) for tp, of in self.times.items()}
        return {tp: self.held[tp].begin + place if place < len(self.times[tp]) else None for tp, place in places.items()}


async def test_a_short_log_is_taken_whole() -> None:
    broker = Broker([[5, 6], [7]])
    assert await recent(3, broker.held, broker.offsets_at, NOW) == broker.held


async def test_the_window_ends_each_partition_and_holds_the_newest() -> None:
    broker = Broker([[NOW - 50, NOW - 10], [NOW - 40, NOW - 30, NOW - 20], [NOW - 60]])
    found = await recent(3, broker.held, broker.offsets_at, NOW)
    assert found == {TopicPartition("t", 0): Span(1, 2), TopicPartition("t", 1): Span(11, 13), TopicPartition("t", 2): Span(21, 21)}


@given(
    times=st.lists(st.lists(st.integers(0, NOW), max_size=40, unique=True).map(sorted), min_size=1, max_size=4).filter(
        lambda of: len({moment for part in of for moment in part}) == sum(map(len, of))
    ),
    records=st.integers(1, 60),
)
async def test_no_record_outside_the_window_is_newer_than_one_inside(times: list[list[int]], records: int) -> None:
    broker = Broker(times)
    found = await recent(records, broker.held, broker.offsets_at, NOW)
    inside = [broker.times[tp][offset - broker.held[tp].begin] for tp, span in found.items() for offset in range(span.begin, span.end)]
    outside = [moment for tp, of in broker.times.items() for moment in of[: found[tp].begin - broker.held[tp].begin]]
    assert min(records, sum(map(len, times))) <= len(inside) <= max(records * CLOSE_ENOUGH, min(records, sum(map(len, times))))
    assert not outside or not inside or max(outside) < min(inside)
