"""The scores that statements carry: `result.score.scaled`, from -1 to 1. A statement without one counts for nothing, not for 0."""

from __future__ import annotations

from collections import Counter

from nljctl.analytics import vocabulary as words
from nljctl.analytics.grouping import by
from nljctl.analytics.view import View


async def scores(view: View) -> Counter[float]:
    """How often each score occurs."""
    counted: Counter[float] = Counter()
    async for group in view.where(view.has(words.SCALED, "number")).groups(by(words.SCALED, "number", needed=True)):
        counted[group.key[0]] += group.count
    return counted
