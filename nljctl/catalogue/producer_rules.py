"""What the platform's own producer asks of training and content statements beyond xAPI. It warns of what breaks these rules and sends it all the same.

So do we: a broken rule is a warning of the judgement and rejects nothing. Statements are looked at as repairs leave them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from nljctl.catalogue.events import EVENTS
from nljctl.catalogue.names import A, N, X
from nljctl.judgement import Violation

SECTION: Final = "producer schema"

_TYPES: Final = frozenset({A + name for name in ("course", "meeting", "badge", "question", "cmi.interaction")} | {N + "activities/content-generation"})
_LOWER_UUID: Final = re.compile(r"[0-9a-f\-]{36}")
_STATUSES: Final = {"requested": "requested", "started": "started", "progress": "progressing", "completed": "completed", "failed": "failed"}
_MODIFICATIONS: Final = ("manual_edit", "flow_editor_change", "regeneration", "parameter_update")
_IMPORTS: Final = ("trivie_excel", "nlj_json", "external_source", "template")
_REVIEWS: Final = ("approved", "rejected", "needs_revision", "pending")

Place = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ProducerRule:
    """One rule: the value at `place` (None if there is none) must be as `holds` says. `events` that it is for; all that are checked if empty."""

    name: str
    place: Place
    holds: Callable[[Any], bool]
    wish: str
    events: tuple[str, ...] = ()


def _one_of(*words: str) -> Callable[[Any], bool]:
    return lambda value: isinstance(value, str) and value in words


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and bool(value.strip())


def _is_positive(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value > 0


def _is_percentage(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and 0 <= value <= 100


def _has_english(value: Any) -> bool:
    return isinstance(value, dict) and _is_text(value.get("en-US"))


def _of_ours(value: Any) -> bool:
    return value is None or (isinstance(value, dict) and all(key.startswith(X) for key in value))


def _context(name: str) -> Place:
    return ("context", "extensions", X + name)


def _result(name: str) -> Place:
    return ("result", "extensions", X + name)


_TABLE: Final = (
    ProducerRule("producer-id", ("id",), lambda value: isinstance(value, str) and _LOWER_UUID.fullmatch(value) is not None, "36 characters in lower case"),
    ProducerRule("producer-version", ("version",), _one_of("1.0.3"), "1.0.3"),
    ProducerRule("producer-actor-name", ("actor", "name"), lambda value: isinstance(value, str) and 1 <= len(value) <= 100, "1 to 100 characters"),
    ProducerRule("producer-actor-mbox", ("actor", "mbox"), _is_text, "there"),
    ProducerRule("producer-verb-display", ("verb", "display"), _has_english, "there in en-US"),
    ProducerRule("producer-object-id", ("object", "id"), lambda value: isinstance(value, str) and value.startswith(N), f"an IRI under {N}"),
    ProducerRule("producer-object-name", ("object", "definition", "name"), _has_english, "there in en-US"),
    ProducerRule("producer-object-type", ("object", "definition", "type"), _one_of(*_TYPES), "a type of the platform"),
    ProducerRule("producer-context", ("context",), lambda value: value is not None, "there"),
    ProducerRule("producer-extension", ("context", "extensions"), _of_ours, f"keyed by IRIs under {X}"),
    ProducerRule("producer-program", _context("program_id"), _is_text, "there", ("session.scheduled",)),
    ProducerRule("producer-start", _context("start_time"), _is_text, "there", ("session.scheduled",)),
    ProducerRule("producer-end", _context("end_time"), _is_text, "there", ("session.scheduled",)),
    ProducerRule("producer-capacity", _context("capacity"), _is_positive, "a whole number above 0", ("session.scheduled",)),
    ProducerRule("producer-booking", _context("booking_id"), _is_text, "there", ("booking.requested",)),
    ProducerRule("producer-method", _context("registration_method"), _is_text, "there", ("booking.requested",)),
    ProducerRule("producer-position", _context("waitlist_position"), _is_positive, "a whole number above 0", ("booking.waitlisted",)),
    ProducerRule(
        "producer-sources",
        _context("source_document_ids"),
        lambda value: isinstance(value, list) and bool(value),
        "a list that is not empty",
        ("content.generation.requested",),
    ),
    ProducerRule("producer-prompt", _context("prompt_config"), lambda value: value is not None, "there", ("content.generation.requested",)),
    *(
        ProducerRule("producer-status", _result("generation_status"), _one_of(status), status, (f"content.generation.{event}",))
        for event, status in _STATUSES.items()
    ),
    ProducerRule("producer-completion", ("result", "completion"), lambda value: value is True, "true", ("content.generation.completed",)),
    ProducerRule("producer-error", _context("error_message"), _is_text, "there", ("content.generation.failed",)),
    ProducerRule("producer-percentage", _result("progress_percentage"), _is_percentage, "from 0 to 100", ("content.generation.progress",)),
    ProducerRule("producer-modification", _context("modification_type"), _one_of(*_MODIFICATIONS), "a known type", ("content.generation.modified",)),
    ProducerRule("producer-import-source", _context("import_source"), _is_text, "there", ("content.generation.imported",)),
    ProducerRule("producer-import-type", _context("import_type"), _one_of(*_IMPORTS), "a known type", ("content.generation.imported",)),
    ProducerRule("producer-review", _result("review_status"), _one_of(*_REVIEWS), "a known status", ("content.generation.reviewed",)),
)

RULES: Final[Mapping[str, Sequence[ProducerRule]]] = {
    event.name: tuple(rule for rule in _TABLE if not rule.events or event.name in rule.events) for event in EVENTS if event.family in ("training", "content")
}
"""The rules of each event that has any."""


def producer_warnings(event: str, statement: Mapping[str, Any]) -> tuple[Violation, ...]:
    """The producer's rules that a statement of an event breaks."""
    return tuple(_warning(rule) for rule in RULES.get(event, ()) if not rule.holds(_at(statement, rule.place)))


def _at(value: Any, place: Place) -> Any:
    for name in place:
        value = value.get(name) if isinstance(value, dict) else None
    return value


def _warning(rule: ProducerRule) -> Violation:
    pointer = "".join("/" + name.replace("~", "~0").replace("/", "~1") for name in rule.place)
    name = rule.place[-1].removeprefix(X)
    return Violation(rule.name, pointer, f'The platform\'s producer wants "{name}" to be {rule.wish}.', SECTION)
