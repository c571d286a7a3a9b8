"""How much of what is begun is completed, on the whole platform or at one activity."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import datetime

from elasticsearch import AsyncElasticsearch

from nljctl.analytics import vocabulary as words
from nljctl.analytics.activity import about_activity
from nljctl.analytics.counted import per_value
from nljctl.analytics.days import utc
from nljctl.analytics.exact import percentage
from nljctl.analytics.progress import attempting, attempts, completing
from nljctl.analytics.view import View, by, view_of


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
    view = await view_of(client, index, since=since, until=until)
    return await completion_of(view if activity_id is None else about_activity(view, activity_id), activity_id=activity_id, since=since, now=now)


async def completion_of(view: View, *, activity_id: str | None = None, since: datetime | None = None, now: datetime) -> CompletionStats:
    """Completion in what a view shows."""
    total, statements, made, learners = await asyncio.gather(
        view.count(), attempting(view).where(completing(view)).count(), _attempts(view), per_value(view, by(words.MBOX, needed=True))
    )
    attempted, completed = made
    return CompletionStats(
        total_statements=total,
        completed_statements=statements,
        attempted=attempted,
        completed=completed,
        completion_rate=percentage(completed, attempted),
        unique_learners=len(learners),
        activity_id=activity_id,
        since=None if since is None else utc(since),
        generated_at=utc(now),
    )


async def _attempts(view: View) -> tuple[int, int]:
    attempted = completed = 0
    async for attempt in attempts(view):
        attempted += 1
        completed += attempt.completed
    return attempted, completed
