"""/api/analytics: the platform altogether, its activities, its best learners."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query
from fastapi import Path as InPath
from starlette.responses import Response

from nljctl.analytics import (
    ActivityAnalytics,
    CompletionStats,
    Metric,
    NodeAnalytics,
    Overview,
    Period,
    Span,
    TopPerformers,
    Trends,
    activity_of,
    completion_of,
    node_of,
    overview_of,
    performers_of,
    trends_of,
)
from nljctl.api import examples
from nljctl.api.answers import Json
from nljctl.api.callers import Doors
from nljctl.api.dashboard import Dashboard
from nljctl.api.envelope import Envelope, enveloped
from nljctl.api.examples import shown
from nljctl.api.parameters import Since, Until
from nljctl.api.reads import Reads

LONGEST_ID = 2_048
MOST_PERFORMERS = 100
"""All of them are found at once: who asks for fewer asks the same question."""

ActivityId = Annotated[
    str, Query(alias="id", min_length=1, max_length=LONGEST_ID, description="The object's id, an IRI.", examples=["http://nlj.platform/content/brakes"])
]
OneActivity = Annotated[str | None, Query(min_length=1, max_length=LONGEST_ID, description="Only this activity; an IRI.")]
Category = Annotated[str, InPath(max_length=200, description="A value of the `activity_type` extension; `overall` for all.", examples=["overall"])]
Limit = Annotated[int, Query(ge=1, le=MOST_PERFORMERS, description="How many at most.")]


_OVERVIEW: dict[str, Any] = {"response_model": Envelope[Overview], "responses": shown(examples.OVERVIEW)}


def router(doors: Doors, reads: Reads, dashboard: Dashboard) -> APIRouter:
    """Needs the permission view."""
    routes = APIRouter(prefix="/api/analytics", tags=["analytics"], dependencies=[Depends(doors.view)])

    @routes.get("/overview", **_OVERVIEW, summary="What happens on the platform")
    @routes.get("/platform/overview", **_OVERVIEW, summary="The same, as the migration document spells it")
    async def overview(since: Since = None, until: Until = None) -> Response:
        """Statements, learners, activities, completion, scores, activity by day. Times are of the statements' own `timestamp`."""
        return await reads.enveloped("overview", lambda: reads.of(lambda view: overview_of(view, now=reads.now()), since, until), since=since, until=until)

    @routes.get(
        "/completion-stats", response_model=Envelope[CompletionStats], responses=shown(examples.COMPLETION), summary="How much of what is begun is completed"
    )
    async def completion_stats(activity_id: OneActivity = None, since: Since = None, until: Until = None) -> Response:
        """An attempt is a pair of learner and activity; answered questions are none."""
        return await reads.enveloped(
            "completion-stats",
            lambda: reads.of(lambda view: completion_of(view, activity_id=activity_id, since=since, now=reads.now()), since, until),
            activity_id=activity_id,
            since=since,
            until=until,
        )

    @routes.get("/activities", response_model=Envelope[ActivityAnalytics], responses=shown(examples.ACTIVITY), summary="One activity")
    async def activity(activity_id: ActivityId, since: Since = None, until: Until = None) -> Response:
        """Zeros for an activity that nobody knows."""
        return await reads.enveloped(
            "activity",
            lambda: reads.of(lambda view: activity_of(view, activity_id, now=reads.now()), since, until),
            id=activity_id,
            since=since,
            until=until,
        )

    @routes.get("/nodes", response_model=Envelope[NodeAnalytics], summary="One node, a screen of an activity")
    async def node(node_id: ActivityId, since: Since = None, until: Until = None) -> Response:
        """By its UUID, or by an object's whole id. Zeros for a node that nobody knows."""
        return await reads.enveloped(
            "node", lambda: reads.of(lambda view: node_of(view, node_id, now=reads.now()), since, until), id=node_id, since=since, until=until
        )

    @routes.get("/trends", response_model=Envelope[Trends], summary="The last days, one metric at a time")
    async def trends(
        period: Annotated[Period, Query(description="How many days, up to now.")] = "7d",
        metric: Annotated[Metric, Query(description="What `values` are.")] = "activity",
    ) -> Response:
        """Every day of the period that lies between the first and the last with a statement."""
        return await reads.enveloped(
            "trends", lambda: reads.of(lambda view: trends_of(view, period=period, metric=metric, now=reads.now())), period=period, metric=metric
        )

    @routes.get("/top-performers/{category}", response_model=Envelope[TopPerformers], summary="Who learns best")
    async def top_performers(
        category: Category,
        limit: Limit = 50,
        time_period: Annotated[Span, Query(description="The days up to now.")] = "30d",
        include_characteristics: Annotated[bool, Query(description="Also the six parts of each score.")] = False,
    ) -> Response:
        """In the order of a score from 0 to 100, made of completion, scores, consistency, improvement, engagement and efficiency."""
        found = await reads.known(
            "top-performers",
            lambda: reads.of(
                lambda view: performers_of(view, category, limit=MOST_PERFORMERS, time_period=time_period, include_characteristics=True, now=reads.now())
            ),
            category=category,
            time_period=time_period,
        )
        best = found["top_performers"][:limit]
        if not include_characteristics:
            best = [{**performer, "characteristics": None} for performer in best]
        filters = {"category": category, "limit": limit, "time_period": time_period, "include_characteristics": include_characteristics}
        return Json(enveloped({**found, "top_performers": best}, **filters))

    @routes.get("/health", response_model=Envelope[dict[str, Any]], summary="What analytics are read from")
    async def health() -> Response:
        """`analytics_system` is operational or degraded."""
        return await dashboard.health()

    return routes
