"""Sums over statements that are kept while many learners or activities are counted at once. Small, because there may be many."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from nljctl.analytics.durations import milliseconds
from nljctl.analytics.exact import MILLION, millionths, rounded
from nljctl.analytics.time_spent import TimeSpent


@dataclass(slots=True)
class Tallied:
    """What was counted for one learner or activity.

    Attributes:
        statements: of any kind.
        others: different activities of a learner, or different learners of an activity.
        attempted, completed: attempts with the other (progress.py).
        scored, score: how many statements have a scaled score, and their sum in millionths.
        timed, spent: how many have a duration, and their sum in milliseconds.
        won, lost: how many tell of success, and of failure.
    """

    statements: int = 0
    others: int = 0
    attempted: int = 0
    completed: int = 0
    scored: int = 0
    score: int = 0
    timed: int = 0
    spent: int = 0
    won: int = 0
    lost: int = 0

    def add_scores(self, score: float, count: int) -> None:
        self.scored += count
        self.score += millionths(score) * count

    def add_durations(self, duration: str, count: int) -> None:
        length = milliseconds(duration)
        if length is not None:
            self.timed += count
            self.spent += length * count

    @property
    def average_score(self) -> float | None:
        return rounded(Fraction(self.score, self.scored * MILLION), 3) if self.scored else None

    @property
    def time(self) -> TimeSpent:
        return TimeSpent(self.spent, self.timed)
