"""Statements with every member that can be changed, what changes them, and what only seems to. Pure.

An alteration must be found, whatever its place; a disguise changes only what equivalent statements may differ in (xAPI 1.0.3 Data 2.3.1) and must not be.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import NAMESPACE_URL, uuid5

Source = dict[str, Any]
Change = Callable[[Source], None]

BEGINNING = datetime(2025, 8, 1, tzinfo=UTC)
LANGUAGE, EXTENSION = "en-US", "https://planted.example.org/extensions/weight"


def rich(number: int, series: str = "planted") -> Source:
    """One statement; its number makes everything in it."""
    person, activity = number % 997, number % 53
    return {
        "id": str(uuid5(NAMESPACE_URL, f"{series}/{number}")),
        "timestamp": (BEGINNING + timedelta(seconds=number, milliseconds=250)).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        "actor": {"objectType": "Agent", "name": f"Person {person}", "mbox": f"mailto:person.{person}@learners.example.org"},
        "verb": {"id": "http://adlnet.gov/expapi/verbs/interacted", "display": {LANGUAGE: "interacted"}},
        "object": {
            "objectType": "Activity",
            "id": f"https://planted.example.org/activities/{activity}",
            "definition": {"type": "http://adlnet.gov/expapi/activities/lesson", "name": {LANGUAGE: f"Lesson {activity}"}},
        },
        "result": {
            "score": {"scaled": 0.5, "raw": 5, "min": 0, "max": 10},
            "success": True,
            "completion": True,
            "response": f"answer {number}",
            "duration": "PT30S",
            "extensions": {EXTENSION: number},
        },
        "context": {
            "registration": str(uuid5(NAMESPACE_URL, f"{series}/registration/{number}")),
            "language": LANGUAGE,
            "platform": "planted",
            "contextActivities": {"parent": [{"id": f"https://planted.example.org/courses/{activity % 7}"}]},
        },
    }


def _set(*path: str, to: Any) -> Change:
    def change(source: Source) -> None:
        *parents, last = path
        place = source
        for name in parents:
            place = place[name]
        place[last] = to(place.get(last)) if callable(to) else to

    return change


ALTERATIONS: Mapping[str, Change] = {
    "timestamp": _set("timestamp", to="2001-01-01T00:00:00Z"),
    "actor": _set("actor", "mbox", to="mailto:somebody.else@example.org"),
    "verb": _set("verb", "id", to="http://adlnet.gov/expapi/verbs/voided-by-hand"),
    "object": _set("object", "id", to=lambda id: f"{id}-changed"),
    "score": _set("result", "score", "raw", to=6),
    "success": _set("result", "success", to=False),
    "completion": _set("result", "completion", to=False),
    "response": _set("result", "response", to=lambda words: f"{words}!"),
    "duration, which counts to the letter": _set("result", "duration", to="PT0.5M"),
    "an extension": _set("result", "extensions", EXTENSION, to=-1),
    "registration": _set("context", "registration", to="00000000-0000-4000-8000-000000000000"),
    "platform": _set("context", "platform", to="elsewhere"),
    "parent activity": _set("context", "contextActivities", "parent", to=[{"id": "https://planted.example.org/courses/other"}]),
}
"""Thirteen, each in another place."""

DISGUISES: Mapping[str, Change] = {
    "stored": _set("stored", to="2001-01-01T00:00:00.000Z"),
    "authority": _set("authority", to={"objectType": "Agent", "mbox": "mailto:another.lrs@example.org"}),
    "version": _set("version", to="1.0.0"),
    "verb display": _set("verb", "display", to={"fr": "autre chose"}),
    "activity name": _set("object", "definition", "name", to={"fr": "autre chose"}),
    "activity definition": lambda source: source["object"].pop("definition"),
    "zone of the timestamp": _set("timestamp", to=lambda time: time.replace("Z", "+00:00")),
    "zeros of the timestamp": _set("timestamp", to=lambda time: time.replace("Z", "000Z")),
    "case of a UUID": _set("context", "registration", to=str.upper),
    "case of a mail domain": _set("actor", "mbox", to=lambda mbox: mbox.replace("learners.example.org", "Learners.Example.ORG")),
    "case of a language": _set("context", "language", to=str.lower),
    "notation of a number": _set("result", "score", "raw", to=float),
    "one activity, not a list": _set("context", "contextActivities", "parent", to=lambda parents: parents[0]),
}
"""Thirteen that equivalence ignores."""


def changed(source: Source, change: Change) -> Source:
    """A document as a hand would have changed it."""
    made = copy.deepcopy(source)
    change(made)
    return made
