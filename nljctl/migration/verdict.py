"""The verdict of a comparison: same, explained or differs (contract, "compare-legacy, exactly"). Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from enum import StrEnum
from typing import Any

from nljctl.migration.ledger import EffectCounts, Totals


class Verdict(StrEnum):
    """From best to worst."""

    SAME = "same"
    EXPLAINED = "explained"
    DIFFERS = "differs"

    def meets(self, required: Verdict) -> bool:
        order = list(Verdict)
        return order.index(self) <= order.index(required)


def decide(totals: Totals, effects: Mapping[str, EffectCounts] | None, analytics: Mapping[str, Any] | None = None) -> Verdict:
    """What the counts come to. Rows that are `pending` decide nothing: the pipelines are at different records there.

    Faults (missing, altered, extra, unexplained) are already among the unexplained differences, and accepted ones among the explained.
    """
    tables = list((effects or {}).values())
    return worst(
        unexplained=bool(totals.unexplained or any(table.unexplained for table in tables)),
        explained=bool(totals.explained or any(table.explained for table in tables)),
        analytics=analytics,
    )


def worst(*, unexplained: bool, explained: bool, analytics: Mapping[str, Any] | None) -> Verdict:
    """The verdict, from whether anything is not explained, or is, and from the status of each figure of `analytics`."""
    statuses = set(_statuses(analytics or {}))
    if unexplained or Verdict.DIFFERS in statuses:
        return Verdict.DIFFERS
    return Verdict.EXPLAINED if explained or Verdict.EXPLAINED in statuses else Verdict.SAME


def _statuses(analytics: Mapping[str, Any]) -> Iterator[str]:
    """The `status` of each metric: of the platform, and of each survey, learner and activity."""
    for name, group in analytics.items():
        for metrics in [group] if name == "overview" else group.values():
            yield from (metric["status"] for metric in metrics.values())
