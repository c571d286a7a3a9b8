"""Who learns best: learners in the order of a score made of six parts, each from 0 to 1 and each computed from statements alone."""

from __future__ import annotations

import asyncio
import math
from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from fractions import Fraction
from operator import truediv
from typing import Any, Final, Literal, TypeAlias

from elasticsearch import AsyncElasticsearch

from nljctl.analytics import vocabulary as words
from nljctl.analytics.days import day_of, utc
from nljctl.analytics.durations import milliseconds
from nljctl.analytics.elastic import view_of
from nljctl.analytics.exact import MILLION, millionths, rounded
from nljctl.analytics.grouping import ACTIVITY, DAY, Meant, by
from nljctl.analytics.progress import attempted_per, attempting, completing, progress_of
from nljctl.analytics.view import View

Span = Literal["30d", "90d", "180d", "1y"]

SPANS: Final[Mapping[Span, int]] = {"30d": 30, "90d": 90, "180d": 180, "1y": 365}
EVERYTHING: Final = frozenset({"all", "overall"})
WEIGHTS: Final[Mapping[str, int]] = {"completion": 25, "score": 25, "consistency": 20, "improvement": 15, "engagement": 10, "efficiency": 5}
"""In hundredths."""
STRONG: Final = Fraction(8, 10)
WEAK: Final = Fraction(6, 10)
TREND: Final = Fraction(5, 100)
EVERY: Final = 4
"""Who is active on every fourth day is fully engaged."""

Ratio: TypeAlias = Callable[[int, int], Any]
"""A quotient of whole numbers: exact as `Fraction`, or, a hundred times as fast, as a float."""
ROUGHLY: Final = 1e-9
"""More than by which an overall score in floats can be wrong."""


@dataclass(frozen=True, slots=True)
class Performer:
    """One learner in the list (facts 6.2).

    Attributes:
        user_id, user_name, user_email: the address, and its local part with a capital: statements tell no other name reliably.
        overall_score: the weighted sum of `characteristics`, from 0 to 100, two digits.
        completion_rate: completed of attempted activities, 0 to 1, three digits.
        average_score: mean scaled score times 100, two digits; None without any.
        average_time_to_completion: mean duration of the statements that complete something, in minutes, two digits; None without any.
        strong_categories, weak_categories: those of the `activity_type` extension with a mean score from 0.8, or below 0.6.
        performance_trend: improving or declining where the scores of the period's second half are 0.05 better or worse than the first's, else stable.
        characteristics: the six parts, 0 to 1, three digits; None unless asked for.
    """

    user_id: str
    user_name: str
    user_email: str
    overall_score: float
    completion_rate: float
    average_score: float | None
    average_time_to_completion: float | None
    total_activities: int
    completed_activities: int
    strong_categories: tuple[str, ...]
    weak_categories: tuple[str, ...]
    performance_trend: str
    rank: int
    characteristics: Mapping[str, float] | None


@dataclass(frozen=True, slots=True)
class TopPerformers:
    """The best of all learners of a category. `total_analyzed`: learners with an attempt in it."""

    top_performers: tuple[Performer, ...]
    total_analyzed: int
    category: str
    analysis_metadata: Mapping[str, Any]


@dataclass(slots=True)
class _Scores:
    """Scores of one learner: how many, their sum in millionths, and the sum of their squares in millionths of millionths."""

    count: int = 0
    total: int = 0
    squares: int = 0

    def add(self, value: int, count: int) -> None:
        self.count += count
        self.total += value * count
        self.squares += value * value * count

    def mean(self, ratio: Ratio) -> Any:
        return ratio(self.total, self.count * MILLION) if self.count else None

    def deviation(self, ratio: Ratio) -> Any:
        """Of all, not of a sample; to a millionth."""
        return ratio(millionths(math.sqrt((self.count * self.squares - self.total**2) / (self.count * MILLION) ** 2)), MILLION)


@dataclass(slots=True)
class _Work:
    """What is known of one learner in a period; `earlier` and `later` are the scores of its halves, `by_category` each with its category and count."""

    attempted: int = 0
    completed: int = 0
    earlier: _Scores = field(default_factory=_Scores)
    later: _Scores = field(default_factory=_Scores)
    by_category: list[tuple[str, int, int]] = field(default_factory=list)
    days: int = 0
    spent: int = 0
    completions_with_time: int = 0

    @property
    def scores(self) -> _Scores:
        """Those of both halves."""
        first, second = self.earlier, self.later
        return _Scores(first.count + second.count, first.total + second.total, first.squares + second.squares)

    @property
    def means(self) -> dict[str, Fraction]:
        """The mean score of each category."""
        found: dict[str, _Scores] = defaultdict(_Scores)
        for category, value, count in self.by_category:
            found[category].add(value, count)
        return {category: scores.mean(Fraction) for category, scores in sorted(found.items())}

    def pace(self, ratio: Ratio) -> Any:
        """Milliseconds per completion; None without a duration."""
        return ratio(self.spent, self.completions_with_time) if self.completions_with_time else None

    def improvement(self, ratio: Ratio) -> Any:
        """The mean score of the period's second half less that of the first; None where a half has none."""
        return self.later.mean(ratio) - self.earlier.mean(ratio) if self.later.count and self.earlier.count else None


async def top_performers(
    client: AsyncElasticsearch,
    index: str,
    category: str = "overall",
    *,
    limit: int = 50,
    time_period: Span = "30d",
    include_characteristics: bool = False,
    now: datetime,
) -> TopPerformers:
    """The best learners of a category (a value of the `activity_type` extension; `overall` for all) in the days up to now.

    Equally good ones come by their address.
    """
    return await performers_of(
        await view_of(client, index), category, limit=limit, time_period=time_period, include_characteristics=include_characteristics, now=now
    )


