"""Which statements mean what: the verbs, types and extensions that analytics go by, as tables. Pure.

Both ways of computing a figure (Elasticsearch and DuckDB) read these, so that a definition stands in one place (docs/analytics.md).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from nljctl.catalogue.names import NP, NV, N, S, V, X

ANSWERED: Final = V + "answered"
COMPLETED: Final = V + "completed"
VOIDED: Final = V + "voided"
CANCELLED: Final = NV + "cancelled"
SKIPPED: Final = NV + "skipped"
STATEMENT_REF: Final = "StatementRef"

ATTEMPTS: Final[tuple[str, ...]] = (
    *(V + word for word in ("attempted", "attended", "completed", "experienced", "failed", "initialized", "interacted", "launched", "mastered", "passed")),
    *(V + word for word in ("progressed", "resumed", "suspended", "terminated")),
    S + "start",
)
"""Verbs by which a learner is at an activity that can be completed. Answering a question is none of them."""

JOBS: Final[tuple[str, ...]] = (
    N + "activities/content-generation",
    *(NP + "activitytype/" + word for word in ("knowledge-extraction", "auto-tagging", "batch-auto-tagging", "node", "tag-suggestions")),
)
"""Types of objects that the platform itself works on. They are launched and completed too, but nobody learns by them."""

MBOX: Final = "actor.mbox"
ACCOUNT: Final = "actor.account.name"
VERB: Final = "verb.id"
OBJECT: Final = "object.id"
OBJECT_KIND: Final = "object.objectType"
TYPE: Final = "object.definition.type"
INTERACTION: Final = "object.definition.interactionType"
COMPLETION: Final = "result.completion"
SUCCESS: Final = "result.success"
RESPONSE: Final = "result.response"
SCALED: Final = "result.score.scaled"
RAW: Final = "result.score.raw"
DURATION: Final = "result.duration"
TIMESTAMP: Final = "timestamp"


def extension(name: str) -> tuple[str, str]:
    """Where a context extension lies: under its IRI or, in what the LRS stored raw, under the bare word. The IRI wins, as in repair `bare-extension-keys`."""
    return f"context.extensions.{X}{name}", f"context.extensions.{name}"


SURVEY: Final = extension("parent_survey")
QUESTION: Final = extension("question_id")
QUESTION_TYPE: Final = extension("question_type")
SURVEY_TYPE: Final = extension("survey_type")
PROGRAM: Final = extension("program_id")
CATEGORY: Final = extension("activity_type")
RESPONSE_TIME: Final = extension("response_time_ms")

DEMOGRAPHICS: Final[tuple[str, ...]] = ("department", "location", "job_level", "tenure", "generation", "user_role")
"""Context extensions by which answers may be grouped."""

CONTENT: Final = N + "content/"
SURVEY_OBJECTS: Final = (CONTENT, NP + "activities/", N + "activities/")

ANONYMITY: Final = 4
"""A group of fewer answers than this is not shown."""

SCALES: Final[Mapping[str, str]] = {
    "likert": "likert",
    "likert_scale": "likert",
    "nps": "nps",
    "net_promoter_score": "nps",
    "rating": "rating",
    "binary": "binary",
    "true-false": "binary",
    "true_false": "binary",
    "yes_no": "binary",
    "choice": "categorical",
    "multiple_choice": "categorical",
    "single_choice": "categorical",
    "categorical": "categorical",
}
"""How a question is evaluated, by the `question_type` extension, else by interactionType; any other one is `other`."""


def survey_forms(survey: str) -> tuple[str, ...]:
    """The ways in which producers name a survey as parent: its bare id, or the IRI of its content."""
    return survey, CONTENT + survey


def survey_objects(survey: str) -> tuple[str, ...]:
    """The object ids under which a survey itself is started, suspended and completed."""
    return tuple(prefix + survey for prefix in SURVEY_OBJECTS)


def survey_of(parent: str | None) -> str | None:
    """The bare id in what `parent_survey` holds: the opposite of `survey_forms`."""
    return None if parent is None else parent.removeprefix(CONTENT)


def verb_of(verb: str, object_kind: str | None) -> str:
    """The verb as repair `cancelled-not-voided` leaves it: what voids an Activity cancels it."""
    return CANCELLED if verb == VOIDED and object_kind in (None, "Activity") else verb


def question_of(named: str | None, object_id: str) -> str:
    """A question's id: the `question_id` extension, else the last segment of the object's id (all three patterns of producers end with it)."""
    return named or object_id.rsplit("/", 1)[-1]


def scale_of(question_type: str | None, interaction: str | None) -> str:
    """How a question's answers are evaluated."""
    return SCALES.get((question_type or "").lower()) or SCALES.get((interaction or "").lower()) or "other"
