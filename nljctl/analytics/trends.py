"""How activity develops over the last days, for one metric at a time."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final, Literal

from elasticsearch import AsyncElasticsearch

from nljctl.analytics.counted import per_day
from nljctl.analytics.days import as_moment, day_of, filled, utc
from nljctl.analytics.elastic import view_of
from nljctl.analytics.exact import percentage
from nljctl.analytics.grouping import DAY, LEARNER
from nljctl.analytics.overview import DayCount, overview_of
from nljctl.analytics.progress import attempted_per, progress_of
from nljctl.analytics.scores import mean_of
from nljctl.analytics.view import View

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
    return await trends_of(await view_of(client, index), period=period, metric=metric, now=now)


async def trends_of(everything: View, *, period: Period, metric: Metric, now: datetime) -> Trends:
    """The last days of what a view shows."""
    since = now - timedelta(days=PERIODS[period])
    view = everything.between(since, now)
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
    made = {day_of(group.key[0]): progress_of(group) for group in await attempted_per(view, DAY)}
    return {day: percentage(progress.completed, progress.attempted) for day, progress in made.items()}


async def _engagement(view: View) -> dict[date, float | None]:
    return {day_of(group.key[0]): group.count for group in await view.different(LEARNER, per=(DAY,))}


async def _scores(view: View) -> dict[date, float | None]:
    return {day_of(scores.key[0]): mean_of(scores) for scores in await view.sums("score", DAY)}


async def _activity(view: View) -> dict[date, float | None]:
    return dict(await per_day(view))


METRICS: Final[Mapping[Metric, Callable[[View], Awaitable[dict[date, float | None]]]]] = {
    "completion": _completion,
    "engagement": _engagement,
    "scores": _scores,
    "activity": _activity,
}
"""How each metric is computed, per day (UTC) that has any."""
