"""From a record's bytes to a JSON value, or to the reason why there is none. Everything that JSON itself demands is decided here."""

from __future__ import annotations

import json
import re
from array import array
from collections import Counter
from dataclasses import dataclass
from itertools import accumulate, islice
from typing import Any, Final

import msgspec

from nljctl.judgement import Reason, Violation
from nljctl.xapi.pointer import Path
from nljctl.xapi.report import Report, excerpt

MAX_BYTES: Final = 10_000_000
"""The largest record that is read; larger ones are never decoded."""

MAX_DEPTH: Final = 100
"""How deep objects and arrays may be nested."""

MAX_VALUES: Final = 400_000
"""Members and items of all objects and arrays together. Ten million bytes can hold five million of them, and each costs a hundred times its byte."""

_MAX_REPEATS: Final = 30
_MAX_NAMES: Final = 100_000
"""Of more names, objects and arrays it is not said where a name occurs twice."""

_ROUND: Final = bytes.maketrans(b"[{]}", b"(())")
_ONE_MARK: Final = bytes.maketrans(b"[{", b",,")
_NOT_MARKS: Final = bytes(set(range(256)) - set(b',[{"'))
_NOT_STRUCTURE: Final = bytes(set(range(256)) - set(b'[]{}"'))
_STEPS: Final = bytes.maketrans(b"()<>", b"\x01\xff\x04\xfc")
_LEAF_PASSES: Final = 4
_BOM: Final = b"\xef\xbb\xbf"
_AT_BYTE: Final = re.compile(r"\(byte (\d+)\)")
_NOT_NUMBERS: Final = re.compile(rb"-?(?:NaN|Infinity)")
_write: Final = msgspec.json.Encoder().encode


def finite(text: str) -> float:
    """Reads a JSON number with fraction or exponent, in bounded time; the decoder itself takes a hundred times longer for 1e300.

    Raises:
        ValueError: it is beyond the range of a double.
    """
    number = float(text)
    if number - number != 0:
        raise ValueError(_OUT_OF_RANGE)
    return number


_OUT_OF_RANGE: Final = "Number out of range"
_read: Final = msgspec.json.Decoder(float_hook=float).decode
_read_finite: Final = msgspec.json.Decoder(float_hook=finite).decode


@dataclass(frozen=True, slots=True)
class Decoded:
    """What the bytes hold. With a `reason` they hold nothing that can be judged further and `value` is None."""

    value: Any = None
    reason: Reason | None = None
    errors: tuple[Violation, ...] = ()


def decode(value: bytes | None) -> Decoded:
    """Decodes one record: UTF-8, one JSON text, finite numbers, at most MAX_BYTES long and MAX_DEPTH deep, no name twice in an object.

    Names that occur twice leave a value (the last one counts) and errors beside it. Never raises.
    """
    if value is None:
        return _refused(Reason.NOT_JSON, "XAPI-00014", "The record has no value.")
    if len(value) > MAX_BYTES:
        return _refused(Reason.TOO_LARGE, "max-bytes", f"The record has {len(value):,} bytes; at most {MAX_BYTES:,} are read.")
    if crowded(value):
        return _refused(Reason.TOO_LARGE, "max-values", f"The record has more than {MAX_VALUES:,} values in its objects and arrays.")
    if not value or value.isspace():
        return _refused(Reason.NOT_JSON, "XAPI-00014", "The record is empty.")
    try:
        decoded = _read(value)
        written = _write(decoded)
        repeats = _loses_names(value, written)
        if repeats or written.count(b"null") != value.count(b"null"):
            # What is infinite is written as null; only then is it worth the time to ask each number.
            decoded = _read_finite(value)
    except RecursionError:
        return _too_deep()
    except (msgspec.DecodeError, UnicodeDecodeError) as problem:
        return _unreadable(value, problem)
    if deeper_than(value, MAX_DEPTH):
        return _too_deep()
    return Decoded(decoded, errors=_names_twice(value) if repeats else ())


def names_repeat(value: bytes, decoded: Any) -> bool:
    """Whether a name occurs twice in an object of this JSON text. `decoded` is what it was read as, plain or typed."""
    return _loses_names(value, _write(decoded))


def _loses_names(value: bytes, written: bytes) -> bool:
    """Whether what was read of this JSON text and written again has fewer names.

    A repeated name loses at least the two quotes around it when it is read; written again, everything else has the quotes
    that it had, as quotes or as escapes of them.
    """
    quotes = value.count(b'"')
    if b"\\" in value and b"\\u0022" in value:
        quotes += value.replace(b"\\\\", b"").count(b"\\u0022")
    return quotes != written.count(b'"')


def crowded(text: bytes) -> bool:
    """Whether this JSON text has more than `MAX_VALUES` values: brackets that open and commas, outside its strings."""
    if len(text) <= MAX_VALUES or text.count(b",") + text.count(b"[") + text.count(b"{") <= MAX_VALUES:
        return False
    if b"\\" in text:
        text = text.replace(b"\\\\", b"").replace(b'\\"', b"")
    marks = text.translate(_ONE_MARK, _NOT_MARKS).replace(b'""', b"")
    return sum(map(len, marks.split(b'"')[::2])) > MAX_VALUES


