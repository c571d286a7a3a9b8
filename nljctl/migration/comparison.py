"""What is asked of a comparison, and what it answers. Values only."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Literal

from nljctl.migration.classes import CLASSES, Side
from nljctl.migration.ledger import Difference, EffectCounts, Totals
from nljctl.migration.verdict import Verdict
from nljctl.xapi.equivalence import EQUIVALENCE
from nljctl.xapi.repair import REPAIRS


@dataclass(frozen=True)
class CompareOptions:
    """As `compare-legacy` takes them.

    Attributes:
        wait: seconds to wait until every pipeline has reached the log's present end; None does not wait.
        since, topics: compare only younger records, only these topics.
        require: the worst verdict that is still good enough.
        accept: classes of legacy whose records count as explained.
        limit: how many differences are listed (counts are always whole).
        evidence: the folder to write to; one of its own below the stack's home by default.
        noise_floor: the evidence of a comparison in which legacy was given the same log again.
    """

    wait: float | None = None
    since: datetime | None = None
    topics: tuple[str, ...] = ()
    analytics: bool = True
    effects: bool = True
    require: Literal[Verdict.SAME, Verdict.EXPLAINED] = Verdict.EXPLAINED
    accept: frozenset[str] = frozenset()
    limit: int = 100
    evidence: Path | None = None
    noise_floor: Path | None = None


RULES: Mapping[str, Mapping[str, str]] = {
    "equivalence": EQUIVALENCE,
    "repairs": {repair.name: f"{repair.defect}: {repair.remedy}" for repair in REPAIRS},
    "classes": {f"{entry.side} {entry.name}": entry.meaning for entry in CLASSES},
}
"""By which everything was judged, named, so that the evidence can be read without the program."""


@dataclass(frozen=True)
class Comparison:
    """One comparison. `reasons` are per side and class, `events` per topic and event; `versions` of what took part.

    `retention`: what the log has lost of each partition. `resumed`: what an unfinished comparison had heard, and what was heard anew all the same.
    `analytics`: per question and subject what the log and both indices say (contract); of each kind at most 1,000 are listed, those that differ first,
    and `analytics_counts` counts all. `noise_floor`: see noise.py.
    """

    at: datetime
    seconds: float
    verdict: Verdict
    required: Verdict
    cut: Mapping[str, Mapping[str, Sequence[int]]]
    totals: Totals
    reasons: Mapping[Side, Mapping[str, Sequence[Mapping[str, Any]]]]
    events: Sequence[Mapping[str, Any]]
    effects: Mapping[str, EffectCounts] | None
    effects_absent: str | None
    effect_differences: Sequence[Mapping[str, Any]]
    differences: Sequence[Difference]
    evidence: Path
    asked: Mapping[str, Any]
    versions: Mapping[str, str] = field(default_factory=dict)
    retention: Sequence[Mapping[str, Any]] = ()
    resumed: Mapping[str, Any] | None = None
    analytics: Mapping[str, Any] | None = None
    analytics_absent: str | None = None
    analytics_counts: Mapping[str, Any] | None = None
    noise_floor: Mapping[str, Any] | None = None

    @property
    def met(self) -> bool:
        return self.verdict.meets(self.required)

    def as_json(self) -> dict[str, Any]:
        """The document of `compare-legacy --json`, without `command`."""
        return {
            "verdict": self.verdict.value,
            "required": self.required.value,
            "at": self.at.isoformat(timespec="seconds"),
            "cut": self.cut,
            "log": {"records": self.totals.records, "unique": self.totals.unique, "after_cut": self.totals.after_cut},
            "ledger": self.totals.classes,
            "reasons": self.reasons,
            "events": self.events,
            "analytics": self.analytics,
            "analytics_absent": self.analytics_absent,
            "analytics_counts": self.analytics_counts,
            "effects": None if self.effects is None else {table: asdict(counts) for table, counts in self.effects.items()},
            "effects_absent": self.effects_absent,
            "effect_differences": self.effect_differences,
            "differences": [difference.as_json() for difference in self.differences],
            "difference_counts": {"explained": self.totals.explained, "unexplained": self.totals.unexplained},
            "asked": self.asked,
            "retention": list(self.retention),
            "resumed": self.resumed,
            "noise_floor": self.noise_floor,
            "versions": self.versions,
            "rules": RULES,
            "evidence": str(self.evidence),
            "seconds": round(self.seconds, 3),
        }
