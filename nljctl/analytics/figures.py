"""Every figure of a view, as plain values by name: what a comparison asks an index for. Names and shapes are those that the SQL in `reference/` gives."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator, Mapping
from dataclasses import asdict
from datetime import date, timedelta
from typing import Any, Final, Literal

from nljctl.analytics import vocabulary as words
from nljctl.analytics.answers import NOT_SPECIFIED, Answers, answering, by_day, by_group, by_question, respondents, together, values_by_day
from nljctl.analytics.change import change, looked_at
from nljctl.analytics.counted import how_many, most, per_day, per_value, verbs
from nljctl.analytics.crowd import crowd
from nljctl.analytics.days import moment_of_day
from nljctl.analytics.demographics import GroupAnalytics, group_analytics
from nljctl.analytics.endings import Endings, endings
from nljctl.analytics.exact import percentage
from nljctl.analytics.grouping import ACTIVITY, LEARNER, by
from nljctl.analytics.node import nodes
from nljctl.analytics.overview import TOP
from nljctl.analytics.performers import Categories, Judged, categories_of, judged_of
from nljctl.analytics.progress import attempting, completing, progress
from nljctl.analytics.question import QuestionAnalytics, question_analytics
from nljctl.analytics.scores import average_score
from nljctl.analytics.survey import SurveyOverview, survey_overview
from nljctl.analytics.trends import METRICS
from nljctl.analytics.view import View

Kind = Literal["overview", "learner", "activity", "node", "survey"]
Figure = tuple[Kind, str, str, Any]
"""Of what kind, of whom (the address, an id; empty for the overview), the figure's name, its value."""

MAILTO: Final = "mailto:"

PERFORMING: Final = 30
"""Days of the performers that are compared."""

_CHANGE: Final = (
    "current_score",
    "previous_score",
    "change_amount",
    "change_percentage",
    "trend_classification",
    "confidence",
    "statistical_significance",
    "data_points",
)

NOTHING: Final[Mapping[str, Any]] = {
    **dict.fromkeys(("total_statements", "total_activities", "attempted_activities", "completed_activities", "learning_streak", "total_attempts"), 0),
    **dict.fromkeys(("unique_learners", "total_interactions", "unique_users", "total_responses", "total_answers", "unique_respondents", "completions"), 0),
    **dict.fromkeys(("performers_analyzed",), 0),
    **dict.fromkeys(("completion_rate", "response_rate", "engagement_score"), 0.0),
    **{name: {} for name in ("progress_by_program", "activity_breakdown", "response_distribution", "timeline", "top_performers")},
}
"""What is told of somebody or something that nobody knows; a figure that is not named here is None then."""


