"""A document of an index as a witness: its digests, computed now from its bytes, and where it says that it comes from. Pure.

Most documents are valid statements, which the judge's accept path reads about as fast as JSON can be read; all others go the long way to the same digests.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import msgspec

from nljctl.judge import document_digests
from nljctl.migration.witnesses import DocumentRow, text
from nljctl.xapi.accept import accept
from nljctl.xapi.accepted_digest import digests_of

_members = msgspec.json.Decoder(dict[str, msgspec.Raw]).decode
_Coordinates = tuple[str, int, int, int] | tuple[None, None, None, int]


def document_row(raw_id: str, source: bytes | msgspec.Raw) -> DocumentRow:
    """The row of a document, whatever it holds. `source` is its JSON."""
    stored: Any = None
    provenance: Any = None
    try:
        members = _members(source)
        if "nljctl" in members:
            provenance = msgspec.json.decode(members.pop("nljctl"))
        if "stored" in members:
            stored = msgspec.json.decode(members.pop("stored"))
        statement = accept(msgspec.json.encode(members))
    except (msgspec.DecodeError, RecursionError):
        statement = None
    if statement is not None:
        digest, content_digest = digests_of(statement)
    else:
        digest, content_digest, stored, provenance = _at_length(bytes(source))
    raw_id = text(raw_id)
    return DocumentRow(raw_id, raw_id.lower(), digest, content_digest, _milliseconds(stored), *coordinates(provenance))


def coordinates(provenance: Any) -> _Coordinates:
    """Where a stored document says that it comes from, if it says so in the form that faststream writes."""
    if isinstance(provenance, dict):
        topic, partition, offset = provenance.get("topic"), provenance.get("partition"), provenance.get("offset")
        if isinstance(topic, str) and type(partition) is int and type(offset) is int and abs(partition) < 1 << 31 and abs(offset) < 1 << 63:
            generation = provenance.get("generation")
            return text(topic), partition, offset, generation if type(generation) is int and 0 <= generation < 1 << 31 else 0
    return None, None, None, 0


def _at_length(source: bytes) -> tuple[str, str, Any, Any]:
    try:
        content = json.loads(source)
        digests = document_digests(content)
    except RecursionError:
        return "", "", None, None
    return digests.digest, digests.content_digest, content.get("stored"), content.get("nljctl")


def _milliseconds(stored: Any) -> int | None:
    try:
        moment = datetime.fromisoformat(stored)
        return int((moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp() * 1000)
    except (TypeError, ValueError, OverflowError):
        return None
