"""What a repair would do, or has done. Values only."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from nljctl.errors import EXIT_NOT_SO, EXIT_OK
from nljctl.migration.classes import Side
from nljctl.migration.repair.decide import Action, Item, Status

MOST_ITEMS = 1_000
"""Needs that are listed; the counts are always whole."""


@dataclass(slots=True)
class RepairReport:
    """As the contract's `repair` prints it.

    Attributes:
        left: what the comparison afterwards still finds lacking on that side; None where there was none.
        comparison: that comparison's verdict and evidence, or why there was none.
    """

    side: Side
    source: str
    evidence: Path
    needed: int
    executed: bool = False
    items: list[Item] = field(default_factory=list)
    counts: Counter[tuple[Action, Status]] = field(default_factory=Counter)
    left: int | None = None
    comparison: Mapping[str, Any] | None = None

    def add(self, items: Iterable[Item]) -> None:
        for item in items:
            self.counts[item.action, item.status] += 1
            if len(self.items) < MOST_ITEMS:
                self.items.append(item)

    @property
    def repaired(self) -> int:
        return sum(count for (_, status), count in self.counts.items() if status is Status.DONE)

    @property
    def planned(self) -> int:
        return sum(count for (_, status), count in self.counts.items() if status is Status.PLANNED)

    @property
    def still_missing(self) -> int:
        if self.left is not None:
            return self.left
        return sum(count for (_, status), count in self.counts.items() if status in (Status.PLANNED, Status.FAILED))

    def document(self) -> dict[str, Any]:
        by_action: dict[str, dict[str, int]] = {}
        for (action, status), count in sorted(self.counts.items()):
            by_action.setdefault(action.value, {})[status.value] = count
        return {
            "side": self.side,
            "from": self.source,
            "evidence": str(self.evidence),
            "needed": self.needed,
            "plan": [item.document() for item in self.items],
            "by_action": by_action,
            "executed": self.executed,
            "repaired": self.repaired,
            "still_missing": self.still_missing,
            "comparison": self.comparison,
        }

    @property
    def exit_code(self) -> int:
        return EXIT_NOT_SO if self.executed and self.still_missing else EXIT_OK
