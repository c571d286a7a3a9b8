"""What learners do at one node, a screen of an activity."""

from __future__ import annotations

import asyncio
from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import date, datetime
from fractions import Fraction
from typing import Final

from elasticsearch import AsyncElasticsearch

from nljctl.analytics import vocabulary as words
from nljctl.analytics.days import day_of, filled, utc
from nljctl.analytics.elastic import view_of
from nljctl.analytics.exact import MILLION, percentage, rounded, total
from nljctl.analytics.grouping import ACTIVITY, VERB, WHO, by
from nljctl.analytics.progress import completing
from nljctl.analytics.view import View

PREFIX: Final = "node://"


@dataclass(frozen=True, slots=True)
class NodeDay:
    """A day (yyyy-MM-dd, UTC): interactions, and the per cent of successes among those that tell of one; None if none does."""

    date: str
    interactions: int
    success_rate: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class NodeFigures:
    """What statements tell of a node.

    Attributes:
        total_interactions: statements about it.
        unique_users: different actors in them, by mail address, else by account.
        success_rate: per cent of successes among the statements that tell of success or failure, two digits; None if none does.
        avg_response_time_ms: mean of the `response_time_ms` extensions, one digit; None without any.
        completion_rate: users with a statement that completes it, per cent of all users, two digits.
        activity_breakdown: statements per verb.
    """

    total_interactions: int
    unique_users: int
    success_rate: float | None
    avg_response_time_ms: float | None
    completion_rate: float
    activity_breakdown: Mapping[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class NodeAnalytics(NodeFigures):
    """A node's figures (facts 6.2). (others): as `NodeFigures`."""

    node_id: str
    daily_activity: tuple[NodeDay, ...]
    generated_at: str


@dataclass(slots=True)
class NodeCount:
    """What was counted at one node. `users`: whether each has completed it; `days`: None is the day of statements without a time."""

    users: dict[str, bool] = field(default_factory=dict)
    days: Counter[date | None] = field(default_factory=Counter)
    won: Counter[date | None] = field(default_factory=Counter)
    told: Counter[date | None] = field(default_factory=Counter)
    times: Counter[float] = field(default_factory=Counter)
    verbs: Counter[str] = field(default_factory=Counter)

    def figures(self) -> NodeFigures:
        measured = self.times.total()
        return NodeFigures(
            total_interactions=self.days.total(),
            unique_users=len(self.users),
            success_rate=percentage(self.won.total(), self.told.total()) if self.told.total() else None,
            avg_response_time_ms=rounded(Fraction(total(self.times), MILLION * measured), 1) if measured else None,
            completion_rate=percentage(sum(self.users.values()), len(self.users)),
            activity_breakdown=dict(sorted(self.verbs.items())),
        )


async def node(
    client: AsyncElasticsearch, index: str, node_id: str, *, since: datetime | None = None, until: datetime | None = None, now: datetime
) -> NodeAnalytics:
    """The figures of the node with this id (a UUID); zeros for one that nobody knows."""
    return await node_of(await view_of(client, index, since=since, until=until), node_id, now=now)


async def node_of(view: View, node_id: str, *, now: datetime) -> NodeAnalytics:
    """The figures of a node in what a view shows."""
    counted = (await nodes(view.where(view.equals(words.OBJECT, PREFIX + node_id)))).get(node_id, NodeCount())
    figures = counted.figures()
    days = filled({day: count for day, count in counted.days.items() if day is not None})
    return NodeAnalytics(
        node_id=node_id,
        daily_activity=tuple(
            NodeDay(day.isoformat(), count, percentage(counted.won[day], counted.told[day]) if counted.told[day] else None) for day, count in days
        ),
        generated_at=utc(now),
        **{item.name: getattr(figures, item.name) for item in fields(figures)},
    )


async def nodes(view: View) -> Mapping[str, NodeCount]:
    """What was counted at each node: the objects `node://<uuid>`."""
    found: dict[str, NodeCount] = defaultdict(NodeCount)
    about = view.where(view.begins(words.OBJECT, PREFIX))

    async def users() -> None:
        async for group in about.groups(ACTIVITY, WHO, of_which={"completed": completing(about)}):
            target, who = group.key
            known = found[target.removeprefix(PREFIX)].users
            known[who] = known.get(who, False) or group.of_which["completed"] > 0

    async def days() -> None:
        async for group in about.groups(ACTIVITY, by(words.TIMESTAMP, "day"), by(words.SUCCESS, "flag")):
            target, moment, success = group.key
            counted, day = found[target.removeprefix(PREFIX)], None if moment is None else day_of(moment)
            counted.days[day] += group.count
            if success is not None:
                counted.told[day] += group.count
                counted.won[day] += group.count if success else 0

    async def times() -> None:
        async for group in about.groups(ACTIVITY, by(words.RESPONSE_TIME, "number", needed=True)):
            found[group.key[0].removeprefix(PREFIX)].times[group.key[1]] += group.count

    async def verbs() -> None:
        async for group in about.groups(ACTIVITY, VERB):
            target, verb = group.key
            found[target.removeprefix(PREFIX)].verbs[verb] += group.count

    await asyncio.gather(users(), days(), times(), verbs())
    return found
