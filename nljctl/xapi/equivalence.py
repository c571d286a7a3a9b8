"""When two statements are the same (xAPI 1.0.3 Data 2.3.1): the normal form that equivalent statements share, and its digest. Pure and total."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any, Final, TypeAlias

import msgspec

Part: TypeAlias = Callable[[Any], Any]
Parts: TypeAlias = tuple[tuple[str, Part], ...]

EQUIVALENCE: Final[Mapping[str, str]] = {
    "set-by-lrs": "`stored`, `authority` and `version` are left out",
    "timestamp-zone": "timestamps are written in UTC, without trailing zeros of the fraction",
    "verb-display": "a verb's `display` is left out",
    "activity-definition": "an Activity's `definition` is left out",
    "group-order": "the members of a Group are sorted",
    "one-activity-is-a-list": "a single context activity is written as an array of one, as an LRS must return it",
    "letter-case": "UUIDs, mail domains, hexadecimal digests, language tags and media types are written in lower case",
    "number-notation": "a number that is whole, of at most 64 bits, is written without fraction and exponent",
}
"""What equivalent statements may differ in, and what the normal form makes of it. Everything else counts, durations to the letter."""

DIGEST_LENGTH: Final = 32
"""In hexadecimal digits, so 128 bits."""

_encode: Final = msgspec.json.Encoder(order="sorted").encode
_write: Final = msgspec.json.Encoder().encode
_LEAST: Final = -(2.0**63)
_BEYOND: Final = 2.0**64
"""Larger whole numbers stay as they are: 1e300, of five characters, has three hundred digits."""

_ZONED: Final = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d)(:\d\d(?:\.\d+)?)([+-])(\d\d):?(\d\d)?", re.ASCII)


def digests(statement: dict[str, Any]) -> tuple[str, str]:
    """The digests of any JSON object whose numbers are plain (`plain_numbers`): equal if and only if equivalent. 128 bits each, in hex.

    Gives that of the whole normal form, and that of its content: without id and timestamp, which a store gives to a statement
    that lacks them. Uses the statement up: what it holds afterwards is no statement.
    """
    normalise(statement)
    id_, timestamp = statement.pop("id", None), statement.pop("timestamp", None)
    content = hashlib.sha256(_bytes(statement))
    whole = content.copy()
    whole.update(_bytes((id_, timestamp)))
    return whole.hexdigest()[:DIGEST_LENGTH], content.hexdigest()[:DIGEST_LENGTH]


def normalise(statement: dict[str, Any]) -> None:
    """Turns a statement into its normal form, in place: what equivalent statements may differ in is taken out or written in one way."""
    statement.pop("stored", None)
    statement.pop("authority", None)
    statement.pop("version", None)
    _each(statement, _STATEMENT)


def plain_numbers(value: Any) -> Any:
    """A copy in which every number that is whole and of at most 64 bits is an integer, as `number_of` reads them (number-notation)."""
    try:
        return _read(_write(value))
    except (UnicodeEncodeError, TypeError, msgspec.DecodeError):
        return _walked(value)


def _walked(value: Any) -> Any:
    """The same for what JSON cannot carry, such as half of a surrogate pair."""
    if isinstance(value, dict):
        return {name: _walked(member) for name, member in value.items()}
    if isinstance(value, list):
        return [_walked(item) for item in value]
    return plain_number(value) if isinstance(value, float) else value


def number_of(text: str) -> float:
    """Reads a JSON number with fraction or exponent.

    Raises:
        ValueError: it is beyond the range of a double.
    """
    number = float(text)
    if number.is_integer():
        return int(number) if _LEAST <= number < _BEYOND else number
    if number - number != 0:
        raise ValueError(text)
    return number


def plain_number(number: float) -> float:
    """A number as the normal form has it (number-notation)."""
    return int(number) if _LEAST <= number < _BEYOND and number.is_integer() else number


_read: Final = msgspec.json.Decoder(float_hook=number_of).decode


def _bytes(normal: Any) -> bytes:
    try:
        return _encode(normal)
    except (UnicodeEncodeError, TypeError, RecursionError):
        return json.dumps(normal, sort_keys=True, default=str).encode()


def _each(parent: dict[str, Any], parts: Parts) -> None:
    """Puts the properties of an object that have a normal form of their own into it."""
    for name, part in parts:
        if name in parent:
            parent[name] = part(parent[name])


def _lower(value: Any) -> Any:
    return value.lower() if isinstance(value, str) else value


def instant(value: Any) -> Any:
    """A timestamp in UTC. One without zone, or that is none, stays as it is."""
    if not isinstance(value, str):
        return value
    if value.endswith("Z"):
        moment = value[:-1]
    elif value.endswith("+00:00"):
        moment = value[:-6]
    else:
        return _shifted(value)
    return (moment.rstrip("0").rstrip(".") if moment[19:20] == "." else moment) + "Z"


def _shifted(value: str) -> str:
    """The same for a zone that is written otherwise."""
    match = _ZONED.fullmatch(value)
    if match is None:
        return value
    there, seconds, sign, hours, more = match.groups()
    offset = timedelta(hours=int(hours), minutes=int(more or 0))
    try:
        minutes = datetime.fromisoformat(there)
        here = minutes - offset if sign == "+" else minutes + offset
    except (ValueError, OverflowError):
        return value
    return str(instant(f"{here.isoformat(timespec='minutes')}{seconds}Z"))


def _verb(value: Any) -> Any:
    if isinstance(value, dict):
        value.pop("display", None)
    return value


def _mbox(value: Any) -> Any:
    return lower_domain(value) if isinstance(value, str) else value


def lower_domain(mbox: str) -> str:
    """A mail address with its domain in lower case."""
    local, at, domain = mbox.rpartition("@")
    return local + at + domain.lower()


def _members(value: Any) -> Any:
    if not isinstance(value, list):
        return value
    for member in value:
        if member:
            _actor(member)
    try:
        return sorted(value, key=_encode)
    except (UnicodeEncodeError, TypeError, RecursionError):
        return sorted(value, key=_bytes)


def _actor(value: Any) -> Any:
    if isinstance(value, dict) and not _IN_ACTOR.isdisjoint(value):
        _each(value, _ACTOR)
    return value


def _activity(value: Any) -> Any:
    if isinstance(value, dict):
        value.pop("definition", None)
    return value


def _reference(value: Any) -> Any:
    if isinstance(value, dict) and "id" in value:
        value["id"] = _lower(value["id"])
    return value


def _sub_statement(value: Any) -> Any:
    normalise(value)
    return value


def _object(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    type_ = value.get("objectType", "Activity")
    part = _OBJECTS.get(type_) if isinstance(type_, str) else None
    return value if part is None else part(value)


def _context_activities(value: Any) -> Any:
    if isinstance(value, dict):
        for name, some in value.items():
            value[name] = list(map(_activity, some)) if isinstance(some, list) else [_activity(some)]
    return value


def _context(value: Any) -> Any:
    if isinstance(value, dict):
        _each(value, _CONTEXT)
    return value


def _media_type(value: Any) -> Any:
    return lower_type(value) if isinstance(value, str) else value


def lower_type(media_type: str) -> str:
    """A media type in lower case, its parameters as they are."""
    type_, semicolon, parameters = media_type.partition(";")
    return type_.lower() + semicolon + parameters


def _language_map(value: Any) -> Any:
    return {tag.lower(): words for tag, words in value.items()} if isinstance(value, dict) else value


def _attachments(value: Any) -> Any:
    for attachment in value if isinstance(value, list) else ():
        if isinstance(attachment, dict):
            _each(attachment, _ATTACHMENT)
    return value


_ACTOR: Final[Parts] = (("mbox", _mbox), ("mbox_sha1sum", _lower), ("member", _members))
_IN_ACTOR: Final = frozenset(name for name, _ in _ACTOR)
_ATTACHMENT: Final[Parts] = (("sha2", _lower), ("contentType", _media_type), ("display", _language_map), ("description", _language_map))
_CONTEXT: Final[Parts] = (
    ("registration", _lower),
    ("language", _lower),
    ("instructor", _actor),
    ("team", _actor),
    ("statement", _reference),
    ("contextActivities", _context_activities),
)
_STATEMENT: Final[Parts] = (
    ("id", _lower),
    ("timestamp", instant),
    ("actor", _actor),
    ("verb", _verb),
    ("object", _object),
    ("context", _context),
    ("attachments", _attachments),
)
_OBJECTS: Final[Mapping[str, Part]] = {
    "Activity": _activity,
    "Agent": _actor,
    "Group": _actor,
    "StatementRef": _reference,
    "SubStatement": _sub_statement,
}
