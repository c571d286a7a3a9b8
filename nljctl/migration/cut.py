"""The cut: up to which offset of each partition both pipelines are compared, exactly (design section 5). Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from aiokafka import TopicPartition

from nljctl.errors import UndecidedError
from nljctl.kafka.offsets import Span
from nljctl.migration.classes import SIDES, Side


@dataclass(frozen=True, slots=True)
class LivePosition:
    """How far a pipeline's statements are on one partition: the next offset that it has not yet done."""

    pipeline: Side
    tp: TopicPartition
    statements_next: int


@dataclass(frozen=True)
class Cut:
    """The ranges `[from, to)` that are compared, and which pipeline reads which topic."""

    ranges: Mapping[TopicPartition, Span]
    subscribed: Mapping[Side, frozenset[str]]

    def as_json(self) -> dict[str, dict[str, list[int]]]:
        """`{topic: {partition: [from, to)}}`, as the contract names it."""
        by_topic: dict[str, dict[str, list[int]]] = {}
        for tp, span in sorted(self.ranges.items()):
            by_topic.setdefault(tp.topic, {})[str(tp.partition)] = [span.begin, span.end]
        return by_topic


def make_cut(
    positions: Iterable[LivePosition], log: Mapping[TopicPartition, Span], *, topics: Collection[str] = (), begins: Mapping[TopicPartition, int] | None = None
) -> Cut:
    """The cut that the pipelines' positions allow.

    A partition is cut at the lowest position of the pipelines that read its topic; a pipeline that reads the topic but has no position on
    this partition stands at its beginning. A topic that only one pipeline reads is cut by that one alone.

    Args:
        positions: the live rows of `nljctl.progress`.
        log: what the log holds of each partition now.
        topics: compare only these; all by default.
        begins: where to begin instead of at the log's start (`--since`).

    Raises:
        UndecidedError: faststream has no position at all, or no partition has anything to compare.
    """
    reached: dict[Side, dict[TopicPartition, int]] = {side: {} for side in SIDES}
    for position in positions:
        reached[position.pipeline][position.tp] = position.statements_next
    subscribed = {side: frozenset(tp.topic for tp in reached[side]) for side in SIDES}
    if not subscribed["faststream"]:
        raise UndecidedError(
            "faststream has never read anything, so there is nothing to compare", "Start it (`nljctl up --profile faststream`) and compare again."
        )

    ranges: dict[TopicPartition, Span] = {}
    for tp, span in log.items():
        readers = [side for side in SIDES if tp.topic in subscribed[side]]
        if not readers or (topics and tp.topic not in topics):
            continue
        begin = max(span.begin, (begins or {}).get(tp, span.begin))
        end = min(min(reached[side].get(tp, span.begin) for side in readers), span.end)
        ranges[tp] = Span(begin, max(begin, end))
    if not any(len(span) for span in ranges.values()):
        raise UndecidedError(
            "the cut is empty: there is no record that every pipeline which reads its topic has passed",
            "Publish something (`nljctl publish-test`), let the consumers catch up (`--wait 60`), or widen --since and --topics.",
        )
    return Cut(ranges, subscribed)


def behind(positions: Iterable[LivePosition], ends: Mapping[TopicPartition, int]) -> dict[Side, int]:
    """How many offsets each pipeline with positions still lacks to `ends`, over the topics that it reads."""
    reached: dict[Side, dict[TopicPartition, int]] = {}
    for position in positions:
        reached.setdefault(position.pipeline, {})[position.tp] = position.statements_next
    return {side: sum(max(0, ends[tp] - rows.get(tp, 0)) for tp in ends if tp.topic in {row.topic for row in rows}) for side, rows in reached.items()}
