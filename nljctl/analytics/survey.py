"""A survey: who answered, what, when, and how each question comes out."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from elasticsearch import AsyncElasticsearch

from nljctl.analytics import vocabulary as words
from nljctl.analytics.answers import AnswerDay, Answers, by_day, by_group, by_question, put_aside, respondents, together, values_by_day
from nljctl.analytics.change import TrendItem, change, looked_at
from nljctl.analytics.days import utc
from nljctl.analytics.demographics import GroupAnalytics, group_analytics
from nljctl.analytics.elastic import view_of
from nljctl.analytics.endings import Endings, endings
from nljctl.analytics.exact import mean, percentage
from nljctl.analytics.learner import name_of
from nljctl.analytics.question import QuestionAnalytics, question_analytics
from nljctl.analytics.view import View


@dataclass(frozen=True, slots=True)
class TimelineDay:
    """A day (yyyy-MM-dd, UTC) with answers."""

    date: str
    responses: int
    unique_respondents: int


@dataclass(frozen=True, slots=True)
class CompletionDay:
    """A day (yyyy-MM-dd, UTC) on which the survey was completed so many times."""

    date: str
    completions: int


@dataclass(frozen=True, slots=True)
class Timeframe:
    """The first and the last day with answers (yyyy-MM-dd, UTC); None without any."""

    first: str | None
    last: str | None


@dataclass(frozen=True, slots=True)
class SurveyOverview:
    """All questions together.

    Attributes:
        total_responses: answers to the first question (by id).
        total_answers: answers to all questions, or to the one asked for.
        unique_respondents: who answered, by mail address, else by account.
        response_rate: answers per respondent and question, per cent with one digit: 100 if everybody answered everything once.
        response_distribution: how often each response was given; `no_response` for answers without one.
        average_score: mean of the scaled scores, three digits; answers without one do not count. None without any.
        avg_completion_time: mean duration of its completions in seconds, one digit; None if none has a duration.
    """

    total_responses: int
    total_answers: int
    unique_respondents: int
    response_rate: float
    response_distribution: Mapping[str, int]
    average_score: float | None
    completions: int
    avg_completion_time: float | None
    completion_timeline: tuple[CompletionDay, ...]
    response_timeframe: Timeframe
    timeline: tuple[TimelineDay, ...]


@dataclass(frozen=True, slots=True)
class SurveyData:
    """`demographics`: the groups of `group_by`; empty without it. `trends`: of each question whose answers are numbers, where both months have some."""

    overview: SurveyOverview
    questions: Mapping[str, QuestionAnalytics]
    demographics: Mapping[str, GroupAnalytics]
    trends: tuple[TrendItem, ...]


@dataclass(frozen=True, slots=True)
class SurveyMetadata:
    generated_at: str
    anonymization_threshold: int
    configuration: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class SurveyFilters:
    question_id: str | None
    group_by: str | None
    since: str | None
    until: str | None


@dataclass(frozen=True, slots=True)
class SurveyAnalytics:
    """A survey's figures, in their HTTP shape (facts 6.2). `total_responses` counts answers; name and type are as its youngest answer tells, else empty."""

    success: bool
    survey_id: str
    survey_name: str
    survey_type: str
    total_responses: int
    data: SurveyData
    metadata: SurveyMetadata
    filters: SurveyFilters
    request_timestamp: str


async def survey(
    client: AsyncElasticsearch,
    index: str,
    survey_id: str,
    *,
    question_id: str | None = None,
    group_by: str | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
    now: datetime,
) -> SurveyAnalytics:
    """The figures of a survey; zeros and empty lists for one that nobody knows.

    Args:
        survey_id: its bare id; answers that name it by the IRI of its content count as well.
        question_id: only the answers to this question.
        group_by: the name of the context extension by which answers are grouped, such as `department`.
        now: ends the trends.
    """
    view = await view_of(client, index, since=since, until=until)
    filters = SurveyFilters(question_id, group_by, *(None if moment is None else utc(moment) for moment in (since, until)))
    return await survey_of(view, survey_id, filters=filters, now=now)


async def survey_of(view: View, survey_id: str, *, filters: SurveyFilters, now: datetime) -> SurveyAnalytics:
    """The figures of a survey in what a view shows."""
    today = now.astimezone(UTC).date()
    answers = await put_aside(view, survey_id, *filter(None, [filters.group_by]))
    only = filters.question_id
    (asked, who, days, values), (groups, ends, youngest) = await asyncio.gather(
        asyncio.gather(by_question(answers), respondents(answers), by_day(answers, only), values_by_day(answers.between(*looked_at(today)))),
        asyncio.gather(_groups(answers, survey_id, filters), endings(view, survey_id), answers.latest(1)),
    )
    questions, everyone = asked[survey_id], who[survey_id]
    people = everyone
    if only is not None:
        questions = {name: found for name, found in questions.items() if name == only}
        people = questions[only].respondents if questions else 0
    source = youngest[0]["_source"] if youngest else {}
    changes = [change(name, found.scale, values[survey_id].get(name, {}), today) for name, found in questions.items()]
    data = SurveyData(
        overview=survey_overview(together(questions, people), questions, days[survey_id], ends[survey_id]),
        questions={name: question_analytics(name, found, everyone) for name, found in questions.items()},
        demographics=groups,
        trends=tuple(item for item in changes if item is not None),
    )
    return SurveyAnalytics(
        success=True,
        survey_id=survey_id,
        survey_name=name_of(source.get("object") or {}),
        survey_type=_type_of(source),
        total_responses=data.overview.total_answers,
        data=data,
        metadata=SurveyMetadata(utc(now), words.ANONYMITY, {"group_by": filters.group_by, "available_groupings": list(words.DEMOGRAPHICS)}),
        filters=filters,
        request_timestamp=utc(now),
    )


def survey_overview(whole: Answers, questions: Mapping[str, Answers], days: Mapping[date, AnswerDay], ends: Endings) -> SurveyOverview:
    """The figures of these questions; `whole` are their answers together. Pure."""
    first = next(iter(questions.values()), Answers())
    asked = whole.respondents * len(questions)
    answered = sum(answers.respondents for answers in questions.values())
    return SurveyOverview(
        total_responses=first.count,
        total_answers=whole.count,
        unique_respondents=whole.respondents,
        response_rate=percentage(answered, asked, 1),
        response_distribution=dict(sorted(whole.responses.items())),
        average_score=mean(whole.scores),
        completions=ends.count,
        avg_completion_time=ends.time.mean_seconds,
        completion_timeline=tuple(CompletionDay(day.isoformat(), count) for day, count in sorted(ends.days.items())),
        response_timeframe=Timeframe(*(day.isoformat() if day else None for day in (min(days, default=None), max(days, default=None)))),
        timeline=tuple(TimelineDay(day.isoformat(), entry.count, entry.respondents) for day, entry in days.items()),
    )


async def _groups(answers: View, survey_id: str, filters: SurveyFilters) -> dict[str, GroupAnalytics]:
    if filters.group_by is None:
        return {}
    return {value: group_analytics(found) for value, found in (await by_group(answers, filters.group_by, filters.question_id))[survey_id].items()}


def _type_of(source: Mapping[str, Any]) -> str:
    extensions = (source.get("context") or {}).get("extensions") or {}
    iri, bare = (path.removeprefix("context.extensions.") for path in words.SURVEY_TYPE)
    return str(extensions.get(iri) or extensions.get(bare) or "")
