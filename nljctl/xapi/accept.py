"""The accept path: says yes to a valid statement about as fast as it can be read, and nothing else.

Whatever it accepts, `explain` finds nothing wrong with (a tested property); what it does not accept, `explain` decides.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

import msgspec

from nljctl.xapi.decode import MAX_BYTES, crowded, names_repeat
from nljctl.xapi.equivalence import number_of
from nljctl.xapi.model import Activity, Statement, StatementRef, SubStatement, Who
from nljctl.xapi.valid import is_valid

_STATEMENTS: Final[Mapping[str, Any]] = {
    "Activity": Statement[Activity],
    "Agent": Statement[Who],
    "Group": Statement[Who],
    "StatementRef": Statement[StatementRef],
}
_ABOUT_SUB_STATEMENTS: Final[Mapping[str, Any]] = {
    "Activity": Statement[SubStatement[Activity]],
    "Agent": Statement[SubStatement[Who]],
    "Group": Statement[SubStatement[Who]],
    "StatementRef": Statement[SubStatement[StatementRef]],
}
"""The types to read a statement as, by the objectType of its object, or of the object of its SubStatement."""

_SUB_STATEMENT: Final = b'"SubStatement"'

_NOT_ONE: Final = (msgspec.DecodeError, ValueError, RecursionError)
"""What reading anything but a statement may raise: not JSON, other types, not UTF-8, numbers out of range, too deep."""


class _Inner(msgspec.Struct):
    objectType: str = "Activity"


class _Target(msgspec.Struct):
    objectType: str = "Activity"
    object: _Inner = msgspec.field(default_factory=_Inner)


class _Outline(msgspec.Struct):
    object: _Target


def _reader(type_: Any) -> Callable[[bytes], Statement[Any]]:
    return msgspec.json.Decoder(type_, float_hook=number_of).decode


_readers: Final = {name: _reader(type_) for name, type_ in _STATEMENTS.items()}
_sub_readers: Final = {name: _reader(type_) for name, type_ in _ABOUT_SUB_STATEMENTS.items()}
_read_plain: Final = _readers["Activity"]
_read_sub_statement: Final = _sub_readers["Activity"]
_outline: Final = msgspec.json.Decoder(_Outline).decode


def accept(value: bytes) -> Statement[Any] | None:
    """The statement that these bytes are, its numbers plain as `equivalence.number_of` reads them; None if it is not certain that they are a valid one."""
    if len(value) > MAX_BYTES or crowded(value):
        return None
    try:
        statement: Statement[Any] | None = _read_sub_statement(value) if _SUB_STATEMENT in value else _read_plain(value)
    except _NOT_ONE:
        statement = _read_otherwise(value)
    return statement if statement is not None and is_valid(statement) and not names_repeat(value, statement) else None


def _read_otherwise(value: bytes) -> Statement[Any] | None:
    """A statement that is neither about an Activity nor about a SubStatement about one, as its first guess was; its outline tells."""
    try:
        target = _outline(value).object
        read = _sub_readers.get(target.object.objectType) if target.objectType == "SubStatement" else _readers.get(target.objectType)
        return None if read is None else read(value)
    except _NOT_ONE:
        return None
