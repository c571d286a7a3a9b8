"""Who learns best: learners in the order of a score made of six parts, each from 0 to 1 and each computed from statements alone."""

from __future__ import annotations

import asyncio
import math
from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from fractions import Fraction
from typing import Any, Final, Literal

from elasticsearch import AsyncElasticsearch

from nljctl.analytics import vocabulary as words
from nljctl.analytics.days import day_of, utc
from nljctl.analytics.durations import milliseconds
from nljctl.analytics.exact import MILLION, exact_mean, millionths, rounded
from nljctl.analytics.progress import attempting, completing
from nljctl.analytics.view import DAY, View, by, view_of

Span = Literal["30d", "90d", "180d", "1y"]

SPANS: Final[Mapping[Span, int]] = {"30d": 30, "90d": 90, "180d": 180, "1y": 365}
EVERYTHING: Final = frozenset({"all", "overall"})
WEIGHTS: Final[Mapping[str, Fraction]] = {
    "completion": Fraction(25, 100),
    "score": Fraction(25, 100),
    "consistency": Fraction(20, 100),
    "improvement": Fraction(15, 100),
    "engagement": Fraction(10, 100),
    "efficiency": Fraction(5, 100),
}
STRONG: Final = Fraction(8, 10)
WEAK: Final = Fraction(6, 10)
TREND: Final = Fraction(5, 100)
NEUTRAL: Final = Fraction(1, 2)
DAILY: Final = Fraction(1, 4)
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
class _Work:
    """What is known of one learner."""

    attempted: dict[str, bool] = field(default_factory=dict)
    scores: Counter[float] = field(default_factory=Counter)
    by_day: dict[date, Counter[float]] = field(default_factory=lambda: defaultdict(Counter))
    by_category: dict[str, Counter[float]] = field(default_factory=lambda: defaultdict(Counter))
    days: set[date] = field(default_factory=set)
    spent: int = 0
    completions_with_time: int = 0


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
    since = now - timedelta(days=SPANS[time_period])
    view = await view_of(client, index, since=since, until=now)
    if category.lower() not in EVERYTHING:
        view = view.where(view.equals(words.CATEGORY, category))
    found = await _work(view)
    middle = (since + (now - since) / 2).date()
    slowest = max((_pace(work) for work in found.values() if work.completions_with_time), default=Fraction(0))
    judged = sorted(
        ((_parts(work, middle, SPANS[time_period], slowest), email, work) for email, work in found.items() if work.attempted),
        key=lambda entry: (-_overall(entry[0]), entry[1]),
    )
    return TopPerformers(
        top_performers=tuple(
            _performer(email, work, parts, middle, rank, tell=include_characteristics) for rank, (parts, email, work) in enumerate(judged[:limit], 1)
        ),
        total_analyzed=len(judged),
        category=category,
        analysis_metadata={
            "time_period": time_period,
            "since": utc(since),
            "until": utc(now),
            "weights": {name: float(weight) for name, weight in WEIGHTS.items()},
            "generated_at": utc(now),
        },
    )


async def _work(view: View) -> dict[str, _Work]:
    found: dict[str, _Work] = defaultdict(_Work)
    who, own = by(words.MBOX, needed=True), attempting(view)

    async def attempted() -> None:
        async for group in own.groups(who, by(words.OBJECT, needed=True), of_which={"completed": completing(view)}):
            email, target = group.key
            known = found[_address(email)].attempted
            known[target] = known.get(target, False) or group.of_which["completed"] > 0

    async def scored() -> None:
        keys = who, DAY, by(words.CATEGORY), by(words.SCALED, "number", needed=True)
        async for group in own.where(view.has(words.SCALED, "number")).groups(*keys):
            email, day, category, score = group.key
            work = found[_address(email)]
            work.scores[score] += group.count
            work.by_day[day_of(day)][score] += group.count
            if category is not None:
                work.by_category[category][score] += group.count

    async def active() -> None:
        async for group in own.groups(who, DAY):
            found[_address(group.key[0])].days.add(day_of(group.key[1]))

    async def timed() -> None:
        async for group in own.where(completing(view)).groups(who, by(words.DURATION, needed=True)):
            length = milliseconds(group.key[1])
            if length is not None:
                work = found[_address(group.key[0])]
                work.spent += length * group.count
                work.completions_with_time += group.count

    await asyncio.gather(attempted(), scored(), active(), timed())
    return found


def _address(mbox: str) -> str:
    return mbox.removeprefix("mailto:")


def _parts(work: _Work, middle: date, days: int, slowest: Fraction) -> dict[str, Fraction]:
    """The six parts. What cannot be told (no score, one score, no duration) is 0 for the score and a half for the others."""
    mean = exact_mean(work.scores)
    better = _improvement(work, middle)
    return {
        "completion": Fraction(sum(work.attempted.values()), len(work.attempted)),
        "score": _between(mean or Fraction(0)),
        "consistency": NEUTRAL if work.scores.total() < 2 else _between(1 - 2 * _deviation(work.scores)),
        "improvement": NEUTRAL if better is None else _between(NEUTRAL + better),
        "engagement": _between(Fraction(len(work.days), days) / DAILY),
        "efficiency": _between(1 - _pace(work) / (2 * slowest)) if work.completions_with_time and slowest else NEUTRAL,
    }


def _overall(parts: Mapping[str, Fraction]) -> Fraction:
    return sum((WEIGHTS[name] * part for name, part in parts.items()), Fraction(0))


def _improvement(work: _Work, middle: date) -> Fraction | None:
    """The mean score of the period's second half less that of the first; None where a half has none."""
    halves: tuple[Counter[float], Counter[float]] = (Counter(), Counter())
    for day, scores in work.by_day.items():
        halves[day >= middle].update(scores)
    first, second = exact_mean(halves[0]), exact_mean(halves[1])
    return None if first is None or second is None else second - first


def _deviation(scores: Counter[float]) -> Fraction:
    """The deviation of the scores (of all, not of a sample), to a millionth."""
    centre = exact_mean(scores) or Fraction(0)
    squares = sum(((Fraction(millionths(score), MILLION) - centre) ** 2 * count for score, count in scores.items()), Fraction(0))
    return Fraction(millionths(math.sqrt(squares / scores.total())), MILLION)


def _pace(work: _Work) -> Fraction:
    """Milliseconds per completion."""
    return Fraction(work.spent, work.completions_with_time)


def _between(value: Fraction) -> Fraction:
    return max(Fraction(0), min(Fraction(1), value))


def _performer(email: str, work: _Work, parts: Mapping[str, Fraction], middle: date, rank: int, *, tell: bool) -> Performer:
    mean, better = exact_mean(work.scores), _improvement(work, middle) or Fraction(0)
    means = {category: exact_mean(scores) or Fraction(0) for category, scores in sorted(work.by_category.items())}
    return Performer(
        user_id=email,
        user_name=email.partition("@")[0].capitalize(),
        user_email=email,
        overall_score=rounded(100 * _overall(parts), 2),
        completion_rate=rounded(parts["completion"], 3),
        average_score=None if mean is None else rounded(100 * mean, 2),
        average_time_to_completion=rounded(_pace(work) / 60_000, 2) if work.completions_with_time else None,
        total_activities=len(work.attempted),
        completed_activities=sum(work.attempted.values()),
        strong_categories=tuple(category for category, value in means.items() if value >= STRONG),
        weak_categories=tuple(category for category, value in means.items() if value < WEAK),
        performance_trend="improving" if better >= TREND else "declining" if better <= -TREND else "stable",
        rank=rank,
        characteristics={name: rounded(part, 3) for name, part in parts.items()} if tell else None,
    )
