"""What a pipeline hands to Postgres, and what it gets back. Values only."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from aiokafka import TopicPartition
from msgspec import Struct

from nljctl.effects.claim import Position
from nljctl.effects.continuity import Mark
from nljctl.judgement import Judgement
from nljctl.kafka.offsets import Span


@dataclass(frozen=True, slots=True)
class OutcomeRow:
    """What became of a record that was not plainly stored (the table `outcome` names the kinds)."""

    kind: str
    reason: str = ""
    rule: str = ""
    pointer: str = ""
    detail: str = ""


class Entry(Struct, frozen=True):
    """One record of a batch. `effects` is False where a pipeline's routes keep the record from changing the platform."""

    tp: TopicPartition
    offset: int
    judgement: Judgement
    outcome: OutcomeRow | None = None
    effects: bool = True


@dataclass(frozen=True, slots=True)
class Batch:
    """Claimed ranges and the records in them; `begin` of a claim is the `end` of the one before it. Entries are in offset order per partition.

    Attributes:
        settling: only effects are applied, for a pipeline that does not run; its statements stay where they are.
        marks: the last record of each partition.
        generations: which making of its topic each claim is about; absent is the first.
    """

    claims: Mapping[TopicPartition, Span]
    entries: Sequence[Entry] = ()
    settling: bool = False
    marks: Mapping[TopicPartition, Mark] = field(default_factory=dict)
    generations: Mapping[TopicPartition, int] = field(default_factory=dict)


@dataclass(slots=True)
class EffectCounts:
    """Records by what their effect came to. `parked` waits for a parent row, `refused` was impossible, `not_owned` is the other pipeline's."""

    applied: int = 0
    shadowed: int = 0
    parked: int = 0
    refused: int = 0
    not_owned: int = 0

    def add(self, other: EffectCounts) -> None:
        self.applied += other.applied
        self.shadowed += other.shadowed
        self.parked += other.parked
        self.refused += other.refused
        self.not_owned += other.not_owned


@dataclass(frozen=True, slots=True)
class BatchResult:
    """Where the pipeline stands after the batch. `seek`: partitions that must be read again from there. `held`: those whose effects wait at a barrier."""

    positions: Mapping[TopicPartition, Position]
    seek: Mapping[TopicPartition, int] = field(default_factory=dict)
    held: frozenset[TopicPartition] = frozenset()
    effects: EffectCounts = field(default_factory=EffectCounts)
    counted: int = 0
    """Records whose statements this batch counted (not those that an earlier one had)."""
