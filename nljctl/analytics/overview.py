"""What happens on the platform altogether."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import datetime

from elasticsearch import AsyncElasticsearch

from nljctl.analytics import vocabulary as words
from nljctl.analytics.counted import how_many, most, per_day, per_value, verbs
from nljctl.analytics.days import as_moment, filled, utc
from nljctl.analytics.elastic import view_of
from nljctl.analytics.exact import percentage
from nljctl.analytics.grouping import ACTIVITY, LEARNER, by
from nljctl.analytics.progress import progress
from nljctl.analytics.scores import average_score
from nljctl.analytics.view import View

TOP = 10


@dataclass(frozen=True, slots=True)
class DayCount:
    """Statements of one day; `date` is its beginning in UTC, ISO 8601 with milliseconds."""

    date: str
    count: int


@dataclass(frozen=True, slots=True)
class VerbCount:
    verb: str
    count: int


@dataclass(frozen=True, slots=True)
class TypeCount:
    type: str
    count: int


@dataclass(frozen=True, slots=True)
class Overview:
    """The platform's figures (facts 6.2).

    Attributes:
        total_statements: statements of any kind.
        unique_learners: different mail addresses that act.
        unique_activities: different objects of statements.
        completion_rate: per cent, two digits: attempts that are completed, of all attempts (progress.py).
        average_score: mean of all scaled scores, three digits; None without any.
        daily_activity: every day from the first to the last, in UTC.
        top_verbs, activity_types: the ten most frequent; equally frequent ones by name.
    """

    total_statements: int
    unique_learners: int
    unique_activities: int
    completion_rate: float
    average_score: float | None
    daily_activity: tuple[DayCount, ...]
    top_verbs: tuple[VerbCount, ...]
    activity_types: tuple[TypeCount, ...]
    generated_at: str


async def overview(client: AsyncElasticsearch, index: str, *, since: datetime | None = None, until: datetime | None = None, now: datetime) -> Overview:
    """The platform overview of an index or alias; zeros where there is none."""
    return await overview_of(await view_of(client, index, since=since, until=until), now=now)


async def overview_of(view: View, *, now: datetime) -> Overview:
    """The platform overview of what a view shows."""
    (total, learners, activities, made), (scored, days, verb_counts, types) = await asyncio.gather(
        asyncio.gather(view.count(), how_many(view, LEARNER), how_many(view, ACTIVITY), progress(view)),
        asyncio.gather(average_score(view), per_day(view), verbs(view), per_value(view, by(words.TYPE, needed=True))),
    )
    return Overview(
        total_statements=total,
        unique_learners=learners,
        unique_activities=activities,
        completion_rate=percentage(made.completed, made.attempted),
        average_score=scored,
        daily_activity=tuple(DayCount(as_moment(day), count) for day, count in filled(days)),
        top_verbs=tuple(VerbCount(*item) for item in most(verb_counts, TOP)),
        activity_types=tuple(TypeCount(*item) for item in most(types, TOP)),
        generated_at=utc(now),
    )
