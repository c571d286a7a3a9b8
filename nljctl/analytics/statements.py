"""Statements themselves: of a learner, about an activity, or all, youngest first."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from datetime import datetime
from typing import Any, Final

from elasticsearch import AsyncElasticsearch

from nljctl.analytics.activity import about_activity
from nljctl.analytics.elastic import view_of
from nljctl.analytics.learner import by_learner
from nljctl.analytics.view import View

PAGE: Final = 500
OURS: Final = "nljctl"

Statement = Mapping[str, Any]


async def learner_statements(
    client: AsyncElasticsearch, index: str, email: str, *, since: datetime | None = None, until: datetime | None = None, limit: int = 100
) -> list[Statement]:
    """The youngest statements of a learner, at most `limit`; empty for one whom nobody knows."""
    return [statement async for statement in statements_of(by_learner(await view_of(client, index, since=since, until=until), email), limit)]


async def activity_statements(
    client: AsyncElasticsearch, index: str, activity_id: str, *, since: datetime | None = None, until: datetime | None = None, limit: int = 100
) -> list[Statement]:
    """The youngest statements about an activity, at most `limit`."""
    return [statement async for statement in statements_of(about_activity(await view_of(client, index, since=since, until=until), activity_id), limit)]


async def statements(
    client: AsyncElasticsearch, index: str, *, since: datetime | None = None, until: datetime | None = None, limit: int | None = None
) -> AsyncIterator[Statement]:
    """All statements, page by page, at most `limit`. What is written meanwhile may or may not be among them."""
    async for statement in statements_of(await view_of(client, index, since=since, until=until), limit):
        yield statement


async def statements_of(view: View, limit: int | None) -> AsyncIterator[Statement]:
    """The youngest statements that a view shows, page by page, at most `limit`."""
    left, after = limit, None
    while left is None or left > 0:
        hits = await view.latest(PAGE if left is None else min(PAGE, left), after=after)
        for hit in hits:
            yield {name: value for name, value in hit["_source"].items() if name != OURS}
        if len(hits) < PAGE:
            return
        after, left = hits[-1]["sort"], None if left is None else left - len(hits)