async def performers_of(everything: View, category: str, *, limit: int, time_period: Span, include_characteristics: bool, now: datetime) -> TopPerformers:
    """The best learners of a category in what a view shows."""
    since = now - timedelta(days=SPANS[time_period])
    view = everything.between(since, now)
    if category.lower() not in EVERYTHING:
        view = view.where(view.equals(words.CATEGORY, category))
    found = await _work(view, middle=(since + (now - since) / 2).date())
    learners = [(email, work) for email, work in found.items() if work.attempted]
    slowest = max(
        (work for work in found.values() if work.completions_with_time), key=lambda work: Fraction(work.spent, work.completions_with_time), default=_Work()
    )
    judged = sorted(
        ((_parts(work, SPANS[time_period], slowest, Fraction), email, work) for email, work in _candidates(learners, SPANS[time_period], slowest, limit)),
        key=lambda entry: (-_overall(entry[0]), entry[1]),
    )[:limit]
    return TopPerformers(
        top_performers=tuple(_performer(email, work, parts, rank, tell=include_characteristics) for rank, (parts, email, work) in enumerate(judged, 1)),
        total_analyzed=len(learners),
        category=category,
        analysis_metadata={
            "time_period": time_period,
            "since": utc(since),
            "until": utc(now),
            "weights": {name: weight / 100 for name, weight in WEIGHTS.items()},
            "generated_at": utc(now),
        },
    )


async def _work(view: View, middle: date) -> dict[str, _Work]:
    found: dict[str, _Work] = defaultdict(_Work)
    own = attempting(view)

    async def attempted() -> None:
        for group in await attempted_per(view, _EMAIL, of=(ACTIVITY,)):
            made, work = progress_of(group), found[group.key[0]]
            work.attempted, work.completed = made.attempted, made.completed

    async def scored() -> None:
        keys = _EMAIL, DAY, by(words.CATEGORY), by(words.SCALED, "number", needed=True)
        async for group in own.where(view.has(words.SCALED, "number")).groups(*keys):
            email, day, category, score = group.key
            work, value = found[email], millionths(score)
            (work.later if day_of(day) >= middle else work.earlier).add(value, group.count)
            if category is not None:
                work.by_category.append((category, value, group.count))

    async def active() -> None:
        for group in await own.different(DAY, per=(_EMAIL,)):
            found[group.key[0]].days = group.count

    async def timed() -> None:
        async for group in own.where(completing(view)).groups(_EMAIL, by(words.DURATION, needed=True)):
            length = milliseconds(group.key[1])
            if length is not None:
                work = found[group.key[0]]
                work.spent += length * group.count
                work.completions_with_time += group.count

    await asyncio.gather(attempted(), scored(), active(), timed())
    return found


def _address(mbox: str) -> str:
    return mbox.removeprefix("mailto:")


_EMAIL: Final = Meant("email", (by(words.MBOX, needed=True),), _address)


def _candidates(learners: list[tuple[str, _Work]], days: int, slowest: _Work, limit: int) -> list[tuple[str, _Work]]:
    """Those who may be among the best, by their scores in floats; only they are worth exact ones."""
    if len(learners) <= limit:
        return learners
    about = [_overall(_parts(work, days, slowest, truediv)) for _, work in learners]
    least = sorted(about, reverse=True)[limit - 1] - ROUGHLY
    return [learner for learner, score in zip(learners, about, strict=True) if score >= least]


def _parts(work: _Work, days: int, slowest: _Work, ratio: Ratio) -> dict[str, Any]:
    """The six parts. What cannot be told (no score, one score, no duration) is 0 for the score and a half for the others."""
    neutral, scores = ratio(1, 2), work.scores
    better = work.improvement(ratio)
    return {
        "completion": ratio(work.completed, work.attempted),
        "score": _between(scores.mean(ratio) or 0),
        "consistency": neutral if scores.count < 2 else _between(1 - 2 * scores.deviation(ratio)),
        "improvement": neutral if better is None else _between(neutral + better),
        "engagement": _between(ratio(EVERY * work.days, days)),
        "efficiency": _between(1 - work.pace(ratio) / (2 * slowest.pace(ratio))) if work.completions_with_time and slowest.spent else neutral,
    }


def _overall(parts: Mapping[str, Any]) -> Any:
    """The weighted sum, from 0 to 100."""
    return sum(weight * parts[name] for name, weight in WEIGHTS.items())


def _between(value: Any) -> Any:
    return 0 if value < 0 else 1 if value > 1 else value


def _performer(email: str, work: _Work, parts: Mapping[str, Any], rank: int, *, tell: bool) -> Performer:
    mean, better, pace = work.scores.mean(Fraction), work.improvement(Fraction) or 0, work.pace(Fraction)
    means = work.means
    return Performer(
        user_id=email,
        user_name=email.partition("@")[0].capitalize(),
        user_email=email,
        overall_score=rounded(_overall(parts), 2),
        completion_rate=rounded(parts["completion"], 3),
        average_score=None if mean is None else rounded(100 * mean, 2),
        average_time_to_completion=None if pace is None else rounded(pace / 60_000, 2),
        total_activities=work.attempted,
        completed_activities=work.completed,
        strong_categories=tuple(category for category, value in means.items() if value >= STRONG),
        weak_categories=tuple(category for category, value in means.items() if value < WEAK),
        performance_trend="improving" if better >= TREND else "declining" if better <= -TREND else "stable",
        rank=rank,
        characteristics={name: rounded(part, 3) for name, part in parts.items()} if tell else None,
    )