async def figures(view: View, *, today: date) -> AsyncIterator[Figure]:
    """Every figure of the statements that a view shows; `today` (UTC) ends the streaks, the month of the top performers and the trends of surveys."""
    for name, value in (await overview_figures(view)).items():
        yield "overview", "", name, value
    month = view.between(moment_of_day(today - timedelta(PERFORMING - 1)), moment_of_day(today + timedelta(1)) - timedelta(milliseconds=1))
    judged = await judged_of(month, days=PERFORMING, middle=today - timedelta(PERFORMING // 2 - 1))
    categories = await categories_of(month)
    for name, value in performance_figures(judged).items():
        yield "overview", "", name, value
    performing = {learner.email: learner for learner in judged}
    counted = await crowd(view)
    for mbox in counted.learners:
        if mbox.startswith(MAILTO):
            email = mbox.removeprefix(MAILTO)
            for name, value in asdict(counted.learner(mbox, today)).items():
                yield "learner", email, name, value
            yield "learner", email, "performance", _performance(performing.get(email), categories.get(email, Categories()))
    for activity in counted.activities:
        for name, value in asdict(counted.activity(activity)).items():
            yield "activity", activity, name, value
    del counted
    for node, found in (await nodes(view)).items():
        for name, value in asdict(found.figures()).items():
            yield "node", node, name, value
    async for figure in survey_figures(view, today):
        yield figure


async def overview_figures(view: View) -> dict[str, Any]:
    """The platform's figures, and day by day what trends show."""
    (total, learners, activities, scored), (days, verb_counts, types, made), ended = await asyncio.gather(
        asyncio.gather(view.count(), how_many(view, LEARNER), how_many(view, ACTIVITY), average_score(view)),
        asyncio.gather(per_day(view), verbs(view), per_value(view, by(words.TYPE, needed=True)), progress(view)),
        attempting(view).where(completing(view)).count(),
    )
    daily = {metric: {day.isoformat(): value for day, value in sorted((await METRICS[metric](view)).items())} for metric in METRICS}
    return {
        "total_statements": total,
        "unique_learners": learners,
        "unique_activities": activities,
        "completed_statements": ended,
        "attempted": made.attempted,
        "completed": made.completed,
        "completion_rate": percentage(made.completed, made.attempted),
        "average_score": scored,
        "top_verbs": dict(sorted(most(verb_counts, TOP))),
        "activity_types": dict(sorted(most(types, TOP))),
        "daily_activity": {day.isoformat(): count for day, count in sorted(days.items())},
        "daily_engagement": daily["engagement"],
        "daily_scores": daily["scores"],
        "daily_completion": daily["completion"],
    }


def performance_figures(judged: list[Judged]) -> dict[str, Any]:
    """What depends on all learners together: who the best are."""
    best = {learner.email: {"rank": rank, "overall_score": learner.score} for rank, learner in enumerate(judged[:TOP], 1)}
    return {"performers_analyzed": len(judged), "top_performers": dict(sorted(best.items()))}


def _performance(learner: Judged | None, categories: Categories) -> dict[str, Any] | None:
    """What depends on one learner alone; efficiency is a comparison with the slowest."""
    if learner is None:
        return None
    return {
        **{name: part for name, part in learner.characteristics.items() if name != "efficiency"},
        "minutes": learner.work.minutes,
        "trend": learner.work.trend,
        "strong": list(categories.strong),
        "weak": list(categories.weak),
    }


async def survey_figures(view: View, today: date) -> AsyncIterator[Figure]:
    """The figures of every survey that has answers."""
    answers = answering(view)
    asked, who, days, ends = await asyncio.gather(by_question(answers), respondents(answers), by_day(answers), endings(view))
    values = await values_by_day(answers.between(*looked_at(today)))
    for survey, questions in asked.items():
        for name, value in _survey(survey_overview(together(questions, who[survey]), questions, days[survey], ends.get(survey, Endings()))).items():
            yield "survey", survey, name, value
        for question, found in questions.items():
            for name, value in _question(question_analytics(question, found, who[survey])).items():
                yield "survey", survey, f"questions.{question}.{name}", value
            item = change(question, found.scale, values[survey].get(question, {}), today)
            yield "survey", survey, f"questions.{question}.trend", None if item is None else {name: getattr(item, name) for name in _CHANGE}
    del asked, days, values
    for field in words.DEMOGRAPHICS:
        for survey, groups in (await by_group(answers, field)).items():
            if set(groups) - {NOT_SPECIFIED}:
                yield "survey", survey, f"demographics.{field}", dict(_groups(groups))


def _survey(overview: SurveyOverview) -> dict[str, Any]:
    names = ("total_responses", "total_answers", "unique_respondents", "response_rate", "response_distribution", "average_score", "completions")
    return {
        **{name: getattr(overview, name) for name in names},
        "avg_completion_time": overview.avg_completion_time,
        "timeline": {day.date: {"responses": day.responses, "unique_respondents": day.unique_respondents} for day in overview.timeline},
    }


def _question(found: QuestionAnalytics) -> dict[str, Any]:
    numbers, semantics = found.statistics, found.semantic_summary
    return {
        "question_type": found.question_type,
        "response_count": found.response_count,
        "unique_respondents": found.unique_respondents,
        "skip_rate": found.skip_rate,
        "response_distribution": found.response_distribution,
        "average_score": found.average_score,
        "mean": numbers and numbers.mean,
        "median": numbers and numbers.median,
        "mode": numbers and numbers.mode,
        "standard_deviation": numbers and numbers.standard_deviation,
        "nps_score": found.nps_score,
        "positive": semantics and semantics.positive.count,
        "negative": semantics and semantics.negative.count,
        "yes_percentage": found.yes_percentage,
    }


def _groups(groups: Mapping[str, Answers]) -> Iterator[tuple[str, Any]]:
    names = ("total_responses", "response_distribution", "average_score", "unique_respondents")
    for value, answers in groups.items():
        group: GroupAnalytics = group_analytics(answers)
        yield value, group.total_responses if group.anonymized else {name: getattr(group, name) for name in names}
