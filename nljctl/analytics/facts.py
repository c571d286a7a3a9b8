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

from nljctl.analytics.counted import verb_of
from nljctl.analytics.vocabulary import survey_of
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

_NO_ACTOR, _NO_ACCOUNT, _NO_VERB, _NO_OBJECT, _NO_DEFINITION = _Actor(), _Account(), _Verb(), _Object(), _Definition()
_NO_RESULT, _NO_SCORE, _NO_EXTENSIONS = _Result(), _Score(), _Extensions()

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
    actor = statement.actor or _NO_ACTOR
    account = actor.account or _NO_ACCOUNT
    target = statement.object or _NO_OBJECT
    definition = target.definition or _NO_DEFINITION
    result = statement.result or _NO_RESULT
    score = result.score or _NO_SCORE
    extensions = (statement.context.extensions if statement.context else UNSET) or _NO_EXTENSIONS
    verb, parent = _text((statement.verb or _NO_VERB).id), _text(extensions.parent_survey)
    return FactRow(
        n=n,
        moment=moment_of(statement.timestamp),
        mbox=_text(actor.mbox),
        account=_text(account.name),
        verb=None if verb is None else verb_of(verb, _text(target.objectType)),
        object=_text(target.id),
        type=_text(definition.type),
        interaction=_text(definition.interactionType),
        completion=_flag(result.completion),
        success=_flag(result.success),
        scaled=_number(score.scaled),
        raw=_number(score.raw),
        response=_text(result.response),
        duration=_text(result.duration),
        survey=None if parent is None else survey_of(parent),
        question=_text(extensions.question_id),
        question_type=_text(extensions.question_type),
        program=_text(extensions.program_id),
        category=_text(extensions.activity_type),
        response_time=_number(extensions.response_time_ms),
        department=_text(extensions.department),
        location=_text(extensions.location),
        job_level=_text(extensions.job_level),
        tenure=_text(extensions.tenure),
        generation=_text(extensions.generation),
        user_role=_text(extensions.user_role),
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
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, (bool, int, float)):
        return str(value).lower()
    return None


def _number(value: Any) -> float | None:
    if isinstance(value, bool):
        return None
    try:
        return float(value)
    except (TypeError, ValueError, OverflowError):
        return None


def _flag(value: Any) -> bool | None:
    return value if isinstance(value, bool) else None
