"""Repairs of what the platform's producers are known to send wrong, as a table of pure functions.

A repair answers to something that xAPI forbids, so it never changes a valid statement, and leaves nothing to repair, so it is
idempotent. What it takes away is kept. Completing a statement as an LRS does is no repair (`complete.py`).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, TypeAlias

import msgspec

from nljctl.xapi.bulk import doubtful
from nljctl.xapi.formats import is_uuid
from nljctl.xapi.pointer import Path, pointer
from nljctl.xapi.vocabulary import VOIDED

EXTENSIONS: Final = "http://nlj.platform/extensions/"
CANCELLED: Final = "http://nlj.platform/verbs/cancelled"
PROGRAMS: Final = "http://nlj.platform/training-programs/"

_ENVELOPE: Final = ("producer_id", "producer_timestamp", "event_id")
_RESULT: Final = frozenset({"score", "success", "completion", "response", "duration", "extensions"})
_SNAKE_CASE: Final = re.compile(r"[a-z][a-z0-9]*(?:_[a-z0-9]+)+")
_WORD: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_\-]*")

_write: Final = msgspec.json.Encoder().encode

_MANY: Final = 100
"""More words out of place than this are no known defect of a producer, and are left to be rejected."""

_DEEPEST: Final = 12
"""No property that xAPI has outside extensions lies deeper."""

_MANY_NULLS: Final = 100_000
"""More than these are no known defect either."""

Object: TypeAlias = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Change:
    """A statement after a repair, and what the repair took away, by JSON pointer."""

    statement: Object
    removed: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Repair:
    """One row: `make` gives None for a statement that does not have the defect, and never alters what it is given."""

    name: str
    defect: str
    remedy: str
    make: Callable[[Object], Change | None]


def _without(statement: Object, names: Collection[str]) -> Object:
    return {name: value for name, value in statement.items() if name not in names}


def _part(statement: Object, name: str) -> Object:
    part = statement.get(name)
    return part if isinstance(part, dict) else {}


def _can_extend(statement: Object, name: str) -> bool:
    """Whether a property can take extensions: it is absent, or an object whose extensions are absent or an object."""
    part = statement.get(name, {})
    return isinstance(part, dict) and isinstance(part.get("extensions", {}), dict)


def _extended(part: Object, more: Mapping[str, Any]) -> Object:
    """A context or result with more extensions; those that it has stay as they are."""
    return {**part, "extensions": {**more, **part.get("extensions", {})}}


def _drop_envelope(statement: Object) -> Change | None:
    found = [name for name in _ENVELOPE if name in statement]
    if not found:
        return None
    return Change(_without(statement, found), {pointer((name,)): statement[name] for name in found})


def _null_value(statement: Object) -> Change | None:
    if not _may_hold_null(statement):
        return None
    nulls: list[Path] = []
    kept = _without_nulls(statement, (), nulls)
    return Change(kept, {pointer(path): None for path in nulls}) if nulls else None


def _may_hold_null(value: Any) -> bool:
    """Whether it is worth a walk, which is slow."""
    try:
        return 0 < _write(value).count(b"null") <= _MANY_NULLS
    except UnicodeEncodeError:
        return True


def _hold_no_null(items: list[Any]) -> bool:
    return not _may_hold_null(items)


def _without_nulls(value: Any, path: Path, nulls: list[Path]) -> Any:
    """Objects without their null members, extensions as they are. Nulls in arrays stay: taking one would move the others."""
    if len(path) > _DEEPEST:
        return value
    if isinstance(value, list):
        searched = doubtful(value, _hold_no_null)
        changed = {index: _without_nulls(item, (*path, index), nulls) for index, item in searched if item and isinstance(item, (dict, list))}
        return [changed.get(index, item) for index, item in enumerate(value)] if changed else value
    kept = {}
    for name, member in value.items():
        if member is None:
            nulls.append((*path, name))
        elif name != "extensions" and member and isinstance(member, (dict, list)):
            kept[name] = _without_nulls(member, (*path, name), nulls)
        else:
            kept[name] = member
    return kept


def _one_identifier(statement: Object) -> Change | None:
    actor = _part(statement, "actor")
    if "mbox" not in actor or "account" not in actor or not _can_extend(statement, "context"):
        return None
    context = _extended(_part(statement, "context"), {EXTENSIONS + "actor_account": actor["account"]})
    return Change({**statement, "actor": _without(actor, ("account",)), "context": context})


def _cancelled_not_voided(statement: Object) -> Change | None:
    verb, target = _part(statement, "verb"), statement.get("object")
    if verb.get("id") != VOIDED or not isinstance(target, dict) or target.get("objectType", "Activity") != "Activity":
        return None
    return Change({**statement, "verb": {**verb, "id": CANCELLED}}, {"/verb/id": VOIDED})


def _context_parent(statement: Object) -> Change | None:
    context = _part(statement, "context")
    parent, activities = context.get("parent"), context.get("contextActivities", {})
    if not isinstance(parent, dict) or not isinstance(parent.get("id"), str) or not isinstance(activities, dict) or "parent" in activities:
        return None
    removed = {}
    if is_uuid(parent["id"]):
        removed["/context/parent/id"] = parent["id"]
        parent = {**parent, "id": PROGRAMS + parent["id"]}
    moved = {**_without(context, ("parent",)), "contextActivities": {**activities, "parent": [parent]}}
    return Change({**statement, "context": moved}, removed)


def _top_level_words(statement: Object) -> Change | None:
    found = {name: value for name, value in statement.items() if _SNAKE_CASE.fullmatch(name)}
    if not 0 < len(found) <= _MANY or not _can_extend(statement, "context"):
        return None
    context = _part(statement, "context")
    removed = {pointer((name,)): value for name, value in found.items() if EXTENSIONS + name in context.get("extensions", {})}
    return Change({**_without(statement, found), "context": _extended(context, {EXTENSIONS + name: value for name, value in found.items()})}, removed)


def _extra_result_keys(statement: Object) -> Change | None:
    result = _part(statement, "result")
    found = {name: value for name, value in result.items() if name.lower() not in _RESULT and _WORD.fullmatch(name)}
    if not 0 < len(found) <= _MANY or not _can_extend(statement, "result"):
        return None
    removed = {pointer(("result", name)): value for name, value in found.items() if EXTENSIONS + name in result.get("extensions", {})}
    moved = _extended(_without(result, found), {EXTENSIONS + name: value for name, value in found.items()})
    return Change({**statement, "result": moved}, removed)


def _bare_extension_keys(statement: Object) -> Change | None:
    removed: dict[str, Any] = {}
    changed: Object = {name: part for name in ("context", "result") if (part := _with_iris(statement.get(name), (name,), removed)) is not None}
    target = statement.get("object")
    if isinstance(target, dict):
        definition = _with_iris(target.get("definition"), ("object", "definition"), removed)
        if definition is not None:
            changed["object"] = {**target, "definition": definition}
    return Change({**statement, **changed}, removed) if changed else None


def _with_iris(part: Any, path: Path, removed: dict[str, Any]) -> Object | None:
    """A context, result or definition whose extension keys are IRIs; None if none of them is a bare word. An IRI that is there already wins."""
    extensions = part.get("extensions") if isinstance(part, dict) else None
    if not isinstance(extensions, dict):
        return None
    bare = {key for key in extensions if ":" not in key and _WORD.fullmatch(key)}
    if not 0 < len(bare) <= _MANY:
        return None
    kept: Object = {}
    for key, value in extensions.items():
        name = EXTENSIONS + key if key in bare else key
        if name == key or name not in extensions:
            kept[name] = value
        else:
            removed[pointer((*path, "extensions", key))] = value
    return {**part, "extensions": kept}


REPAIRS: Final = (
    Repair("drop-envelope", "the producer's envelope beside the statement", "it is taken away and kept", _drop_envelope),
    Repair("null-value", "null where the specification wants absence", "the property is taken away", _null_value),
    Repair("one-identifier", "an actor with mbox and account", "mbox stays, the account becomes context extension actor_account", _one_identifier),
    Repair("cancelled-not-voided", "`voided` on an Activity", f"the verb becomes {CANCELLED}", _cancelled_not_voided),
    Repair("context-parent", "`parent` in the context", "it becomes contextActivities.parent; a bare UUID becomes the program's IRI", _context_parent),
    Repair("top-level-words", "snake_case words beside the statement, such as event_type", "they become context extensions", _top_level_words),
    Repair("extra-result-keys", "words in the result that xAPI does not have", "they become result extensions", _extra_result_keys),
    Repair("bare-extension-keys", "extension keys that are bare words", f"they are put under {EXTENSIONS}", _bare_extension_keys),
)
ALL_REPAIRS: Final = frozenset(repair.name for repair in REPAIRS)


@dataclass(frozen=True, slots=True)
class Repaired:
    """A statement after all its repairs: their names, and what they took away, by JSON pointer."""

    statement: Object
    repairs: tuple[str, ...]
    removed: Mapping[str, Any]


def repair(statement: Object, names: Collection[str] = ALL_REPAIRS) -> Repaired:
    """Makes the repairs of these names that the statement needs, in the table's order. Never raises."""
    made, removed = list[str](), dict[str, Any]()
    for row in REPAIRS:
        change = row.make(statement) if row.name in names else None
        if change is not None:
            statement = change.statement
            made.append(row.name)
            removed.update(change.removed)
    return Repaired(statement, tuple(made), removed)
