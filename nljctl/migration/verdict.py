"""The verdict of a comparison: same, explained or differs (contract, "compare-legacy, exactly"). Pure."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from nljctl.migration.ledger import EffectCounts, Totals


class Verdict(StrEnum):
    """From best to worst."""

    SAME = "same"
    EXPLAINED = "explained"
    DIFFERS = "differs"

    def meets(self, required: Verdict) -> bool:
        order = list(Verdict)
        return order.index(self) <= order.index(required)


def decide(totals: Totals, effects: Mapping[str, EffectCounts] | None) -> Verdict:
    """What the counts come to. Rows that are `pending` decide nothing: the pipelines are at different records there.

    Faults (missing, altered, extra, unexplained) are already among the unexplained differences, and accepted ones among the explained.
    """
    tables = list((effects or {}).values())
    if totals.unexplained or any(table.unexplained for table in tables):
        return Verdict.DIFFERS
    if totals.explained or any(table.explained for table in tables):
        return Verdict.EXPLAINED
    return Verdict.SAME
