"""Which statements the legacy consumer sends where: two editions of its routing, as tables with one interpreter. Pure.

`as-shipped` is the original: nine rules that look at verb and content, never at the topic, and nineteen handlers, some of which
always break. `intended` is what it was meant to do: every statement of every topic goes to the LRS, every event has its effects.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from nljctl.catalogue.names import V, X
from nljctl.catalogue.topics import SUBSCRIBED

Statement = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Rule:
    """One branch of the original's router: a verb, and what it then asks of the statement. `event` gives a name, or None to fall through."""

    verb: str | None
    event: Callable[[Statement], str | None]


@dataclass(frozen=True, slots=True)
class Handler:
    """What the original did with a routed event.

    Attributes:
        sends: the statement goes to the LRS (only survey handlers sent any).
        changes: its change in Postgres works.
        needs: context extensions without which it raised KeyError.
        breaks: why it always raised.
    """

    sends: bool = False
    changes: bool = False
    needs: tuple[str, ...] = ()
    breaks: str = ""


@dataclass(frozen=True, slots=True)
class Edition:
    """A consumer's subscription and routing; `rules` None sends everything and changes everything."""

    name: str
    topics: tuple[str, ...]
    rules: tuple[Rule, ...] | None = None
    handlers: Mapping[str, Handler] | None = None


@dataclass(frozen=True, slots=True)
class Decision:
    """What becomes of a statement.

    Attributes:
        sends: it goes to the LRS.
        event: the only event whose effects count; "" for whatever event it is, None for none.
        why: where it does not go to the LRS, the reason, beginning with a slug: `no-route`, `no-handler`, `effects-only`, `router-raises`, `handler-raises`.
    """

    sends: bool
    event: str | None
    why: str = ""

    def effects(self, judged: str | None) -> bool:
        """Whether the event that the record was judged to be may change Postgres."""
        return self.event is not None and self.event in ("", judged)


class _RaisedError(Exception):
    """The original's router raised here (and swallowed it)."""


def decide(edition: Edition, statement: Statement) -> Decision:
    """What an edition does with a statement."""
    if edition.rules is None or edition.handlers is None:
        return Decision(sends=True, event="")
    try:
        event = _routed(edition.rules, statement)
    except _RaisedError as problem:
        return Decision(sends=False, event=None, why=f"router-raises: {problem}")
    if event is None:
        return Decision(sends=False, event=None, why="no-route")
    handler = edition.handlers.get(event)
    if handler is None:
        return Decision(sends=False, event=None, why=f"no-handler: {event}")
    if broken := handler.breaks or _missing(handler, statement):
        return Decision(sends=False, event=None, why=f"handler-raises: {event}: {broken}")
    return Decision(handler.sends, event if handler.changes else None, "" if handler.sends else f"effects-only: {event}")


def _routed(rules: tuple[Rule, ...], statement: Statement) -> str | None:
    verb = _member(_member(statement, "verb"), "id")
    for rule in rules:
        if rule.verb in (None, verb) and (event := rule.event(statement)):
            return event
    return None


def _missing(handler: Handler, statement: Statement) -> str:
    absent = [name for name in handler.needs if X + name not in _extensions(statement, "context")]
    return f"KeyError {', '.join(absent)}" if absent else ""


def _member(owner: Any, name: str) -> Any:
    """`owner.get(name, {})` as the original wrote it: absent is empty, but null, a list or a text raises at the next step."""
    if not isinstance(owner, Mapping):
        raise _RaisedError(f"{'null' if owner is None else type(owner).__name__} where {name} was looked for")
    return owner.get(name, {})


def _extensions(statement: Statement, place: str) -> Any:
    return _member(_member(statement, place), "extensions")


def _context(statement: Statement, name: str) -> Any:
    return _member(_extensions(statement, "context"), X + name)


def _result(statement: Statement, name: str) -> Any:
    return _member(_extensions(statement, "result"), X + name)


def _object_id(statement: Statement) -> str:
    found = _member(_member(statement, "object"), "id") or ""
    if not isinstance(found, str):
        raise _RaisedError(f"{type(found).__name__} as object id")
    return found


def _of_a_survey(event: str) -> Callable[[Statement], str | None]:
    return lambda statement: event if _context(statement, "parent_survey") else None


def _survey_completed(statement: Statement) -> str | None:
    return "survey.completed" if "survey" in _object_id(statement).lower() or _context(statement, "parent_survey") else None


def _generation(statement: Statement) -> str | None:
    status = _result(statement, "generation_status") or _context(statement, "generation_status")
    return f"content.generation.{status}" if status else None


def _by_object(*pairs: tuple[str, str]) -> Callable[[Statement], str | None]:
    return lambda statement: next((event for word, event in pairs if word in _object_id(statement)), None)


def _named(statement: Statement) -> str | None:
    name = _context(statement, "event_type")
    return str(name) if name else None


_OWN_VERBS = X + "verbs/"
"""Verbs that the router knows and no producer has ever sent."""

RULES: tuple[Rule, ...] = (
    Rule(V + "answered", _of_a_survey("survey.answered")),
    Rule(V + "completed", _survey_completed),
    Rule(V + "authored", _generation),
    Rule(V + "registered", _by_object(("program", "program.created"), ("session", "booking.requested"))),
    Rule(V + "attended", _by_object(("session", "attendance.checked_in"))),
    Rule(_OWN_VERBS + "scheduled", lambda _: "session.scheduled"),
    Rule(_OWN_VERBS + "cancelled", _by_object(("session", "session.cancelled"), ("booking", "booking.cancelled"))),
    Rule(V + "experienced", _of_a_survey("survey.started")),
    Rule(None, _named),
)

_NO_HISTORY = "AttributeError metadata_"
_NO_COLUMNS = "columns that the table does not have"

HANDLERS: Mapping[str, Handler] = {
    "survey.started": Handler(sends=True),
    "survey.answered": Handler(sends=True),
    "survey.completed": Handler(sends=True),
    "content.generation.requested": Handler(changes=True),
    "content.generation.started": Handler(changes=True),
    "content.generation.progress": Handler(),
    "content.generation.completed": Handler(changes=True),
    "content.generation.failed": Handler(changes=True),
    "content.generation.modified": Handler(breaks=_NO_HISTORY),
    "content.generation.imported": Handler(breaks=_NO_HISTORY),
    "content.generation.reviewed": Handler(breaks=_NO_HISTORY),
    "program.created": Handler(changes=True),
    "program.published": Handler(changes=True),
    "session.scheduled": Handler(changes=True),
    "session.cancelled": Handler(changes=True),
    "booking.requested": Handler(changes=True, needs=("registration_method",)),
    "booking.cancelled": Handler(changes=True),
    "attendance.checked_in": Handler(breaks=_NO_COLUMNS),
    "attendance.completed": Handler(breaks=_NO_COLUMNS),
}

INTENDED = Edition("intended", SUBSCRIBED)
AS_SHIPPED = Edition(
    "as-shipped",
    ("nlj.content.generation", "nlj.survey.responses", "nlj.training.bookings", "nlj.training.programs", "nlj.training.sessions", "xapi-events"),
    RULES,
    HANDLERS,
)
EDITIONS: Mapping[str, Edition] = {edition.name: edition for edition in (INTENDED, AS_SHIPPED)}
