"""The scores that statements carry: `result.score.scaled`, from -1 to 1. A statement without one counts for nothing, not for 0."""

from __future__ import annotations

from fractions import Fraction

from nljctl.analytics.exact import MILLION, rounded
from nljctl.analytics.grouping import Sum
from nljctl.analytics.view import View


async def average_score(view: View) -> float | None:
    """The mean of all scores, to three digits; None without any."""
    (whole,) = await view.sums("score")
    return mean_of(whole)


def mean_of(scores: Sum) -> float | None:
    """The mean of scores that were added up, to three digits."""
    return rounded(Fraction(scores.total, scores.count * MILLION), 3) if scores.count else None
