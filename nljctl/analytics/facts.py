"""What analytics look at in one statement, as a flat row: the form in which DuckDB computes the figures anew, without Elasticsearch. Pure.

A row is made of a judged statement, or of a stored document after the same repairs. Members are read as an index reads them: a time that
Elasticsearch cannot index is none, a value of another type counts as its text.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import msgspec
from msgspec import UNSET, Struct, UnsetType

from nljctl.analytics.vocabulary import VOIDED, survey_of, verb_of
from nljctl.catalogue.names import X
from nljctl.xapi.repair import repair

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND: Final = timedelta(milliseconds=1)
_MOMENT: Final = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?(Z|[+-]\d\d(?::?\d\d)?)?", re.ASCII)
_FARTHEST_ZONE: Final = timedelta(hours=18)


class _Lenient(Struct, gc=False):
    """Only what is asked for; whatever else there is does not matter."""


class _Account(_Lenient):
    name: Any = None


class _Actor(_Lenient):
    mbox: Any = None
    account: _Account | UnsetType = UNSET


class _Verb(_Lenient):
    id: Any = None


class _Definition(_Lenient):
    type: Any = None
    interactionType: Any = None


class _Object(_Lenient):
    id: Any = None
    objectType: Any = None
    definition: _Definition | UnsetType = UNSET


class _Score(_Lenient):
    scaled: Any = None
    raw: Any = None


class _Result(_Lenient):
    completion: Any = None
    success: Any = None
    response: Any = None
    duration: Any = None
    score: _Score | UnsetType = UNSET


class _Extensions(_Lenient, rename=lambda name: X + name):
    parent_survey: Any = None
    question_id: Any = None
    question_type: Any = None
    program_id: Any = None
    activity_type: Any = None
    response_time_ms: Any = None
    department: Any = None
    location: Any = None
    job_level: Any = None
    tenure: Any = None
    generation: Any = None
    user_role: Any = None


class _Context(_Lenient):
    extensions: _Extensions | UnsetType = UNSET


class _Statement(_Lenient):
    actor: _Actor | UnsetType = UNSET
    verb: _Verb | UnsetType = UNSET
    object: _Object | UnsetType = UNSET
    result: _Result | UnsetType = UNSET
    context: _Context | UnsetType = UNSET
    timestamp: Any = None


class FactRow(Struct, frozen=True, gc=False, omit_defaults=True):
    """One statement. `n` is its record's number in the log; `moment` in milliseconds since 1970; `survey` the bare id of its parent."""

    n: int
    moment: int | None = None
    mbox: str | None = None
    account: str | None = None
    verb: str | None = None
    object: str | None = None
    type: str | None = None
    interaction: str | None = None
    completion: bool | None = None
    success: bool | None = None
    scaled: float | None = None
    raw: float | None = None
    response: str | None = None
    duration: str | None = None
    survey: str | None = None
    question: str | None = None
    question_type: str | None = None
    program: str | None = None
    category: str | None = None
    response_time: float | None = None
    department: str | None = None
    location: str | None = None
    job_level: str | None = None
    tenure: str | None = None
    generation: str | None = None
    user_role: str | None = None


_TYPES: Final = {
    **dict.fromkeys(("n", "moment"), "BIGINT"),
    **dict.fromkeys(("completion", "success"), "BOOLEAN"),
    **dict.fromkeys(("scaled", "raw", "response_time"), "DOUBLE"),
}
COLUMNS: Final = {name: _TYPES.get(name, "VARCHAR") for name in FactRow.__struct_fields__}
"""The columns of the table of facts, with their types."""

_NO_ACTOR, _NO_VERB, _NO_OBJECT, _NO_DEFINITION = _Actor(), _Verb(), _Object(), _Definition()
_NO_OUTCOME = (None,) * 6
_NO_CONTEXT = (None,) * 12

_read: Final = msgspec.json.Decoder(_Statement).decode


def fact_of(n: int, statement: bytes) -> FactRow:
    """The row of a judged statement, as JSON. What cannot be read gives a row without anything."""
    try:
        return _row(n, _read(statement))
    except msgspec.DecodeError:
        return FactRow(n)


def fact_of_document(n: int, source: dict[str, Any]) -> FactRow:
    """The row of a stored document, repaired as its record would be."""
    try:
        return _row(n, msgspec.convert(repair(source).statement, _Statement))
    except (msgspec.ValidationError, RecursionError):
        return FactRow(n)


def _row(n: int, statement: _Statement) -> FactRow:
    """The row, member by member in the order of the columns: most statements of a log have few of them, and there are millions."""
    actor = statement.actor or _NO_ACTOR
    account = actor.account
    target = statement.object or _NO_OBJECT
    definition = target.definition or _NO_DEFINITION
    result = statement.result
    verb = _text((statement.verb or _NO_VERB).id)
    if verb == VOIDED:
        verb = verb_of(verb, _text(target.objectType))
    outcome = _NO_OUTCOME if result is UNSET else _outcome(result)
    extensions = statement.context.extensions if statement.context is not UNSET else UNSET
    return FactRow(
        n,
        moment_of(statement.timestamp),
        _text(actor.mbox),
        None if account is UNSET else _text(account.name),
        verb,
        _text(target.id),
        _text(definition.type),
        _text(definition.interactionType),
        *outcome,
        *(_NO_CONTEXT if extensions is UNSET else _context(extensions)),
    )


def _outcome(result: _Result) -> tuple[Any, ...]:
    score = result.score
    scaled, raw = (None, None) if score is UNSET else (_number(score.scaled), _number(score.raw))
    return _flag(result.completion), _flag(result.success), scaled, raw, _text(result.response), _text(result.duration)


def _context(found: _Extensions) -> tuple[Any, ...]:
    return (
        survey_of(_text(found.parent_survey)),
        _text(found.question_id),
        _text(found.question_type),
        _text(found.program_id),
        _text(found.activity_type),
        _number(found.response_time_ms),
        _text(found.department),
        _text(found.location),
        _text(found.job_level),
        _text(found.tenure),
        _text(found.generation),
        _text(found.user_role),
    )


def moment_of(timestamp: Any) -> int | None:
    """A timestamp in milliseconds since 1970, where Elasticsearch can index it: without leap second, at most nine digits of a second, a zone up to 18 hours."""
    if not isinstance(timestamp, str):
        return None
    found = _MOMENT.fullmatch(timestamp)
    if found is None:
        return None
    second, fraction, zone = found.groups()
    try:
        moment = datetime.fromisoformat(f"{second}.{(fraction or '0')[:6].ljust(6, '0')}{zone or 'Z'}")
        offset = moment.utcoffset()
        return None if offset is None or abs(offset) > _FARTHEST_ZONE else (moment - _EPOCH) // _MILLISECOND
    except (ValueError, OverflowError):
        return None


def _text(value: Any) -> str | None:
    if value is None or type(value) is str:
        return value
    if isinstance(value, (bool, int, float)):
        return str(value).lower()
    return None


def _number(value: Any) -> float | None:
    if value is None or isinstance(value, bool):
        return None
    try:
        return float(value)
    except (TypeError, ValueError, OverflowError):
        return None


def _flag(value: Any) -> bool | None:
    return value if isinstance(value, bool) else None
