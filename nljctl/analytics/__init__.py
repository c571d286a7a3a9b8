"""Analytics: each question about learning in its own module, asked of an index of either mapping, counted exactly.

Each is an async function that takes a client, the name of an index or alias, and what is asked; it gives frozen dataclasses in the platform's shapes
(docs/analytics.md has every definition). `…_of` asks the same of a `View`: of an index, or of a table made of one (table.py). An index that does not exist has
no statements. What the client raises (`ApiError`, `TransportError`) passes through. `now` is always given: nothing here looks at a clock.
"""

from nljctl.analytics.activity import ActivityAnalytics, activity, activity_of
from nljctl.analytics.completion import CompletionStats, completion_of, completion_stats
from nljctl.analytics.demographics import Demographics, GroupAnalytics, demographics, demographics_of
from nljctl.analytics.elastic import view_of
from nljctl.analytics.learner import LearnerAnalytics, RecentStatement, learner, learner_of
from nljctl.analytics.node import NodeAnalytics, node, node_of
from nljctl.analytics.overview import Overview, overview, overview_of
from nljctl.analytics.performers import SPANS, Performer, Span, TopPerformers, performers_of, top_performers
from nljctl.analytics.question import QuestionAnalytics, question, question_of
from nljctl.analytics.statements import activity_statements, learner_statements, statements
from nljctl.analytics.survey import SurveyAnalytics, SurveyFilters, survey, survey_of
from nljctl.analytics.trends import PERIODS, Metric, Period, Trends, trends, trends_of
from nljctl.analytics.view import View

__all__ = [
    "PERIODS",
    "SPANS",
    "ActivityAnalytics",
    "CompletionStats",
    "Demographics",
    "GroupAnalytics",
    "LearnerAnalytics",
    "Metric",
    "NodeAnalytics",
    "Overview",
    "Performer",
    "Period",
    "QuestionAnalytics",
    "RecentStatement",
    "Span",
    "SurveyAnalytics",
    "SurveyFilters",
    "TopPerformers",
    "Trends",
    "View",
    "activity",
    "activity_of",
    "activity_statements",
    "completion_of",
    "completion_stats",
    "demographics",
    "demographics_of",
    "learner",
    "learner_of",
    "learner_statements",
    "node",
    "node_of",
    "overview",
    "overview_of",
    "performers_of",
    "question",
    "question_of",
    "statements",
    "survey",
    "survey_of",
    "top_performers",
    "trends",
    "trends_of",
    "view_of",
]
