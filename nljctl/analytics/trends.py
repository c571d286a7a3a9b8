"""How activity develops over the last days, for one metric at a time."""

from __future__ import annotations

import asyncio
from collections import Counter, defaultdict
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final, Literal

from elasticsearch import AsyncElasticsearch

from nljctl.analytics import vocabulary as words
from nljctl.analytics.days import as_moment, day_of, filled, utc
from nljctl.analytics.exact import mean, percentage
from nljctl.analytics.overview import DayCount, overview_of
from nljctl.analytics.progress import attempting, completing
from nljctl.analytics.view import DAY, View, by, view_of

Period = Literal["1d", "7d", "30d", "90d", "1y"]
Metric = Literal["completion", "engagement", "scores", "activity"]

PERIODS: Final[Mapping[Period, int]] = {"1d": 1, "7d": 7, "30d": 30, "90d": 90, "1y": 365}
"""Days of each period; it ends now."""


@dataclass(frozen=True, slots=True)
class TrendPoint:
    """One day of the metric asked for; None where the day has nothing to tell."""

    date: str
    value: float | None


@dataclass(frozen=True, slots=True)
class TrendSummary:
    """The overview's figures of the period."""

    total_statements: int
    unique_learners: int
    completion_rate: float
    average_score: float | None


@dataclass(frozen=True, slots=True)
class Trends:
    """A period day by day (facts 6.4).

    Attributes:
        daily_activity: statements of each day.
        values: the metric of each day: completion, per cent of the day's attempts that the day completed; engagement, learners who acted; scores, mean scaled
            score; activity, statements.
    """

    period: Period
    metric: Metric
    since: str
    until: str
    daily_activity: tuple[DayCount, ...]
    values: tuple[TrendPoint, ...]
    summary: TrendSummary


async def trends(client: AsyncElasticsearch, index: str, *, period: Period = "7d", metric: Metric = "activity", now: datetime) -> Trends:
    """The last days of an index or alias."""
    since = now - timedelta(days=PERIODS[period])
    view = await view_of(client, index, since=since, until=now)
    whole, values = await asyncio.gather(overview_of(view, now=now), METRICS[metric](view))
    days = filled({date.fromisoformat(entry.date[:10]): entry.count for entry in whole.daily_activity})
    return Trends(
        period=period,
        metric=metric,
        since=utc(since),
        until=utc(now),
        daily_activity=whole.daily_activity,
        values=tuple(TrendPoint(as_moment(day), values.get(day)) for day, _ in days),
        summary=TrendSummary(whole.total_statements, whole.unique_learners, whole.completion_rate, whole.average_score),
    )


async def _completion(view: View) -> dict[date, float | None]:
    made: dict[date, Counter[bool]] = defaultdict(Counter)
    keys = DAY, by(words.OBJECT, needed=True), by(words.MBOX, needed=True)
    async for group in attempting(view).groups(*keys, of_which={"completed": completing(view)}):
        made[day_of(group.key[0])][group.of_which["completed"] > 0] += 1
    return {day: percentage(counted[True], counted.total()) for day, counted in made.items()}


async def _engagement(view: View) -> dict[date, float | None]:
    learners: Counter[date] = Counter()
    async for group in view.groups(DAY, by(words.MBOX, needed=True)):
        learners[day_of(group.key[0])] += 1
    return dict(learners)


async def _scores(view: View) -> dict[date, float | None]:
    scored: dict[date, Counter[float]] = defaultdict(Counter)
    async for group in view.where(view.has(words.SCALED, "number")).groups(DAY, by(words.SCALED, "number", needed=True)):
        scored[day_of(group.key[0])][group.key[1]] += group.count
    return {day: mean(tally) for day, tally in scored.items()}


async def _activity(view: View) -> dict[date, float | None]:
    counted: Counter[date] = Counter()
    async for group in view.groups(DAY):
        counted[day_of(group.key[0])] += group.count
    return dict(counted)


METRICS: Final[Mapping[Metric, Callable[[View], Awaitable[dict[date, float | None]]]]] = {
    "completion": _completion,
    "engagement": _engagement,
    "scores": _scores,
    "activity": _activity,
}
"""How each metric is computed, per day (UTC) that has any."""
