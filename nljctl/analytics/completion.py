"""How much of what is begun is completed, on the whole platform or at one activity."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import datetime

from elasticsearch import AsyncElasticsearch

from nljctl.analytics.activity import about_activity
from nljctl.analytics.counted import how_many
from nljctl.analytics.days import utc
from nljctl.analytics.elastic import view_of
from nljctl.analytics.exact import percentage
from nljctl.analytics.grouping import LEARNER
from nljctl.analytics.progress import attempting, completing, progress
from nljctl.analytics.view import View


@dataclass(frozen=True, slots=True)
class CompletionStats:
    """Completion figures (facts 6.2).

    Attributes:
        total_statements: statements of any kind.
        completed_statements: statements that complete an activity (progress.py).
        attempted, completed: pairs of learner and activity.
        completion_rate: `completed` in per cent of `attempted`, two digits.
        unique_learners: different mail addresses that act.
        activity_id: the activity asked for; None for all.
        since: as asked; None for all time.
    """

    total_statements: int
    completed_statements: int
    attempted: int
    completed: int
    completion_rate: float
    unique_learners: int
    activity_id: str | None
    since: str | None
    generated_at: str


async def completion_stats(
    client: AsyncElasticsearch, index: str, *, activity_id: str | None = None, since: datetime | None = None, until: datetime | None = None, now: datetime
) -> CompletionStats:
    """Completion on the whole platform, or of one activity."""
    return await completion_of(await view_of(client, index, since=since, until=until), activity_id=activity_id, since=since, now=now)


async def completion_of(everything: View, *, activity_id: str | None = None, since: datetime | None = None, now: datetime) -> CompletionStats:
    """Completion in what a view shows, or of one activity in it."""
    view = everything if activity_id is None else about_activity(everything, activity_id)
    total, statements, made, learners = await asyncio.gather(
        view.count(), attempting(view).where(completing(view)).count(), progress(view), how_many(view, LEARNER)
    )
    return CompletionStats(
        total_statements=total,
        completed_statements=statements,
        attempted=made.attempted,
        completed=made.completed,
        completion_rate=percentage(made.completed, made.attempted),
        unique_learners=learners,
        activity_id=activity_id,
        since=None if since is None else utc(since),
        generated_at=utc(now),
    )
