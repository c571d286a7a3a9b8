"""Of which topic a statement in a file probably is: a file does not say, and events are told by their topic."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import msgspec

from nljctl.catalogue.events import EVENTS

GENERAL: Final = "xapi-events"


class _Definition(msgspec.Struct):
    type: str = ""


class _Object(msgspec.Struct):
    definition: _Definition = msgspec.field(default_factory=_Definition)


class _Verb(msgspec.Struct):
    id: str


class _Outline(msgspec.Struct):
    verb: _Verb
    object: _Object


def topic_of(line: bytes) -> str:
    """The topic of the first catalogue event with this verb and activity type; without one the topic of general xAPI."""
    try:
        outline = _read(line)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return GENERAL
    return _TOPICS.get((outline.verb.id, outline.object.definition.type), GENERAL)


def _index() -> Mapping[tuple[str, str], str]:
    topics: dict[tuple[str, str], str] = {}
    for event in EVENTS:
        for form in event.forms:
            for verb in form.verbs:
                topics.setdefault((verb, form.type), event.topic)
    return topics


_read: Final = msgspec.json.Decoder(_Outline).decode
_TOPICS: Final = _index()
