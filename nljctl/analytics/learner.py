"""What one learner has done."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from elasticsearch import AsyncElasticsearch

from nljctl.analytics import vocabulary as words
from nljctl.analytics.counted import per_day, per_value
from nljctl.analytics.days import streak, utc
from nljctl.analytics.exact import mean, percentage
from nljctl.analytics.progress import attempting, attempts, completing
from nljctl.analytics.scores import scores
from nljctl.analytics.time_spent import time_spent
from nljctl.analytics.view import View, by, view_of

RECENT = 10


@dataclass(frozen=True, slots=True)
class ProgramProgress:
    """What a learner has attempted of one training program: activities, completed ones, per cent with two digits."""

    total: int
    completed: int
    completion_rate: float


@dataclass(frozen=True, slots=True)
class RecentStatement:
    """One of a learner's youngest statements. `result` as it is stored; None without one."""

    id: str
    activity_id: str
    activity_name: str
    verb: str
    timestamp: str
    result: Mapping[str, Any] | None


@dataclass(frozen=True, slots=True)
class LearnerAnalytics:
    """A learner's figures (facts 6.2).

    Attributes:
        learner_name: the local part of the address, with a capital.
        total_statements: statements in which the learner acts.
        total_activities: different objects of these statements.
        attempted_activities, completed_activities: different activities attempted, and completed (progress.py).
        completion_rate: per cent of the attempted activities, two digits.
        average_score: mean of all scaled scores, three digits; None without any.
        total_time_spent: all durations in minutes, two digits; None without any.
        learning_streak: days in a row with a statement, up to today or yesterday (UTC).
        recent_activities: the ten youngest statements.
        progress_by_program: by the `program_id` extension.
    """

    learner_email: str
    learner_name: str
    total_statements: int
    total_activities: int
    attempted_activities: int
    completed_activities: int
    completion_rate: float
    average_score: float | None
    total_time_spent: float | None
    learning_streak: int
    recent_activities: tuple[RecentStatement, ...]
    progress_by_program: Mapping[str, ProgramProgress]
    generated_at: str


async def learner(
    client: AsyncElasticsearch, index: str, email: str, *, since: datetime | None = None, until: datetime | None = None, now: datetime
) -> LearnerAnalytics:
    """The figures of the learner with this address; zeros for one whom nobody knows. `now` ends the streak."""
    return await learner_of(await view_of(client, index, since=since, until=until), email, now=now)


async def learner_of(view: View, email: str, *, now: datetime) -> LearnerAnalytics:
    """The figures of a learner in what a view shows."""
    own = by_learner(view, email)
    (total, objects, (attempted, completed), scored), (spent, days, recent, programs) = await asyncio.gather(
        asyncio.gather(own.count(), per_value(own, by(words.OBJECT, needed=True)), _attempts(own), scores(own)),
        asyncio.gather(time_spent(own), per_day(own), own.latest(RECENT), progress_by_program(own)),
    )
    return LearnerAnalytics(
        learner_email=email,
        learner_name=email.partition("@")[0].capitalize(),
        total_statements=total,
        total_activities=len(objects),
        attempted_activities=attempted,
        completed_activities=completed,
        completion_rate=percentage(completed, attempted),
        average_score=mean(scored),
        total_time_spent=spent.minutes,
        learning_streak=streak(days, now.astimezone(UTC).date()),
        recent_activities=tuple(recent_statement(hit["_source"]) for hit in recent),
        progress_by_program=programs,
        generated_at=utc(now),
    )


def by_learner(view: View, email: str) -> View:
    """The statements in which a learner acts."""
    return view.where(view.equals(words.MBOX, f"mailto:{email}"))


async def _attempts(own: View) -> tuple[int, int]:
    made = [attempt.completed async for attempt in attempts(own)]
    return len(made), sum(made)


async def progress_by_program(own: View) -> dict[str, ProgramProgress]:
    """Per program the activities attempted and those completed, in the order of the programs' ids."""
    found: dict[str, dict[str, bool]] = defaultdict(dict)
    keys = by(words.PROGRAM, needed=True), by(words.OBJECT, needed=True)
    async for group in attempting(own).groups(*keys, of_which={"completed": completing(own)}):
        program, activity = group.key
        found[program][activity] = found[program].get(activity, False) or group.of_which["completed"] > 0
    return {program: ProgramProgress(len(done), sum(done.values()), percentage(sum(done.values()), len(done))) for program, done in sorted(found.items())}


def recent_statement(source: Mapping[str, Any]) -> RecentStatement:
    """A stored statement in short. Pure."""
    target = source.get("object") or {}
    return RecentStatement(
        id=str(source.get("id", "")),
        activity_id=str(target.get("id", "")),
        activity_name=name_of(target),
        verb=str((source.get("verb") or {}).get("id", "")),
        timestamp=str(source.get("timestamp", "")),
        result=source.get("result"),
    )


def name_of(target: Mapping[str, Any]) -> str:
    """The name of an object: in en-US, else in the first language that it has, else empty."""
    names = (target.get("definition") or {}).get("name")
    if not isinstance(names, dict):
        return ""
    return str(names.get("en-US") or next(iter(names.values()), ""))
