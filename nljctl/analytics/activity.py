"""What was done at one activity."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, fields
from datetime import datetime

from elasticsearch import AsyncElasticsearch

from nljctl.analytics import vocabulary as words
from nljctl.analytics.crowd import ActivityFigures, crowd, put_aside
from nljctl.analytics.days import utc
from nljctl.analytics.elastic import view_of
from nljctl.analytics.learner import name_of
from nljctl.analytics.view import View


@dataclass(frozen=True, slots=True, kw_only=True)
class ActivityAnalytics(ActivityFigures):
    """An activity's figures (facts 6.2).

    Attributes:
        activity_name, activity_type: as the youngest statement about it names them; empty if none does.
        (others): as `ActivityFigures`.
    """

    activity_id: str
    activity_name: str
    activity_type: str
    generated_at: str


async def activity(
    client: AsyncElasticsearch, index: str, activity_id: str, *, since: datetime | None = None, until: datetime | None = None, now: datetime
) -> ActivityAnalytics:
    """The figures of the object with this id (an IRI); zeros for one that nobody knows."""
    return await activity_of(await view_of(client, index, since=since, until=until), activity_id, now=now)


async def activity_of(view: View, activity_id: str, *, now: datetime) -> ActivityAnalytics:
    """The figures of an activity in what a view shows."""
    about = await put_aside(about_activity(view, activity_id))
    counted, youngest = await asyncio.gather(crowd(about), about.latest(1))
    target = youngest[0]["_source"].get("object") or {} if youngest else {}
    figures = counted.activity(activity_id)
    return ActivityAnalytics(
        activity_id=activity_id,
        activity_name=name_of(target),
        activity_type=str((target.get("definition") or {}).get("type", "")),
        generated_at=utc(now),
        **{item.name: getattr(figures, item.name) for item in fields(figures)},
    )


def about_activity(view: View, activity_id: str) -> View:
    """The statements about an object."""
    return view.where(view.equals(words.OBJECT, activity_id))
