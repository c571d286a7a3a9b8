"""/api/analytics/learners: one learner, for themselves and for administrators."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Query
from starlette.responses import Response

from nljctl.analytics import LearnerAnalytics, learner_of, learner_statements
from nljctl.api import examples
from nljctl.api.callers import Doors
from nljctl.api.envelope import Envelope
from nljctl.api.examples import shown
from nljctl.api.parameters import Since, Until
from nljctl.api.reads import Reads

Email = Annotated[str, Path(max_length=320, description="The learner's mail address.", examples=["ada@example.org"])]
Limit = Annotated[int, Query(ge=1, le=1_000, description="How many at most.")]


@dataclass(frozen=True, slots=True)
class LearnerStatements:
    """The youngest first; `count` is how many of them there are here."""

    statements: list[Mapping[str, Any]]
    count: int
    learner_email: str


def router(doors: Doors, reads: Reads) -> APIRouter:
    """A learner that nobody knows has zeros and empty lists. Both spellings, learners and learner, mean the same."""
    routes = APIRouter(prefix="/api/analytics", tags=["learners"], dependencies=[Depends(doors.own)])
    client, index = reads.client, reads.index

    @routes.get("/learners/{email}", response_model=Envelope[LearnerAnalytics], responses=shown(examples.LEARNER), summary="A learner")
    @routes.get("/learner/{email}", response_model=Envelope[LearnerAnalytics], responses=shown(examples.LEARNER), summary="The same, as the platform spells it")
    async def learner(email: Email, since: Since = None, until: Until = None) -> Response:
        """Activities, completion, scores, time, streak, what they did last, and how far they are in each program."""
        return await reads.enveloped(
            "learner", lambda: reads.of(lambda view: learner_of(view, email, now=reads.now()), since, until), email=email, since=since, until=until
        )

    @routes.get("/learners/{email}/statements", response_model=Envelope[LearnerStatements], summary="A learner's statements")
    @routes.get("/learner/{email}/statements", response_model=Envelope[LearnerStatements], summary="The same, as the platform spells it")
    async def statements(email: Email, since: Since = None, until: Until = None, limit: Limit = 100) -> Response:
        """As they are stored, youngest first."""

        async def ask() -> LearnerStatements:
            found = await learner_statements(client, index, email, since=since, until=until, limit=limit)
            return LearnerStatements(found, len(found), email)

        return await reads.enveloped("learner-statements", ask, email=email, since=since, until=until, limit=limit)

    return routes
