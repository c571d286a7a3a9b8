"""A month of statements as producers send them: the catalogue's samples spread over thirty days, and made ones for what samples do not have."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any
from uuid import UUID

from nljctl.catalogue.names import NP, A, N, V, X
from nljctl.catalogue.people import PEOPLE
from nljctl.catalogue.samples.generate import generate
from nljctl.catalogue.samples.sample import SampleRequest

Statement = dict[str, Any]

BEGIN = datetime(2025, 3, 1, tzinfo=UTC)
NOW = datetime(2025, 3, 30, 18, 30, tzinfo=UTC)
SAMPLES = 700
MADE = 900

CLIMATE = "36aa0000-0000-4000-8000-000000000021"
CLIMATE_TOO = "36aa0000-0000-4000-8000-000000000022"
SECOND_BREATH = "5b7c0000-0000-4000-8000-000000000001"
QUESTIONS = {
    "q1": "likert_scale",
    "q2": "nps",
    "q3": "rating",
    "q4": "binary",
    "q5": "multiple_choice",
    "q6": "text",
}
LONG = "I would like to say more than fits. " * 40


def month(seed: int = 7) -> list[Statement]:
    """Statements in the order in which they are published. All are ones that the judge stores."""
    chance = Random(seed)
    return [*_first(), *_samples(chance), *(statement for n in range(MADE) for statement in _made(n, chance))]


def _samples(chance: Random) -> Iterator[Statement]:
    for sample in generate(SampleRequest(SAMPLES, contract="both", seed=chance.randrange(1_000))):
        statement = json.loads(json.dumps(sample.statement))
        yield {**statement, "timestamp": _moment(chance).isoformat()}


def _first() -> Iterator[Statement]:
    """What a dynamic mapping goes by: a score that is a whole number, so that it takes all scores for such."""
    yield _statement(_id(900_001), "sam", V + "passed", N + "activities/first", BEGIN, {"success": True, "score": {"scaled": 1, "raw": 1}})
    yield _statement(_id(900_002), "sam", V + "passed", N + "activities/first", BEGIN, {"success": True, "score": {"scaled": 0.123456789}})


def _made(n: int, chance: Random) -> Iterator[Statement]:
    who, when = chance.choice(("sam", "zoe", "ada", "yusuf", "karin", f"guest{n % 40}")), _moment(chance)
    kind = chance.choice(("answer", "answer", "answer", "ending", "study", "study", "study", "job", "node", "odd"))
    if kind == "answer":
        yield _answer(n, who, when, chance)
    elif kind == "ending":
        yield _ending(n, who, when, chance)
    elif kind == "study":
        yield _study(n, who, when, chance)
    elif kind == "job":
        verb = chance.choice(("launched", "completed"))
        yield _statement(_id(n), who, V + verb, N + f"content-generation-sessions/{n % 5}", when, {"completion": True}, N + "activities/content-generation")
    elif kind == "node":
        context = {X + "response_time_ms": chance.randrange(500, 9_000), X + "attempts": 1}
        result = {"success": chance.random() < 0.6} if chance.random() < 0.8 else None
        verb = chance.choice(("answered", "experienced", "completed"))
        yield _statement(_id(n), who, V + verb, f"node://{UUID(int=n % 3 + 1)}", when, result, None, context)
    else:
        yield _odd(n, who, when, chance)


def _answer(n: int, who: str, when: datetime, chance: Random) -> Statement:
    survey = chance.choice((CLIMATE, CLIMATE, CLIMATE_TOO, SECOND_BREATH))
    question, type_ = chance.choice(list(QUESTIONS.items()))
    place = chance.choice((f"{N}questions/{question}", f"{N}content/{survey}/question/{question}", f"{N}activities/{question}"))
    context: dict[str, Any] = {X + "question_type": type_, X + "parent_survey": chance.choice((survey, f"{N}content/{survey}"))}
    if chance.random() < 0.5:
        context[X + "question_id"] = question
    if chance.random() < 0.8:
        context |= {X + "department": chance.choice(("Service", "Parts", "Sales", "Body shop", f"Branch {n % 60}")), X + "tenure": chance.choice((1, 2, 5))}
    if n % 7 == 0:  # as bare words, which a repair puts under their IRI
        context = {key.removeprefix(X): value for key, value in context.items()}
    if n % 11 == 0 and X + "department" in context:
        context |= {"department": "not this one"}
    result = _result(type_, n, chance)
    statement = _statement(_id(n), who, V + "answered", place, when, result, A + "cmi.interaction", context)
    if n % 13 == 0:
        statement["actor"] = {"objectType": "Agent", "account": {"homePage": N.rstrip("/"), "name": PEOPLE[n % len(PEOPLE)].id}}
    return statement


def _result(type_: str, n: int, chance: Random) -> dict[str, Any] | None:
    if chance.random() < 0.05:
        return {"completion": True}
    if type_ == "text":
        return {"response": chance.choice(("More practice", "Nothing", "Längere Pausen", LONG, LONG + "!", "7")), "completion": True}
    if type_ == "multiple_choice":
        return {"response": chance.choice(("red", "green", "blue"))}
    low, high = {"likert_scale": (1, 5), "nps": (0, 10), "rating": (1, 5), "binary": (0, 1)}[type_]
    raw = chance.randint(low, high) if chance.random() < 0.97 else 42
    if type_ == "binary":
        return {"response": chance.choice(("true", "yes", "1") if raw else ("false", "no", "0")), "success": bool(raw)}
    response = {"response": chance.choice((str(raw), f"{raw}.0"))} if chance.random() < 0.9 else {}
    return {**response, "score": {"raw": raw, "scaled": round((min(raw, high) - low) / (high - low), chance.choice((2, 3, 7)))}, "completion": True}


def _ending(n: int, who: str, when: datetime, chance: Random) -> Statement:
    survey = chance.choice((CLIMATE, CLIMATE_TOO))
    target, context = chance.choice(
        (
            (f"{N}content/{survey}", {X + "parent_survey": f"{N}content/{survey}"}),
            (f"{NP}activities/{survey}", {}),
            (f"{N}activities/{survey}", {"parent_survey": survey}),
            (f"{N}content/{survey}", {X + "parent_survey": SECOND_BREATH}),
        )
    )
    result = {"completion": chance.random() < 0.9, "duration": chance.choice((f"PT{n}S", "PT3M20.5S", "P1DT2H", "PT0S"))}
    return _statement(_id(n), who, V + "completed", target, when, result, A + "survey", context)


def _study(n: int, who: str, when: datetime, chance: Random) -> Statement:
    activity = N + f"activities/{n % 30}" if chance.random() < 0.95 else N + "activities/" + "long-name-" * 60 + str(n % 3)
    verb = V + chance.choice(("attempted", "experienced", "completed", "passed", "failed", "suspended"))
    result: dict[str, Any] = {}
    if chance.random() < 0.6:
        result["score"] = {"scaled": chance.choice((0, 0.0, 1, -0.25, 0.9, 0.755, round(chance.random(), 2), round(chance.random(), 6)))}
    if chance.random() < 0.5:
        result["success"] = chance.random() < 0.7
    if chance.random() < 0.4:
        result["completion"] = chance.random() < 0.8
    if chance.random() < 0.7:
        result["duration"] = chance.choice((f"PT{chance.randrange(900)}S", "PT1H", "PT0.25S", "P1W"))
    context = {X + "activity_type": chance.choice(("training", "game")), X + "program_id": str(UUID(int=n % 4 + 1))}
    return _statement(_id(n), who, verb, activity, when, result or None, N + "activitytypes/training", context)


def _odd(n: int, who: str, when: datetime, chance: Random) -> Statement:
    """Rare but valid: a cancelled booking as `voided`, a time with a zone, an object without a type, a null."""
    choice = n % 4
    if choice == 0:
        return _statement(_id(n), who, V + "voided", N + f"training-sessions/{n}", when, None, A + "meeting")
    if choice == 1:
        zoned = when.astimezone(UTC).replace(tzinfo=None) + timedelta(hours=14)
        return {**_statement(_id(n), who, V + "interacted", N + "activities/zone", when, None), "timestamp": f"{zoned.isoformat()}+14:00"}
    if choice == 2:
        return _statement(_id(n), who, "https://w3id.org/xapi/video/verbs/paused", f"https://videos.example.org/{n % 9}", when, None)
    return {
        **_statement(_id(n), who, V + "experienced", N + "activities/nulls", when, None),
        "result": {"score": None, "completion": None, "duration": "PT30S"},
    }


def _statement(
    id_: str, who: str, verb: str, target: str, when: datetime, result: Statement | None, type_: str | None = None, context: Statement | None = None
) -> Statement:
    statement: Statement = {
        "id": id_,
        "version": "1.0.3",
        "timestamp": when.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "actor": {"objectType": "Agent", "name": who.capitalize(), "mbox": f"mailto:{who}@example.org"},
        "verb": {"id": verb, "display": {"en-US": verb.rsplit("/", 1)[-1]}},
        "object": {"id": target, **({"definition": {"name": {"en-US": "Something"}, "type": type_}} if type_ else {})},
    }
    if result is not None:
        statement["result"] = result
    if context:
        statement["context"] = {"extensions": context}
    return statement


def _id(n: int) -> str:
    return str(UUID(int=(1 << 100) + n, version=4))


def _moment(chance: Random) -> datetime:
    """In March, so that the first and the last day have gaps between them."""
    return BEGIN + timedelta(days=chance.choice((0, 1, 2, 5, 8, 13, 21, 27, 28, 29)), seconds=chance.randrange(86_400))
