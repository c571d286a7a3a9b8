"""Which of a run's records the running pipelines have not passed yet. Pure."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from aiokafka import TopicPartition

from nljctl.effects.plan import Pipeline


@dataclass(frozen=True, slots=True)
class Behind:
    """A pipeline that has still to read `records` of the run in one partition: it is at `at`, and needs to be at `needs`."""

    pipeline: Pipeline
    tp: TopicPartition
    at: int | None
    needs: int
    records: int

    def __str__(self) -> str:
        at = "has not begun" if self.at is None else f"is at {self.at}"
        return f"{self.pipeline} {at} of {self.needs} in {self.tp.topic}/{self.tp.partition} ({self.records} records)"


def behind(pipeline: Pipeline, positions: Mapping[TopicPartition, int], offsets: Mapping[TopicPartition, Sequence[int]]) -> list[Behind]:
    """What a pipeline has still to read.

    Args:
        positions: the next offset of each partition that it reads. A topic of which it reads no partition does not concern it;
            while it reads none at all, it has not begun, and everything is still to be read.
        offsets: the run's records, ascending.
    """
    topics = {tp.topic for tp in positions}
    left = []
    for tp, run in sorted(offsets.items()):
        if positions and tp.topic not in topics:
            continue
        at = positions.get(tp)
        unread = len(run) if at is None else len(run) - bisect_left(run, at)
        if unread:
            left.append(Behind(pipeline, tp, at, run[-1] + 1, unread))
    return left


def unread_topics(positions: Sequence[Mapping[TopicPartition, int]], offsets: Mapping[TopicPartition, Sequence[int]]) -> dict[str, int]:
    """Records on topics that none of the running pipelines reads: nobody will process them."""
    read = {tp.topic for some in positions for tp in some}
    unread: dict[str, int] = {}
    for tp, run in sorted(offsets.items()):
        if tp.topic not in read:
            unread[tp.topic] = unread.get(tp.topic, 0) + len(run)
    return unread
