"""From a record's bytes to a judgement: decode, validate, repair, complete, classify. No I/O, no clock; everyone uses this one function.

A record that is valid as it is takes the accept path and is never looked at again. Any other one is decoded with every reason why
not, repaired, and tried once more; only what is still not accepted is explained.
"""

from __future__ import annotations

import gc
from collections.abc import Iterator, Mapping, Set
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final

import msgspec
from msgspec import UNSET

from nljctl.catalogue.classify import Match, classify
from nljctl.catalogue.producer_rules import RULES as PRODUCER_RULES
from nljctl.catalogue.producer_rules import producer_warnings
from nljctl.judgement import Judgement, Origin, Reason, Verdict, Violation
from nljctl.xapi.accept import accept
from nljctl.xapi.accepted_digest import digests_of
from nljctl.xapi.complete import VERSION, made_id, made_timestamp, missing
from nljctl.xapi.decode import MAX_BYTES, MAX_DEPTH, decode
from nljctl.xapi.equivalence import digests, plain_numbers
from nljctl.xapi.explain import explain
from nljctl.xapi.model import Statement
from nljctl.xapi.outline import outline
from nljctl.xapi.repair import ALL_REPAIRS, Repaired, repair

__all__ = ["ALL_REPAIRS", "MAX_BYTES", "MAX_DEPTH", "DocumentDigests", "document_digests", "judge"]

_encode: Final = msgspec.json.Encoder().encode
_decode: Final = msgspec.json.Decoder(float_hook=float).decode
_NOT_CONTENT: Final = frozenset({"stored", "nljctl"})
_VERSION_ADDED: Final = _encode({"version": VERSION})[:-1] + b","
_LARGE: Final = 500_000
_NO_REPAIRS: Final = Repaired({}, (), {})


@dataclass(frozen=True, slots=True)
class DocumentDigests:
    """What identifies a stored document: its statement id in lower case, and the digests that `judge` would give the statement."""

    id: str | None
    digest: str
    content_digest: str


def judge(value: bytes | None, origin: Origin, *, repairs: Set[str] = ALL_REPAIRS) -> Judgement:
    """Judges one record.

    Args:
        value: the record's bytes; None for a record without value.
        origin: where it came from; what a statement lacks is made from it.
        repairs: names of the repairs that may be made; none judges strictly by xAPI 1.0.3.

    Never raises.
    """
    if value is None or len(value) <= _LARGE:
        return _judged(value, origin, repairs)
    with _collector_at_rest():
        return _judged(value, origin, repairs)


def document_digests(source: Mapping[str, Any]) -> DocumentDigests:
    """The digests of a document of either index, without what its store added and after the same repairs.

    Never raises; a document that is nested too deep to be looked at has empty digests.
    """
    try:
        statement = plain_numbers(repair({name: member for name, member in source.items() if name not in _NOT_CONTENT}).statement)
        return DocumentDigests(_id(statement), *digests(statement))
    except RecursionError:
        return DocumentDigests(_id(source), "", "")


@contextmanager
def _collector_at_rest() -> Iterator[None]:
    """Without garbage collection: a large record is a tree of up to millions of objects, in which it would look again and again for nothing."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


def _judged(value: bytes | None, origin: Origin, repairs: Set[str]) -> Judgement:
    statement = accept(value) if value else None
    if value is not None and statement is not None:
        match = classify(origin.topic, outline(statement))
        warnings = producer_warnings(match.event, _decode(value)) if match is not None and match.event in PRODUCER_RULES else ()
        return _accepted(value, statement, origin, match, _NO_REPAIRS, warnings)
    decoded = decode(value)
    given = decoded.value
    if decoded.reason is not None or not isinstance(given, dict):
        return Judgement(Verdict.REJECTED, reason=decoded.reason or Reason.INVALID_XAPI, errors=decoded.errors or explain(given))
    repaired = repair(given, repairs)
    match = classify(origin.topic, given) or classify(origin.topic, repaired.statement)
    if repaired.repairs and not decoded.errors:
        mended = _encode(repaired.statement)
        statement = accept(mended)
        if statement is not None:
            warnings = () if match is None else producer_warnings(match.event, repaired.statement)
            return _accepted(mended, statement, origin, match, repaired, warnings)
    whole = repaired if repairs >= ALL_REPAIRS else repair(given)
    return _explained(repaired, whole, origin, match, decoded.errors)


def _accepted(value: bytes, statement: Statement[Any], origin: Origin, match: Match | None, repaired: Repaired, warnings: tuple[Violation, ...]) -> Judgement:
    """Of a valid statement: its bytes, behind what it lacked."""
    id_given, timestamp_given = statement.id is not UNSET, statement.timestamp is not UNSET
    added: dict[str, str] = {}
    if statement.id is UNSET:
        statement.id = added["id"] = made_id(origin)
    if statement.timestamp is UNSET:
        statement.timestamp = added["timestamp"] = made_timestamp(origin)
    if statement.version is UNSET:
        added["version"] = VERSION
    if added:
        front = _VERSION_ADDED if len(added) == 1 and "version" in added else _encode(added)[:-1] + b","
        value = front + value[value.index(b"{") + 1 :]
    id_ = statement.id.lower()
    event, contract = (match.event, match.contract) if match is not None else (None, None)
    digest, content_digest = digests_of(statement)
    return Judgement(
        verdict=Verdict.REPAIRED if repaired.repairs else Verdict.ACCEPTED,
        body=value,
        id=id_,
        id_given=id_given,
        timestamp_given=timestamp_given,
        event=event,
        contract=contract,
        digest=digest,
        content_digest=content_digest,
        repairs=repaired.repairs,
        completions=tuple(added),
        removed=repaired.removed,
        warnings=warnings,
    )


def _explained(repaired: Repaired, whole: Repaired, origin: Origin, match: Match | None, repeated: tuple[Violation, ...]) -> Judgement:
    """Of what the accept path did not take: every error, or, rarely, none after all. `whole` has every repair, as digests are of that."""
    given = repaired.statement
    errors = (*repeated, *explain(given))
    added = {} if errors else missing(given, origin)
    statement = {**added, **given}
    body = b"" if errors else _encode(statement)
    digest, content_digest = digests(plain_numbers({**added, **whole.statement}))
    return Judgement(
        verdict=Verdict.REJECTED if errors else Verdict.REPAIRED if repaired.repairs else Verdict.ACCEPTED,
        body=body,
        id=_id(statement),
        id_given="id" in given,
        timestamp_given="timestamp" in given,
        event=None if match is None else match.event,
        contract=None if match is None else match.contract,
        digest=digest,
        content_digest=content_digest,
        repairs=() if errors else repaired.repairs,
        completions=tuple(added),
        removed={} if errors else repaired.removed,
        reason=Reason.INVALID_XAPI if errors else None,
        errors=errors,
    )


def _id(statement: Mapping[str, Any]) -> str | None:
    id_ = statement.get("id")
    return id_.lower() if isinstance(id_, str) else None
