"""Who learns best: learners in the order of a score made of six parts, each from 0 to 1 and each computed from statements alone."""

from __future__ import annotations

import asyncio
import math
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from fractions import Fraction
from typing import Any, Final, Literal

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
NEUTRAL: Final = MILLION // 2
STRONG: Final = 800_000
WEAK: Final = 600_000
TREND: Final = 50_000
EVERY: Final = 4
"""Who is active on every fourth day is fully engaged."""


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
class Scores:
    """Scores counted together: how many, their sum in millionths, and the sum of their squares in millionths of millionths."""

    count: int = 0
    total: int = 0
    squares: int = 0

    def add(self, value: int, count: int) -> None:
        self.count += count
        self.total += value * count
        self.squares += value * value * count

    @property
    def mean(self) -> int | None:
        """In millionths."""
        return _nearest(self.total, self.count) if self.count else None

    @property
    def deviation(self) -> int:
        """Of all, not of a sample; in millionths, downwards."""
        return math.isqrt((self.count * self.squares - self.total**2) // self.count**2)


@dataclass(slots=True)
class Work:
    """What is known of one learner in a period; `earlier` and `later` are the scores of its halves, `by_category` each with its category and count."""

    attempted: int = 0
    completed: int = 0
    earlier: Scores = field(default_factory=Scores)
    later: Scores = field(default_factory=Scores)
    by_category: list[tuple[str, int, int]] = field(default_factory=list)
    days: int = 0
    spent: int = 0
    completions_with_time: int = 0

    @property
    def scores(self) -> Scores:
        """Those of both halves."""
        first, second = self.earlier, self.later
        return Scores(first.count + second.count, first.total + second.total, first.squares + second.squares)

    @property
    def improvement(self) -> int | None:
        """The mean score of the period's second half less that of the first, in millionths; None where a half has none."""
        first, second = self.earlier.mean, self.later.mean
        return None if first is None or second is None else second - first

    @property
    def trend(self) -> str:
        better = self.improvement or 0
        return "improving" if better >= TREND else "declining" if better <= -TREND else "stable"

    @property
    def pace(self) -> int | None:
        """Whole milliseconds per completion; None without a duration."""
        return _nearest(self.spent, self.completions_with_time) if self.completions_with_time else None

    @property
    def minutes(self) -> float | None:
        """The mean duration of completions, to two digits."""
        return rounded(Fraction(self.spent, 60_000 * self.completions_with_time), 2) if self.completions_with_time else None

    def categories(self) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """Those with strong scores, and those with weak ones."""
        found: dict[str, Scores] = defaultdict(Scores)
        for category, value, count in self.by_category:
            found[category].add(value, count)
        listed = sorted(found.items())
        strong = tuple(category for category, scores in listed if scores.total >= STRONG * scores.count)
        return strong, tuple(category for category, scores in listed if scores.total < WEAK * scores.count)

    def parts(self, days: int, slowest: int | None) -> dict[str, int]:
        """The six parts, in millionths. What cannot be told (no score, one score, no duration) is 0 for the score and a half for the others.

        Args:
            days: how long the period is.
            slowest: the longest pace of all learners.
        """
        scores, better, pace = self.scores, self.improvement, self.pace
        return {
            "completion": _nearest(MILLION * self.completed, self.attempted),
            "score": _between(scores.mean or 0),
            "consistency": NEUTRAL if scores.count < 2 else _between(MILLION - 2 * scores.deviation),
            "improvement": NEUTRAL if better is None else _between(NEUTRAL + better),
            "engagement": _between(_nearest(MILLION * EVERY * self.days, days)),
            "efficiency": _between(MILLION - _nearest(MILLION * pace, 2 * slowest)) if pace is not None and slowest else NEUTRAL,
        }


@dataclass(frozen=True, slots=True)
class Judged:
    """A learner with their work, its six parts, and the overall score (from 0 to 100, in millionths)."""

    email: str
    work: Work
    parts: Mapping[str, int]
    overall: int


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
    judged = await judged_of(view, days=SPANS[time_period], middle=(since + (now - since) / 2).date())
    return TopPerformers(
        top_performers=tuple(_performer(learner, rank, tell=include_characteristics) for rank, learner in enumerate(judged[:limit], 1)),
        total_analyzed=len(judged),
        category=category,
        analysis_metadata={
            "time_period": time_period,
            "since": utc(since),
            "until": utc(now),
            "weights": {name: weight / 100 for name, weight in WEIGHTS.items()},
            "generated_at": utc(now),
        },
    )


async def judged_of(view: View, *, days: int, middle: date) -> list[Judged]:
    """Every learner with an attempt, the best first; equally good ones by their address.

    Args:
        view: the statements of the period.
        days: how long it is.
        middle: the first day of its second half.
    """
    found = await _work(view, middle)
    slowest = max((pace for work in found.values() if (pace := work.pace) is not None), default=None)
    judged = []
    for email, work in found.items():
        if work.attempted:
            parts = work.parts(days, slowest)
            judged.append(Judged(email, work, parts, sum(weight * parts[name] for name, weight in WEIGHTS.items())))
    return sorted(judged, key=lambda learner: (-learner.overall, learner.email))


async def _work(view: View, middle: date) -> dict[str, Work]:
    found: dict[str, Work] = defaultdict(Work)
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


def _nearest(part: int, whole: int) -> int:
    """The whole number nearest to a quotient; a half goes upwards."""
    return (2 * part + whole) // (2 * whole)


def _between(value: int) -> int:
    return max(0, min(MILLION, value))


def _performer(learner: Judged, rank: int, *, tell: bool) -> Performer:
    email, work = learner.email, learner.work
    scores, (strong, weak) = work.scores, work.categories()
    return Performer(
        user_id=email,
        user_name=email.partition("@")[0].capitalize(),
        user_email=email,
        overall_score=hundredths(learner.overall),
        completion_rate=rounded(Fraction(work.completed, work.attempted), 3),
        average_score=rounded(Fraction(100 * scores.total, MILLION * scores.count), 2) if scores.count else None,
        average_time_to_completion=work.minutes,
        total_activities=work.attempted,
        completed_activities=work.completed,
        strong_categories=strong,
        weak_categories=weak,
        performance_trend=work.trend,
        rank=rank,
        characteristics={name: thousandths(part) for name, part in learner.parts.items()} if tell else None,
    )


def hundredths(value: int) -> float:
    """Millionths, to two digits."""
    return rounded(Fraction(value, MILLION), 2)


def thousandths(value: int) -> float:
    """Millionths, to three digits."""
    return rounded(Fraction(value, MILLION), 3)
