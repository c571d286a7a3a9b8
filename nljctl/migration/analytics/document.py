"""What a comparison says of analytics: each figure three ways, whether it is the same, and if not, because of which records. Pure."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

from nljctl.analytics.figures import NOTHING

Status = Literal["same", "explained", "differs"]

OVERVIEW: Final = "overview"
GROUPS: Final[Mapping[str, str]] = {"learner": "learners", "activity": "activities", "node": "nodes", "survey": "surveys"}
"""Under which name the figures of a kind stand in the document."""
WORST: Final[Mapping[Status, int]] = {"differs": 0, "explained": 1, "same": 2}


@dataclass(frozen=True, slots=True)
class Cause:
    """Statements that one side counts and the log does not, or the other way round, or otherwise; `explained` as the ledger says."""

    side: str
    cls: str
    count: int
    explained: bool


@dataclass(frozen=True, slots=True)
class Compared:
    """One figure as each way gives it, as JSON; None where a way does not know whom it is about. `expected`: what the log gives for what a side holds."""

    metric: str
    log: str | None
    legacy: str | None
    faststream: str | None
    legacy_expected: str | None
    faststream_expected: str | None

    def judged(self, causes: Sequence[Cause]) -> dict[str, Any]:
        """The figure as the document tells it (contract: M)."""
        log, legacy, faststream = (_value(self.metric, text) for text in (self.log, self.legacy, self.faststream))
        expected = {"legacy": _value(self.metric, self.legacy_expected), "faststream": _value(self.metric, self.faststream_expected)}
        other = [side for side, value in (("legacy", legacy), ("faststream", faststream)) if value != log]
        because = [cause for cause in causes if cause.side in other]
        status: Status = "same"
        if other:
            accounted = all({"legacy": legacy, "faststream": faststream}[side] == expected[side] for side in other)
            named = all(any(cause.side == side for cause in because) for side in other)
            status = "explained" if accounted and named and all(cause.explained for cause in because) else "differs"
        return {
            "log": log,
            "legacy": legacy,
            "faststream": faststream,
            "status": status,
            "because": [{"class": cause.cls, "count": cause.count, "side": cause.side} for cause in because],
        }


def _value(metric: str, text: str | None) -> Any:
    return NOTHING.get(metric) if text is None else json.loads(text)


def status_of(metrics: Mapping[str, Mapping[str, Any]]) -> Status:
    """The worst status of several figures."""
    return min((metric["status"] for metric in metrics.values()), key=lambda status: WORST[status], default="same")
