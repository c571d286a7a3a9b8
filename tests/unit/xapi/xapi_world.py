"""Statements to judge: a valid one to change, the shared data files, and mutations."""

from __future__ import annotations

import copy
import gzip
import json
import os
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Any

import pytest

from nljctl.judge import judge
from nljctl.judgement import Judgement, Origin

STRICT = frozenset[str]()
ORIGIN = Origin("xapi-events", 3, 41, 1_740_819_600_123)
SHARED = Path(os.environ.get("NLJCTL_SHARED_DATA") or Path(__file__).parents[4] / "shared" / "data")

UUID = "0b0f3f0e-6a0e-4c55-9a57-1b6f0c2f9d10"
OTHER_UUID = "5d8b1f9a-0000-4000-8000-000000000002"
IRI = "https://example.org/quiz"
X = "http://nlj.platform/extensions/"

Statement = dict[str, Any]


def statement(**properties: Any) -> Statement:
    """A valid statement with these properties; None leaves one out."""
    plain = {
        "id": UUID,
        "actor": {"objectType": "Agent", "name": "Ada", "mbox": "mailto:ada@example.org"},
        "verb": {"id": "http://adlnet.gov/expapi/verbs/answered", "display": {"en-US": "answered"}},
        "object": {"objectType": "Activity", "id": IRI, "definition": {"name": {"en-US": "Quiz"}, "type": "http://adlnet.gov/expapi/activities/course"}},
        "timestamp": "2025-03-01T09:00:00.000Z",
        "version": "1.0.3",
    }
    return copy.deepcopy({name: value for name, value in {**plain, **properties}.items() if value is not None})


def full_statement() -> Statement:
    """A valid statement that uses nearly every property there is."""
    agent = {"account": {"homePage": "https://example.org", "name": "ada"}}
    return statement(
        actor={"objectType": "Group", "mbox": "mailto:Team@Example.ORG", "member": [{"mbox": "mailto:b@example.org"}, agent]},
        object={
            "objectType": "Activity",
            "id": IRI,
            "definition": {
                "name": {"en": "Quiz"},
                "interactionType": "choice",
                "choices": [{"id": "a"}, {"id": "b", "description": {"de-CH": "B"}}],
                "correctResponsesPattern": ["a[,]b"],
                "extensions": {"https://example.org/x": {"deep": [1, 2.5, None]}},
            },
        },
        result={"score": {"scaled": 0.5, "raw": 5, "min": 0, "max": 10}, "success": True, "completion": False, "response": "a", "duration": "PT1M2.5S"},
        context={
            "registration": UUID.upper(),
            "instructor": agent,
            "team": {"objectType": "Group", "member": [agent]},
            "contextActivities": {"parent": {"id": "https://example.org/course"}, "other": [{"id": "https://example.org/o"}]},
            "platform": "web",
            "revision": "2",
            "language": "en-US",
            "statement": {"objectType": "StatementRef", "id": OTHER_UUID},
            "extensions": {"https://example.org/e": 1.0, "https://example.org/n": None},
        },
        authority={"objectType": "Group", "member": [agent, {"openid": "https://example.org/ada"}]},
        stored="2025-03-01T09:00:01+01:00",
        attachments=[
            {
                "usageType": "https://example.org/essay",
                "display": {"en": "Essay"},
                "contentType": "text/plain; charset=ascii",
                "length": 27,
                "sha2": "495395e777cd98da653df9615d09c0fd6bb2f8d4788394cd53c56a3bfdcd848a",
            }
        ],
    )


def sub_statement(**properties: Any) -> Statement:
    made = {"objectType": "SubStatement", **statement(id=None, version=None, timestamp=None), **properties}
    return {name: value for name, value in made.items() if value is not None}


def encoded(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False).encode()


def judged(value: Any, **options: Any) -> Judgement:
    """The judgement of a statement, or of a record's bytes."""
    return judge(value if isinstance(value, bytes) else encoded(value), ORIGIN, **options)


def rules(judgement: Judgement) -> list[str]:
    return [error.rule for error in judgement.errors]


def shared(name: str) -> Path:
    """A file of the shared data; skips the test where there is none."""
    path = SHARED / name
    if not path.exists():
        pytest.skip(f"{path} is not there: the shared data are no part of the project; NLJCTL_SHARED_DATA says where they are")
    return path


def conformance_cases() -> list[dict[str, Any]]:
    return [json.loads(line) for line in shared("xapi-1.0.3-cases.jsonl").read_text().splitlines()]


def real_lines() -> list[bytes]:
    return gzip.decompress(shared("statements-video-22k.json.gz").read_bytes()).splitlines()


STRANGE = (None, True, False, 0, -1, 1.0, 1e300, "", "x", "é\u2028", [], {}, [None], {"a": None}, {"id": UUID}, "http://x", UUID, "2025-01-01T00:00:00Z")


def mutations(originals: list[Statement], count: int, seed: int) -> Iterator[bytes]:
    """Statements with one to three things dropped, replaced, renamed, repeated or nested; some as damaged bytes."""
    chance = Random(seed)
    for _ in range(count):
        changed = copy.deepcopy(chance.choice(originals))
        for _ in range(chance.randint(1, 3)):
            _mutate(changed, chance)
        value = bytearray(encoded(changed))
        match chance.randrange(12):
            case 0:
                value[chance.randrange(len(value))] ^= 1 << chance.randrange(8)
            case 1:
                del value[chance.randrange(len(value)) :]
        yield bytes(value)


def _mutate(changed: Statement, chance: Random) -> None:
    places = [(parent, name) for parent in _containers(changed) for name in (list(parent) if isinstance(parent, dict) else range(len(parent)))]
    if not places:
        return
    parent, name = chance.choice(places)
    match chance.randrange(6):
        case 0:
            del parent[name]
        case 1:
            parent[name] = copy.deepcopy(chance.choice(STRANGE))
        case 2 if isinstance(parent, dict):
            parent[chance.choice((name.upper(), name + "_x", "objectType", "extensions", "member", "a_b"))] = parent.pop(name)
        case 3:
            parent[name] = [copy.deepcopy(parent[name])]
        case 4:
            parent[name] = {name if isinstance(name, str) else "id": copy.deepcopy(parent[name])}
        case _:
            other_parent, other = chance.choice(places)
            parent[name] = copy.deepcopy(other_parent[other]) if other in (other_parent if isinstance(other_parent, dict) else range(len(other_parent))) else 1


def _containers(value: Any) -> Iterator[Any]:
    if isinstance(value, (dict, list)):
        yield value
        for child in value.values() if isinstance(value, dict) else value:
            yield from _containers(child)
