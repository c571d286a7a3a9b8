"""Which event of the catalogue a statement is: topic, verb, and the sign that tells forms apart. Interprets the table in `events.py`. Pure.

A verb that the topic's rows do not name gives no event, except on the topics of general xAPI (`xapi-events`,
`nlj.learning.activities`), where everything else is a `statement.general`. Statements are understood as producers send them
and as the repairs leave them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from nljctl.catalogue.event import Contract, Event, Form, Mark
from nljctl.catalogue.events import EVENTS
from nljctl.catalogue.names import X

_ANY = "*"
_ABSENT = object()


@dataclass(frozen=True, slots=True)
class Match:
    """The catalogue's name for a statement; `contract` is None where both producer contracts write it the same."""

    event: str
    contract: Contract | None


_Rows = Sequence[tuple[Form, Match]]


def classify(topic: str, statement: Mapping[str, Any]) -> Match | None:
    """The event that a statement on a topic is, or None if the catalogue knows none. Never raises, whatever the statement holds."""
    verb = _member(_member(statement, "verb"), "id")
    if not isinstance(verb, str):
        return None
    exact = _EXACT.get((topic, verb))
    if exact is not None:
        for form, match in exact:
            if not form.when or any(_shows(statement, mark) for mark in form.when):
                return match
    for word, form, match in _BY_WORD.get(topic, ()):
        if word in verb and (not form.when or any(_shows(statement, mark) for mark in form.when)):
            return match
    return None


def _shows(statement: Mapping[str, Any], mark: Mark) -> bool:
    match mark.place:
        case "context" | "result":
            found = [_extension(_member(statement, mark.place), mark.name)]
        case "status":
            found = [_extension(_member(statement, place), mark.name) for place in ("result", "context")]
        case "definition":
            found = [_extension(_member(_member(statement, "object"), "definition"), mark.name)]
        case "member":
            found = [_member(_member(statement, "result"), mark.name)]
        case "type":
            return bool(_member(_member(_member(statement, "object"), "definition"), "type") == mark.name)
        case "object":
            return str(_member(_member(statement, "object"), "id")).startswith(mark.name)
    if mark.values:
        return any(isinstance(value, str) and value in mark.values for value in found)
    return any(value is not _ABSENT and value is not None for value in found)


def _extension(parent: Any, name: str) -> Any:
    extensions = _member(parent, "extensions")
    value = _member(extensions, X + name)
    return _member(extensions, name) if value is _ABSENT else value


def _member(parent: Any, name: str) -> Any:
    return parent.get(name, _ABSENT) if isinstance(parent, dict) else _ABSENT


def _index(events: Sequence[Event]) -> tuple[dict[tuple[str, str], _Rows], dict[str, Sequence[tuple[str, Form, Match]]]]:
    """The table turned over: rows by topic and exact verb (those with signs first), and rows by topic for verbs that are told by a word."""
    exact: dict[tuple[str, str], list[tuple[Form, Match]]] = {}
    by_word: dict[str, list[tuple[str, Form, Match]]] = {}
    for event in events:
        for form in event.forms:
            match = Match(event.name, form.contract)
            for topic in form.topics or (event.topic,):
                for verb in form.verbs:
                    if verb.startswith(_ANY):
                        by_word.setdefault(topic, []).append((verb.removeprefix(_ANY), form, match))
                    else:
                        exact.setdefault((topic, verb), []).append((form, match))
    for rows in exact.values():
        rows.sort(key=lambda row: not row[0].when)
    return dict(exact), dict(by_word)


_EXACT, _BY_WORD = _index(EVENTS)
