"""Who owns a record's effects: epochs that begin at fences. Pure (docs/ownership.md)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from hashlib import blake2b

from aiokafka import TopicPartition


class Pipeline(StrEnum):
    LEGACY = "legacy"
    FASTSTREAM = "faststream"

    @property
    def other(self) -> Pipeline:
        return Pipeline.FASTSTREAM if self is Pipeline.LEGACY else Pipeline.LEGACY


class Role(StrEnum):
    """Whose rows a pipeline changes: the platform's (live) or the copy that comparisons read (shadow)."""

    LIVE = "live"
    SHADOW = "shadow"


@dataclass(frozen=True, slots=True)
class Epoch:
    """One decision. `fences` holds the first offset it rules, per topic partition; `share` is faststream's percentage of aggregates."""

    number: int
    share: int
    salt: str
    kind: str
    state: str
    fences: Mapping[TopicPartition, int]

    def fence(self, tp: TopicPartition) -> int:
        return self.fences.get(tp, 0)


def bucket(aggregate: str, salt: str) -> int:
    """A number from 0 to 99 that an aggregate keeps as long as the salt stays: shares grow without moving those already moved."""
    return int.from_bytes(blake2b(f"{salt}/{aggregate}".encode(), digest_size=8).digest(), "big") % 100


def owner(plan: Sequence[Epoch], tp: TopicPartition, offset: int, aggregate: str) -> Pipeline:
    """The pipeline that applies this record's effects.

    The newest epoch whose fence is not beyond the offset decides; before the first epoch it is legacy.
    """
    for epoch in reversed(plan):
        if offset >= epoch.fence(tp):
            return Pipeline.FASTSTREAM if bucket(aggregate, epoch.salt) < epoch.share else Pipeline.LEGACY
    return Pipeline.LEGACY


def may_own(plan: Sequence[Epoch], pipeline: Pipeline, tp: TopicPartition, begin: int, end: int) -> bool:
    """Whether any record of `[begin, end)` can be this pipeline's, whatever its aggregate: if not, the range need not be read to be settled."""
    ceiling = end
    for epoch in reversed(plan):
        low = max(epoch.fence(tp), begin)
        if low < ceiling and (epoch.share < 100 if pipeline is Pipeline.LEGACY else epoch.share > 0):
            return True
        ceiling = min(ceiling, max(low, begin))
    return ceiling > begin and pipeline is Pipeline.LEGACY
