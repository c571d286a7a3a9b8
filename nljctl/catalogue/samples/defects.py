"""What can be wrong with a record so that nothing mends it, as a table. Each defect spoils a good statement."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from nljctl.catalogue.samples.frame import JsonObject

_TOO_DEEP = 5_000


@dataclass(frozen=True, slots=True)
class Defect:
    """`spoil` gives the record's value."""

    name: str
    spoil: Callable[[JsonObject], bytes]


def _encode(statement: Any) -> bytes:
    return json.dumps(statement).encode()


def _with(**members: Any) -> Callable[[JsonObject], bytes]:
    return lambda statement: _encode({**statement, **members})


def _without(name: str) -> Callable[[JsonObject], bytes]:
    return lambda statement: _encode({key: value for key, value in statement.items() if key != name})


def _in(name: str, **members: Any) -> Callable[[JsonObject], bytes]:
    return lambda statement: _encode({**statement, name: {**statement.get(name, {}), **members}})


def _text(change: Callable[[bytes], bytes]) -> Callable[[JsonObject], bytes]:
    return lambda statement: change(_encode(statement))


DEFECTS: tuple[Defect, ...] = (
    Defect("not-json", _text(lambda value: value[: len(value) // 2])),
    Defect("not-utf-8", _text(lambda value: value[:-1] + b', "title": "caf\xe9"}')),
    Defect("empty-value", lambda _: b""),
    Defect("null", lambda _: b"null"),
    Defect("a-string", lambda _: b'"completed"'),
    Defect("an-empty-list", lambda _: b"[]"),
    Defect("test-id", _with(id="test-12345")),
    Defect("id-a-number", _with(id=12345)),
    Defect("no-actor", _without("actor")),
    Defect("no-verb", _without("verb")),
    Defect("no-object", _without("object")),
    Defect("nobody", _with(actor={"objectType": "Agent", "name": "Nobody"})),
    Defect(
        "two-identifiers",
        _with(actor={"name": "Sam Tech", "openid": "https://example.org/sam", "mbox_sha1sum": "ebd31e95054c018b10727ccffd2ef2ec3a016ee9"}),
    ),
    Defect("mbox-without-mailto", _with(actor={"objectType": "Agent", "name": "Sam Tech", "mbox": "sam@example.org"})),
    Defect("timestamp-in-words", _with(timestamp="yesterday at nine")),
    Defect("thirteenth-month", _with(timestamp="2025-13-01T09:00:00Z")),
    Defect("verb-a-word", _with(verb={"id": "completed", "display": {"en-US": "completed"}})),
    Defect("object-without-id", _with(object={"objectType": "Activity", "definition": {"name": {"en-US": "Torque specs"}}})),
    Defect("version-2", _with(version="2.0.0-draft")),
    Defect("score-above-1", _in("result", score={"scaled": 1.5})),
    Defect("duration-in-words", _in("result", duration="three minutes")),
    Defect("not-a-number", _in("result", score={"raw": float("nan")})),
    Defect("registration-a-word", _in("context", registration="spring")),
    Defect("too-deep", _text(lambda value: value[:-1] + b', "nested": ' + b"[" * _TOO_DEEP + b"]" * _TOO_DEEP + b"}")),
)
