"""/api/analytics/surveys: a survey, its questions, and who answered."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query
from starlette.responses import Response

from nljctl.analytics import Demographics, QuestionAnalytics, SurveyAnalytics, SurveyFilters, demographics_of, question_of, survey_of
from nljctl.analytics.days import utc
from nljctl.api.callers import Doors
from nljctl.api.envelope import Envelope
from nljctl.api.parameters import Since, Until
from nljctl.api.reads import Reads

LONGEST_ID = 500

SurveyId = Annotated[str, Path(max_length=LONGEST_ID, description="The survey's bare id.", examples=["5d8b1f9a-0000-4000-8000-000000000002"])]
QuestionId = Annotated[str, Path(max_length=LONGEST_ID, description="The question's id: the `question_id` extension, or the end of its object's id.")]
OneQuestion = Annotated[str | None, Query(min_length=1, max_length=LONGEST_ID, description="Only the answers to this question.")]
GroupBy = Annotated[
    str | None, Query(pattern=r"^[A-Za-z0-9_-]{1,64}$", description="The context extension by which answers are grouped.", examples=["department"])
]


def router(doors: Doors, reads: Reads) -> APIRouter:
    """Needs the permission view. A survey that nobody knows has zeros and empty lists."""
    routes = APIRouter(prefix="/api/analytics/surveys", tags=["surveys"], dependencies=[Depends(doors.view)])

    @routes.get("/{survey_id}", response_model=SurveyAnalytics, summary="A survey")
    async def survey(survey_id: SurveyId, question_id: OneQuestion = None, group_by: GroupBy = None, since: Since = None, until: Until = None) -> Response:
        """Who answered, what, when, and how each question comes out by its scale. Groups of fewer than four answers are not shown."""
        filters = SurveyFilters(question_id, group_by, *(None if moment is None else utc(moment) for moment in (since, until)))
        return await reads.plain(
            "survey",
            lambda: reads.of(lambda view: survey_of(view, survey_id, filters=filters, now=reads.now()), since, until),
            id=survey_id,
            question_id=question_id,
            group_by=group_by,
            since=since,
            until=until,
        )

    @routes.get("/{survey_id}/questions/{question_id}", response_model=Envelope[QuestionAnalytics], summary="One question")
    async def question(survey_id: SurveyId, question_id: QuestionId, since: Since = None, until: Until = None) -> Response:
        """Its distribution, and what its scale tells: likert, rating, NPS, binary, categorical."""
        return await reads.enveloped(
            "question",
            lambda: reads.of(lambda view: question_of(view, survey_id, question_id), since, until),
            survey_id=survey_id,
            question_id=question_id,
            since=since,
            until=until,
        )

    @routes.get("/{survey_id}/demographics", response_model=Envelope[Demographics], summary="Who answered, by groups")
    async def demographics(survey_id: SurveyId, since: Since = None, until: Until = None) -> Response:
        """By department, location, job level, tenure, generation and role, where answers tell them. Groups of fewer than four answers are not shown."""
        return await reads.enveloped(
            "demographics",
            lambda: reads.of(lambda view: demographics_of(view, survey_id, now=reads.now()), since, until),
            survey_id=survey_id,
            since=since,
            until=until,
        )

    return routes