def deeper_than(text: bytes, limit: int) -> bool:
    """Whether this JSON text nests objects and arrays deeper. Looks at the text, as a tree of a million arrays is slow to walk.

    What opens and closes at once is the innermost level; without it everything is one level less deep.
    """
    if text.count(b"{") + text.count(b"[") <= limit:
        return False
    brackets = _brackets(text)
    for passed in range(_LEAF_PASSES):
        if len(brackets) <= 2 * (limit - passed):
            return False
        brackets = brackets.replace(b"()", b"")
    runs = brackets.replace(b"((((", b"<").replace(b"))))", b">")
    return max(accumulate(array("b", runs.translate(_STEPS))), default=0) > limit - _LEAF_PASSES


def _brackets(text: bytes) -> bytes:
    """The brackets of a JSON text that are outside its strings, all of them as round ones.

    Without escapes a string goes on after an odd number of quotes; leaving out two that are neighbours changes that for nothing else.
    """
    if b"\\" in text:
        text = text.replace(b"\\\\", b"").replace(b'\\"', b"")
    quoted = text.translate(_ROUND, _NOT_STRUCTURE).replace(b'""', b"")
    return b"".join(quoted.split(b'"')[::2])


def _refused(reason: Reason, rule: str, message: str) -> Decoded:
    report = Report()
    report.add(rule, (), message)
    return Decoded(reason=reason, errors=tuple(report.errors))


def _too_deep() -> Decoded:
    return _refused(Reason.TOO_DEEP, "max-depth", f"Objects and arrays are nested more than {MAX_DEPTH} deep.")


def _unreadable(value: bytes, problem: Exception) -> Decoded:
    """Says in words why the decoder refused."""
    if value.startswith(_BOM):
        return _refused(Reason.NOT_JSON, "XAPI-00015", "The record begins with a byte order mark, which JSON must not.")
    try:
        value.decode("utf-8")
    except UnicodeDecodeError as encoding:
        return _refused(Reason.NOT_JSON, "XAPI-00015", f"The record is not UTF-8: byte {encoding.start} is 0x{value[encoding.start]:02x}.")
    said = str(problem)
    place = _AT_BYTE.search(said)
    at = int(place[1]) if place else len(value)
    if "surrogate" in said or re.search(rb"\\u[dD][89abAB][0-9a-fA-F]{2}", value[max(0, at - 8) : at]):
        return _refused(Reason.NOT_JSON, "XAPI-00015", f"A string holds half of a surrogate pair before byte {at}, which is no character.")
    number = _NOT_NUMBERS.match(value, at) or _NOT_NUMBERS.match(value, max(0, at - 1))
    if number:
        return _refused(Reason.NOT_JSON, "XAPI-00014", f"The record is not JSON: {number[0].decode()} at byte {at} is no number there.")
    if "out of range" in said:
        return _refused(Reason.NOT_JSON, "XAPI-00014", "A number is too large to be carried.")
    where = f"at byte {at}" if place else "before its end"
    return _refused(Reason.NOT_JSON, "XAPI-00014", f"The record is not JSON: {_plain(said)} {where}.")


def _plain(said: str) -> str:
    """The decoder's own words without its prefix and place."""
    return _AT_BYTE.sub("", said.removeprefix("JSON is malformed: ").replace("Input data was truncated", "it stops")).strip()


class _Repeating(dict[str, Any]):
    """An object that had names twice."""

    names: tuple[str, ...] = ()


class _EnoughError(Exception):
    """More objects have names twice than anyone reads about."""


def _names_twice(value: bytes) -> tuple[Violation, ...]:
    """The errors of names that occur twice, with their places; objects that a repeated name hides are not looked into."""
    if value.count(b"{") + value.count(b"[") + value.count(b":") > _MAX_NAMES:
        report = Report()
        report.add("XAPI-00021", (), "A name occurs twice in an object, of too many to say where; a property may be used once.")
        return tuple(report.errors)
    repeating: list[_Repeating] = []

    def collect(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        made = dict(pairs)
        if len(made) == len(pairs):
            return made
        one = _Repeating(made)
        one.names = tuple(islice((name for name, count in Counter([name for name, _ in pairs]).items() if count > 1), _MAX_REPEATS))
        repeating.append(one)
        if len(repeating) > _MAX_REPEATS:
            raise _EnoughError
        return one

    report = Report()
    try:
        whole = json.loads(value, object_pairs_hook=collect)
    except _EnoughError:
        name = excerpt(repeating[0].names[0])
        report.add("XAPI-00021", (), f"More than {_MAX_REPEATS} objects have a name twice, the first of them {name}; a property may be used once.")
        return tuple(report.errors)
    pending: list[tuple[Path, Any]] = [((), whole)]
    while pending:
        path, parent = pending.pop()
        if isinstance(parent, _Repeating):
            for name in parent.names:
                report.add("XAPI-00021", (*path, name), f"{excerpt(name)} occurs twice in its object; a property may be used once.")
        items = parent.items() if isinstance(parent, dict) else enumerate(parent)
        pending.extend(((*path, name), child) for name, child in items if child and isinstance(child, (dict, list)))
    return tuple(report.errors)
