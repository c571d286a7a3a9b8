"""What one learner has done."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import UTC, datetime
from typing import Any

from elasticsearch import AsyncElasticsearch

from nljctl.analytics import vocabulary as words
from nljctl.analytics.crowd import LearnerFigures, crowd, put_aside
from nljctl.analytics.days import utc
from nljctl.analytics.elastic import view_of
from nljctl.analytics.view import View

RECENT = 10


@dataclass(frozen=True, slots=True)
class RecentStatement:
    """One of a learner's youngest statements. `result` as it is stored; None without one."""

    id: str
    activity_id: str
    activity_name: str
    verb: str
    timestamp: str
    result: Mapping[str, Any] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class LearnerAnalytics(LearnerFigures):
    """A learner's figures (facts 6.2).

    Attributes:
        learner_name: the local part of the address, with a capital.
        recent_activities: the ten youngest statements.
        (others): as `LearnerFigures`.
    """

    learner_email: str
    learner_name: str
    recent_activities: tuple[RecentStatement, ...]
    generated_at: str


async def learner(
    client: AsyncElasticsearch, index: str, email: str, *, since: datetime | None = None, until: datetime | None = None, now: datetime
) -> LearnerAnalytics:
    """The figures of the learner with this address; zeros for one whom nobody knows. `now` ends the streak."""
    return await learner_of(await view_of(client, index, since=since, until=until), email, now=now)


async def learner_of(view: View, email: str, *, now: datetime) -> LearnerAnalytics:
    """The figures of a learner in what a view shows."""
    own = await put_aside(by_learner(view, email))
    counted, recent = await asyncio.gather(crowd(own), own.latest(RECENT))
    figures = counted.learner(mbox_of(email), now.astimezone(UTC).date())
    return LearnerAnalytics(
        learner_email=email,
        learner_name=email.partition("@")[0].capitalize(),
        recent_activities=tuple(recent_statement(hit["_source"]) for hit in recent),
        generated_at=utc(now),
        **{item.name: getattr(figures, item.name) for item in fields(figures)},
    )


def by_learner(view: View, email: str) -> View:
    """The statements in which a learner acts."""
    return view.where(view.equals(words.MBOX, mbox_of(email)))


def mbox_of(email: str) -> str:
    return f"mailto:{email}"


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
