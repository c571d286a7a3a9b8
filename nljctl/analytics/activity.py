"""What was done at one activity."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import datetime

from elasticsearch import AsyncElasticsearch

from nljctl.analytics import vocabulary as words
from nljctl.analytics.counted import per_value
from nljctl.analytics.days import utc
from nljctl.analytics.exact import mean, percentage, share
from nljctl.analytics.learner import name_of
from nljctl.analytics.progress import attempts
from nljctl.analytics.scores import scores
from nljctl.analytics.time_spent import time_spent
from nljctl.analytics.view import View, by, view_of


@dataclass(frozen=True, slots=True)
class ActivityAnalytics:
    """An activity's figures (facts 6.2).

    Attributes:
        activity_name, activity_type: as the youngest statement about it names them; empty if none does.
        total_attempts: statements about it, of any verb.
        unique_learners: different mail addresses that act in them.
        completion_rate: learners who completed it, in per cent of those who attempted it (progress.py), two digits.
        average_score: mean of all scaled scores, three digits; None without any.
        average_time_spent: mean duration in minutes, two digits; None without any.
        difficulty_score: 1 less the share of successes among the statements that say whether it was one, three digits; None if none says so.
        engagement_score: learners per statement, three digits.
    """

    activity_id: str
    activity_name: str
    activity_type: str
    total_attempts: int
    unique_learners: int
    completion_rate: float
    average_score: float | None
    average_time_spent: float | None
    difficulty_score: float | None
    engagement_score: float
    generated_at: str


async def activity(
    client: AsyncElasticsearch, index: str, activity_id: str, *, since: datetime | None = None, until: datetime | None = None, now: datetime
) -> ActivityAnalytics:
    """The figures of the object with this id (an IRI); zeros for one that nobody knows."""
    return await activity_of(await view_of(client, index, since=since, until=until), activity_id, now=now)


async def activity_of(view: View, activity_id: str, *, now: datetime) -> ActivityAnalytics:
    """The figures of an activity in what a view shows."""
    about = about_activity(view, activity_id)
    won, lost = (about.where(about.flag(words.SUCCESS, told)) for told in (True, False))
    (total, learners, made, scored), (spent, wins, losses, youngest) = await asyncio.gather(
        asyncio.gather(about.count(), per_value(about, by(words.MBOX, needed=True)), _completions(about), scores(about)),
        asyncio.gather(time_spent(about), won.count(), lost.count(), about.latest(1)),
    )
    target = youngest[0]["_source"].get("object") or {} if youngest else {}
    return ActivityAnalytics(
        activity_id=activity_id,
        activity_name=name_of(target),
        activity_type=str((target.get("definition") or {}).get("type", "")),
        total_attempts=total,
        unique_learners=len(learners),
        completion_rate=percentage(sum(made), len(made)),
        average_score=mean(scored),
        average_time_spent=spent.mean_minutes,
        difficulty_score=difficulty(wins, losses),
        engagement_score=share(min(len(learners), total), total),
        generated_at=utc(now),
    )


def about_activity(view: View, activity_id: str) -> View:
    """The statements about an object."""
    return view.where(view.equals(words.OBJECT, activity_id))


def difficulty(won: int, lost: int) -> float | None:
    """The share of failures among the statements that tell of success or failure."""
    return share(lost, won + lost) if won + lost else None


async def _completions(about: View) -> list[bool]:
    return [attempt.completed async for attempt in attempts(about)]
