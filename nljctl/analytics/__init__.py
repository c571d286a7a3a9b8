"""Analytics: each question about learning in its own module, asked of an index of either mapping, counted exactly.

Each is an async function that takes a client, the name of an index or alias, and what is asked; it gives frozen dataclasses in the platform's shapes
(docs/analytics.md has every definition). An index that does not exist has no statements. What the client raises (`ApiError`, `TransportError`) passes
through. `now` is always given: nothing here looks at a clock.
"""

from nljctl.analytics.activity import ActivityAnalytics, activity
from nljctl.analytics.completion import CompletionStats, completion_stats
from nljctl.analytics.demographics import Demographics, GroupAnalytics, demographics
from nljctl.analytics.learner import LearnerAnalytics, RecentStatement, learner
from nljctl.analytics.node import NodeAnalytics, node
from nljctl.analytics.overview import Overview, overview
from nljctl.analytics.performers import SPANS, Performer, Span, TopPerformers, top_performers
from nljctl.analytics.question import QuestionAnalytics, question
from nljctl.analytics.statements import activity_statements, learner_statements, statements
from nljctl.analytics.survey import SurveyAnalytics, survey
from nljctl.analytics.trends import PERIODS, Metric, Period, Trends, trends
from nljctl.analytics.view import View, view_of

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
    "TopPerformers",
    "Trends",
    "View",
    "activity",
    "activity_statements",
    "completion_stats",
    "demographics",
    "learner",
    "learner_statements",
    "node",
    "overview",
    "question",
    "statements",
    "survey",
    "top_performers",
    "trends",
    "view_of",
]
