"""What a consumer says of a whole run, in the contract's words (`consume`). Both pipelines give the same report."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from aiokafka import TopicPartition

from nljctl.effects.batch import EffectCounts

Positions = Mapping[TopicPartition, int]


@dataclass(slots=True)
class ConsumerReport:
    """Counts of one run: each record once, however often it was redelivered within the run.

    Attributes:
        filtered, refused, failed, unreadable: what only the legacy pipeline does to a record; 0 for faststream.
        dead_lettered, repaired: what only faststream does; 0 for legacy.
        retries: waits for a service that was away.
        announced: events that effects caused, published by this run, whichever pipeline's effects they were.
        positions: the next offset per partition, for what this member was assigned last.
    """

    pipeline: str
    read: int = 0
    stored: int = 0
    duplicates: int = 0
    conflicts: int = 0
    dead_lettered: int = 0
    repaired: int = 0
    filtered: int = 0
    refused: int = 0
    failed: int = 0
    unreadable: int = 0
    retries: int = 0
    announced: int = 0
    effects: EffectCounts = field(default_factory=EffectCounts)
    seconds: float = 0.0
    positions: Positions = field(default_factory=dict)

    @property
    def statements_per_second(self) -> float:
        return self.read / self.seconds if self.seconds else 0.0

    @classmethod
    def together(cls, reports: Sequence[ConsumerReport]) -> ConsumerReport:
        """Several members of one pipeline as one; `seconds` are those of the one that ran longest."""
        whole = cls(reports[0].pipeline)
        for report in reports:
            for name in _COUNTS:
                setattr(whole, name, getattr(whole, name) + getattr(report, name))
            whole.effects.add(report.effects)
            whole.seconds = max(whole.seconds, report.seconds)
            whole.positions = {**whole.positions, **report.positions}
        return whole

    def document(self) -> dict[str, Any]:
        """As `consume --json` prints it."""
        positions: dict[str, dict[str, int]] = {}
        for tp, offset in sorted(self.positions.items()):
            positions.setdefault(tp.topic, {})[str(tp.partition)] = offset
        return {
            "pipeline": self.pipeline,
            **{name: getattr(self, name) for name in _COUNTS},
            "effects": asdict(self.effects),
            "seconds": round(self.seconds, 3),
            "statements_per_second": round(self.statements_per_second, 1),
            "positions": positions,
        }


_COUNTS = ("read", "stored", "duplicates", "conflicts", "dead_lettered", "repaired", "filtered", "refused", "failed", "unreadable", "retries", "announced")
