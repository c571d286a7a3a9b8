"""What learners do at one node, a screen of an activity."""

from __future__ import annotations

import asyncio
from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from fractions import Fraction

from elasticsearch import AsyncElasticsearch

from nljctl.analytics import vocabulary as words
from nljctl.analytics.counted import per_day, verbs
from nljctl.analytics.days import day_of, filled, utc
from nljctl.analytics.exact import MILLION, percentage, rounded, total
from nljctl.analytics.progress import completing
from nljctl.analytics.view import View, by, view_of


@dataclass(frozen=True, slots=True)
class NodeDay:
    """A day (yyyy-MM-dd, UTC): interactions, and the per cent of successes among those that tell of one; None if none does."""

    date: str
    interactions: int
    success_rate: float | None


@dataclass(frozen=True, slots=True)
class NodeAnalytics:
    """A node's figures (facts 6.2).

    Attributes:
        total_interactions: statements about it.
        unique_users: different actors in them, by mail address, else by account.
        success_rate: per cent of successes among the statements that tell of success or failure, two digits; None if none does.
        avg_response_time_ms: mean of the `response_time_ms` extensions, one digit; None without any.
        completion_rate: users with a statement that completes it, per cent of all users, two digits.
        activity_breakdown: statements per verb.
    """

    node_id: str
    total_interactions: int
    unique_users: int
    success_rate: float | None
    avg_response_time_ms: float | None
    completion_rate: float
    daily_activity: tuple[NodeDay, ...]
    activity_breakdown: Mapping[str, int]
    generated_at: str


async def node(
    client: AsyncElasticsearch, index: str, node_id: str, *, since: datetime | None = None, until: datetime | None = None, now: datetime
) -> NodeAnalytics:
    """The figures of the node with this id (a UUID, or an object's whole id); zeros for one that nobody knows."""
    return await node_of(await view_of(client, index, since=since, until=until), node_id, now=now)


async def node_of(view: View, node_id: str, *, now: datetime) -> NodeAnalytics:
    """The figures of a node in what a view shows."""
    about = view.where(view.equals(words.OBJECT, node_id, f"node://{node_id}"))
    count, users, days, (won, told), times, breakdown = await asyncio.gather(
        about.count(), _users(about), per_day(about), _successes(about), _response_times(about), verbs(about)
    )
    measured = sum(times.values())
    return NodeAnalytics(
        node_id=node_id,
        total_interactions=count,
        unique_users=len(users),
        success_rate=percentage(won.total(), told.total()) if told else None,
        avg_response_time_ms=rounded(Fraction(total(times), MILLION * measured), 1) if measured else None,
        completion_rate=percentage(sum(users.values()), len(users)),
        daily_activity=tuple(NodeDay(day.isoformat(), number, percentage(won[day], told[day]) if told[day] else None) for day, number in filled(days)),
        activity_breakdown=dict(sorted(breakdown.items())),
        generated_at=utc(now),
    )


async def _users(about: View) -> dict[str, bool]:
    """Who was there, and whether they completed it."""
    users: dict[str, bool] = {}
    async for group in about.groups(by((words.MBOX, words.ACCOUNT), needed=True), of_which={"completed": completing(about)}):
        users[group.key[0]] = users.get(group.key[0], False) or group.of_which["completed"] > 0
    return users


async def _successes(about: View) -> tuple[Counter[date | None], Counter[date | None]]:
    """Per day the successes, and the statements that tell of success or failure; None is the day of those without a time."""
    won: Counter[date | None] = Counter()
    told: Counter[date | None] = Counter()
    async for group in about.groups(by(words.TIMESTAMP, "day"), by(words.SUCCESS, "flag", needed=True)):
        moment, success = group.key
        day = None if moment is None else day_of(moment)
        told[day] += group.count
        won[day] += group.count if success else 0
    return won, told


async def _response_times(about: View) -> dict[float, int]:
    times: dict[float, int] = defaultdict(int)
    async for group in about.groups(by(words.RESPONSE_TIME, "number", needed=True)):
        times[group.key[0]] += group.count
    return times
