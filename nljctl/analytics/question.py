"""One question of a survey."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from elasticsearch import AsyncElasticsearch

from nljctl.analytics.answers import Answers, by_question, put_aside, respondents
from nljctl.analytics.elastic import view_of
from nljctl.analytics.exact import mean, percentage
from nljctl.analytics.scales import Evaluation, ScaleInfo, SemanticSummary, Slot, Statistics, evaluate
from nljctl.analytics.view import View


@dataclass(frozen=True, slots=True)
class QuestionAnalytics:
    """A question's figures (facts 6.2). Those that its scale does not have are None.

    Attributes:
        question_title, question_text: the question's id; statements do not tell its words reliably.
        question_type: likert, rating, nps, binary, categorical or other.
        unique_respondents: who answered it.
        skip_rate: per cent of the survey's respondents who did not, one digit.
        average_score: mean of the scaled scores, three digits; None without any.
        (others): as `Evaluation`.
    """

    question_id: str
    question_title: str
    question_text: str
    question_type: str
    response_count: int
    unique_respondents: int
    skip_rate: float
    response_distribution: Mapping[str, int]
    average_score: float | None
    scale_info: ScaleInfo
    distribution: tuple[Slot, ...]
    statistics: Statistics | None
    semantic_summary: SemanticSummary | None
    nps_score: float | None
    nps_category: str | None
    detailed_distribution: tuple[Slot, ...] | None
    yes_percentage: float | None
    no_percentage: float | None
    top_response: str | None
    raw_data: tuple[str, ...] | None


async def question(
    client: AsyncElasticsearch, index: str, survey_id: str, question_id: str, *, since: datetime | None = None, until: datetime | None = None
) -> QuestionAnalytics:
    """The figures of one question; zeros and empty lists for one that nobody answered."""
    return await question_of(await view_of(client, index, since=since, until=until), survey_id, question_id)


async def question_of(view: View, survey_id: str, question_id: str) -> QuestionAnalytics:
    """The figures of one question in what a view shows."""
    answers = await put_aside(view, survey_id)
    asked, who = await asyncio.gather(by_question(answers), respondents(answers))
    return question_analytics(question_id, asked[survey_id].get(question_id, Answers()), who[survey_id])


def question_analytics(name: str, answers: Answers, everyone: int) -> QuestionAnalytics:
    """The figures of a question's answers; so many (`everyone`) have answered any question of the survey. Pure."""
    made: Evaluation = evaluate(answers, answers.scale)
    return QuestionAnalytics(
        question_id=name,
        question_title=name,
        question_text=name,
        question_type=answers.scale,
        response_count=answers.count,
        unique_respondents=answers.respondents,
        skip_rate=percentage(everyone - answers.respondents, everyone, 1),
        response_distribution=dict(sorted(answers.responses.items())),
        average_score=mean(answers.scores),
        scale_info=made.scale_info,
        distribution=made.distribution,
        statistics=made.statistics,
        semantic_summary=made.semantic_summary,
        nps_score=made.nps_score,
        nps_category=made.nps_category,
        detailed_distribution=made.detailed_distribution,
        yes_percentage=made.yes_percentage,
        no_percentage=made.no_percentage,
        top_response=made.top_response,
        raw_data=made.raw_data,
    )
