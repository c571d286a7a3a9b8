"""How the answers to a question have changed: the last thirty days against the thirty before. Pure."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from fractions import Fraction
from statistics import NormalDist
from typing import Final

from nljctl.analytics.days import moment_of_day
from nljctl.analytics.exact import MILLION, Tally, exact_mean, millionths, rounded
from nljctl.analytics.scales import nps

DAYS: Final = 30
SIGNIFICANT: Final = 0.05

_CLASSES: Final = ((25, False, "skyrocketing"), (6, False, "trending_up"), (-5, True, "steady"), (-24, True, "trending_down"))
_CONFIDENCE: Final = ((30, "high"), (10, "medium"))


@dataclass(frozen=True, slots=True)
class TrendItem:
    """One question's change (facts 6.2).

    Attributes:
        current_score, previous_score: mean of the answers, three digits; of an NPS question the score.
        change_percentage: of the previous score's amount, two digits; None where that is 0.
        confidence: high from 30 answers in either period, medium from 10, else low.
        statistical_significance: whether a two-sided z-test of both means gives less than 0.05; None where either has fewer than two answers.
        data_points: answers in both.
    """

    question_id: str
    timeframe: str
    current_score: float
    previous_score: float
    change_amount: float
    change_percentage: float | None
    trend_classification: str
    confidence: str
    trend_description: str
    statistical_significance: bool | None
    data_points: int


def looked_at(today: date) -> tuple[datetime, datetime]:
    """The time of the answers that a change up to this day (UTC) looks at, both ends included."""
    return moment_of_day(today - timedelta(2 * DAYS - 1)), moment_of_day(today + timedelta(1)) - timedelta(milliseconds=1)


def change(question: str, scale: str, days: Mapping[date, Counter[float]], today: date) -> TrendItem | None:
    """The change of one question; None unless both periods have answers that are numbers."""
    middle, begin = today - timedelta(DAYS), today - timedelta(2 * DAYS)
    current: Counter[float] = Counter()
    previous: Counter[float] = Counter()
    for day, counted in days.items():
        if middle < day <= today:
            current += counted
        elif begin < day <= middle:
            previous += counted
    now, before = _score(current, scale), _score(previous, scale)
    if now is None or before is None:
        return None
    amount = now - before
    per_cent = rounded(100 * amount / abs(before), 2) if before else None
    kind = classify(math.copysign(math.inf, amount) if per_cent is None and amount else per_cent or 0.0)
    fewest = min(current.total(), previous.total())
    return TrendItem(
        question_id=question,
        timeframe=f"{DAYS}d",
        current_score=rounded(now, 3),
        previous_score=rounded(before, 3),
        change_amount=rounded(amount, 3),
        change_percentage=per_cent,
        trend_classification=kind,
        confidence=next((name for least, name in _CONFIDENCE if fewest >= least), "low"),
        trend_description=f"{kind.replace('_', ' ')}: {float(before):.2f} to {float(now):.2f} over {DAYS} days",
        statistical_significance=_is_significant(current, previous),
        data_points=current.total() + previous.total(),
    )


def classify(per_cent: float) -> str:
    """What a change in per cent is called."""
    return next((name for limit, included, name in _CLASSES if per_cent > limit or (included and per_cent == limit)), "plummeting")


def _score(tally: Tally, scale: str) -> Fraction | None:
    if scale == "nps":
        score = nps(tally)
        return None if score is None else Fraction(score).limit_denominator(10)
    return exact_mean(tally)


def _is_significant(current: Tally, previous: Tally) -> bool | None:
    counts = sum(current.values()), sum(previous.values())
    means = exact_mean(current), exact_mean(previous)
    if min(counts) < 2 or means[0] is None or means[1] is None:
        return None
    error = math.sqrt(_variance(current, means[0]) / counts[0] + _variance(previous, means[1]) / counts[1])
    difference = abs(float(means[0] - means[1]))
    if error == 0:
        return difference > 0
    return 2 * (1 - NormalDist().cdf(difference / error)) < SIGNIFICANT


def _variance(tally: Tally, centre: Fraction) -> float:
    squares = sum(((Fraction(millionths(value), MILLION) - centre) ** 2 * count for value, count in tally.items()), Fraction(0))
    return float(squares / (sum(tally.values()) - 1))
