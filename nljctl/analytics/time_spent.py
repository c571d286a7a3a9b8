"""How much time statements tell of: their `result.duration`. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from nljctl.analytics.exact import rounded


@dataclass(frozen=True, slots=True)
class TimeSpent:
    """The sum of all durations in milliseconds, and of how many statements."""

    milliseconds: int = 0
    statements: int = 0

    @property
    def minutes(self) -> float | None:
        """The sum in minutes, to two digits; None if no statement has a duration."""
        return rounded(Fraction(self.milliseconds, 60_000), 2) if self.statements else None

    @property
    def mean_minutes(self) -> float | None:
        """The mean in minutes, to two digits."""
        return rounded(Fraction(self.milliseconds, 60_000 * self.statements), 2) if self.statements else None

    @property
    def mean_seconds(self) -> float | None:
        """The mean in seconds, to one digit."""
        return rounded(Fraction(self.milliseconds, 1_000 * self.statements), 1) if self.statements else None
