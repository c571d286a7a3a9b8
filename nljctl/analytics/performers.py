"""Who learns best: learners in the order of a score made of six parts, each from 0 to 1 and each computed from statements alone."""

from __future__ import annotations

import asyncio
import math
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from fractions import Fraction
from operator import mul
from typing import Any, Final, Literal

from elasticsearch import AsyncElasticsearch

from nljctl.analytics import vocabulary as words
from nljctl.analytics.days import moment_of_day, utc
from nljctl.analytics.elastic import view_of
from nljctl.analytics.exact import MILLION, rounded
from nljctl.analytics.grouping import ACTIVITY, DAY, Meant, Sum, by
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


def _none() -> Sum:
    return Sum((), 0, 0, 0)


@dataclass(slots=True)
class Work:
    """What is known of one learner in a period; `earlier` and `later` are the scores of its halves, `times` the durations of what was completed."""

    attempted: int = 0
    completed: int = 0
    earlier: Sum = field(default_factory=_none)
    later: Sum = field(default_factory=_none)
    days: int = 0
    times: Sum = field(default_factory=_none)

    @property
    def improvement(self) -> int | None:
        """The mean score of the period's second half less that of the first, in millionths; None where a half has none."""
        if not (self.earlier.count and self.later.count):
            return None
        return _nearest(self.later.total, self.later.count) - _nearest(self.earlier.total, self.earlier.count)

    @property
    def trend(self) -> str:
        better = self.improvement or 0
        return "improving" if better >= TREND else "declining" if better <= -TREND else "stable"

    @property
    def pace(self) -> int | None:
        """Whole milliseconds per completion; None without a duration."""
        return _nearest(self.times.total, self.times.count) if self.times.count else None

    @property
    def minutes(self) -> float | None:
        """The mean duration of completions, to two digits."""
        return rounded(Fraction(self.times.total, 60_000 * self.times.count), 2) if self.times.count else None

    @property
    def average_score(self) -> float | None:
        """Times 100, to two digits."""
        count = self.earlier.count + self.later.count
        return rounded(Fraction(100 * (self.earlier.total + self.later.total), MILLION * count), 2) if count else None

    def parts(self, days: int, slowest: int | None) -> tuple[int, ...]:
        """The six parts in the order of `WEIGHTS`, in millionths. What cannot be told (no score, one score, no duration) is 0 for the score and a half for
        the others.

        Args:
            days: how long the period is.
            slowest: the longest pace of all learners.
        """
        count, total = self.earlier.count + self.later.count, self.earlier.total + self.later.total
        better, pace = self.improvement, self.pace
        deviation = math.isqrt((count * (self.earlier.squares + self.later.squares) - total * total) // (count * count)) if count > 1 else NEUTRAL // 2
        return (
            _nearest(MILLION * self.completed, self.attempted),
            _between(_nearest(total, count)) if count else 0,
            _between(MILLION - 2 * deviation),
            NEUTRAL if better is None else _between(NEUTRAL + better),
            _between(_nearest(MILLION * EVERY * self.days, days)),
            NEUTRAL if pace is None or not slowest else _between(MILLION - _nearest(MILLION * pace, 2 * slowest)),
        )


@dataclass(slots=True)
class Judged:
    """A learner with their work, its six parts, and the overall score (from 0 to 100, in millionths)."""

    email: str
    work: Work
    parts: tuple[int, ...]
    overall: int

    @property
    def characteristics(self) -> dict[str, float]:
        """The parts by name, to three digits."""
        return {name: rounded(Fraction(part, MILLION), 3) for name, part in zip(WEIGHTS, self.parts, strict=True)}

    @property
    def score(self) -> float:
        """The overall score to two digits."""
        return rounded(Fraction(self.overall, MILLION), 2)


@dataclass(frozen=True, slots=True)
class Categories:
    """In which categories a learner's scores are strong, and in which weak."""

    strong: tuple[str, ...] = ()
    weak: tuple[str, ...] = ()


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
    best = judged[:limit]
    categories = await categories_of(view, [learner.email for learner in best])
    return TopPerformers(
        top_performers=tuple(
            _performer(learner, categories.get(learner.email, Categories()), rank, tell=include_characteristics) for rank, learner in enumerate(best, 1)
        ),
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
            judged.append(Judged(email, work, parts, sum(map(mul, WEIGHTS.values(), parts))))
    return sorted(judged, key=lambda learner: (-learner.overall, learner.email))


async def _work(view: View, middle: date) -> dict[str, Work]:
    found: dict[str, Work] = defaultdict(Work)
    own, noon = attempting(view), moment_of_day(middle)
    made, days, earlier, later, times = await asyncio.gather(
        attempted_per(view, _EMAIL, of=(ACTIVITY,)),
        own.different(DAY, per=(_EMAIL,)),
        own.between(None, noon - timedelta(milliseconds=1)).sums("score", _EMAIL),
        own.between(noon, None).sums("score", _EMAIL),
        own.where(completing(view)).sums("time", _EMAIL),
    )
    for group in made:
        work, attempts = found[group.key[0]], progress_of(group)
        work.attempted, work.completed = attempts.attempted, attempts.completed
    for group in days:
        found[group.key[0]].days = group.count
    for scores in earlier:
        found[scores.key[0]].earlier = scores
    for scores in later:
        found[scores.key[0]].later = scores
    for spent in times:
        found[spent.key[0]].times = spent
    return found


async def categories_of(view: View, emails: Sequence[str] | None = None) -> dict[str, Categories]:
    """The strong and the weak categories of these learners, or of all."""
    own = attempting(view)
    if emails is not None:
        if not emails:
            return {}
        own = own.where(own.equals(words.MBOX, *(mbox for email in emails for mbox in (f"mailto:{email}", email))))
    found: dict[str, list[Sum]] = defaultdict(list)
    for scores in await own.sums("score", _EMAIL, by(words.CATEGORY, needed=True)):
        found[scores.key[0]].append(scores)
    return {email: _categories(of) for email, of in found.items()}


def _categories(of: list[Sum]) -> Categories:
    listed = sorted(of, key=lambda scores: scores.key)
    return Categories(
        tuple(scores.key[1] for scores in listed if scores.total >= STRONG * scores.count),
        tuple(scores.key[1] for scores in listed if scores.total < WEAK * scores.count),
    )


def _address(mbox: str) -> str:
    return mbox.removeprefix("mailto:")


_EMAIL: Final = Meant("email", (by(words.MBOX, needed=True),), _address)


def _nearest(part: int, whole: int) -> int:
    """The whole number nearest to a quotient; a half goes upwards."""
    return (2 * part + whole) // (2 * whole)


def _between(value: int) -> int:
    return max(0, min(MILLION, value))


def _performer(learner: Judged, categories: Categories, rank: int, *, tell: bool) -> Performer:
    email, work = learner.email, learner.work
    return Performer(
        user_id=email,
        user_name=email.partition("@")[0].capitalize(),
        user_email=email,
        overall_score=learner.score,
        completion_rate=rounded(Fraction(work.completed, work.attempted), 3),
        average_score=work.average_score,
        average_time_to_completion=work.minutes,
        total_activities=work.attempted,
        completed_activities=work.completed,
        strong_categories=categories.strong,
        weak_categories=categories.weak,
        performance_trend=work.trend,
        rank=rank,
        characteristics=learner.characteristics if tell else None,
    )
