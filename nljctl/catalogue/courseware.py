"""What the people of a local platform learn from: activities, their nodes, surveys. Their ids are the same on every stack."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import NAMESPACE_URL, uuid5

from nljctl.catalogue.names import N


@dataclass(frozen=True, slots=True)
class Activity:
    """A content item; `kind` is its content type."""

    id: str
    title: str
    kind: str


@dataclass(frozen=True, slots=True)
class Node:
    """One screen of an activity."""

    id: str
    title: str


@dataclass(frozen=True, slots=True)
class Question:
    """A survey's question; `kind` as the platform names it (likert_scale, nps, rating, binary, text)."""

    id: str
    title: str
    kind: str


@dataclass(frozen=True, slots=True)
class Survey:
    id: str
    title: str
    questions: tuple[Question, ...]


def _fixed(collection: str, name: str) -> str:
    return str(uuid5(NAMESPACE_URL, f"{N}{collection}/{name}"))


ACTIVITIES: tuple[Activity, ...] = tuple(
    Activity(_fixed("activities", title), title, kind)
    for kind, titles in (
        ("training", ("Torque specs", "High-voltage isolation", "Brake service basics", "Battery handling")),
        ("game", ("Diagnosis race", "Parts counter quiz")),
        ("assessment", ("Workshop safety test", "Warranty rules test")),
    )
    for title in titles
)

NODES: tuple[Node, ...] = tuple(
    Node(_fixed("nodes", title), title)
    for title in ("Lock-out steps", "Choose the tool", "Read the gauge", "Order the parts", "Talk to the customer", "Close the job card")
)

_QUESTIONS = (
    ("likert_scale", "I get useful feedback"),
    ("likert_scale", "I know what is expected of me"),
    ("nps", "How likely are you to recommend this workshop?"),
    ("rating", "How was the last training?"),
    ("binary", "Would you attend again?"),
    ("text", "What should we change?"),
)

SURVEYS: tuple[Survey, ...] = tuple(
    Survey(_fixed("surveys", title), title, tuple(Question(f"q{number:03}", words, kind) for number, (kind, words) in enumerate(_QUESTIONS, 1)))
    for title in ("Workshop pulse", "Training feedback", "Onboarding review")
)
