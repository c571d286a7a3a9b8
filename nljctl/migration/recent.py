"""Which offsets hold the newest records of a log of many partitions: found by their times, without reading one. Pure but for the question asked."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping

from aiokafka import TopicPartition

from nljctl.kafka.offsets import Span

CLOSE_ENOUGH = 1.01
"""A window may hold this many times the records that were asked for: each look is a question to the broker."""

OffsetsAt = Callable[[int], Awaitable[Mapping[TopicPartition, int | None]]]
"""A time in milliseconds since 1970 → per partition the first offset that is not older; None if all are older."""


async def recent(records: int, held: Mapping[TopicPartition, Span], offsets_at: OffsetsAt, now: int) -> dict[TopicPartition, Span]:
    """The ends of the spans that hold at least the newest `records` records, and as few more as their times allow.

    Args:
        records: how many are wanted; all spans if they hold fewer.
        held: what may be looked at of each partition.
        offsets_at: asks the broker.
        now: milliseconds since 1970; no record is expected to be younger.
    """
    if sum(map(len, held.values())) <= records:
        return dict(held)
    old, young, found = 0, now + 1, dict(held)
    while young - old > 1:
        middle = (old + young) // 2
        offsets = await offsets_at(middle)
        window = {tp: Span(_within(span, offsets.get(tp)), span.end) for tp, span in held.items()}
        count = sum(map(len, window.values()))
        if count < records:
            young = middle
            continue
        old, found = middle, window
        if count <= records * CLOSE_ENOUGH:
            break
    return found


def _within(span: Span, offset: int | None) -> int:
    return span.end if offset is None else min(max(span.begin, offset), span.end)
