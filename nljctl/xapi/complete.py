"""What an LRS adds to a valid statement that lacks it: id, timestamp, version. Made from the record's origin, so that they are the same each time."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from uuid import UUID

from nljctl.judgement import Origin

NAMESPACE: Final = UUID("6f0c1f39-27b7-5c0e-9a54-0a4a0f6c9b1d")
"""Of the ids that are made for statements without one: UUIDv5 of `generation/topic/partition/offset`."""

VERSION: Final = "1.0.0"
"""Data 2.4.10: a statement that lacks a version is returned with 1.0.0, whichever 1.0.x it was sent under."""

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_LAST: Final = int((datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC) - _EPOCH).total_seconds()) * 1000


def made_id(origin: Origin) -> str:
    """The id of a statement that came without one (Data 2.4.1): what `uuid.uuid5` gives, in a third of its time."""
    named = b"%b%d/%b/%d/%d" % (NAMESPACE.bytes, origin.generation, origin.topic.encode(), origin.partition, origin.offset)
    digits = hashlib.sha1(named, usedforsecurity=False).hexdigest()
    variant = "89ab"[int(digits[16], 16) & 3]
    return f"{digits[:8]}-{digits[8:12]}-5{digits[13:16]}-{variant}{digits[17:20]}-{digits[20:32]}"


def made_timestamp(origin: Origin) -> str:
    """The timestamp of a statement that came without one (Data 2.4.7): the record's, in UTC, to the millisecond."""
    moment = _EPOCH + timedelta(milliseconds=min(max(origin.timestamp, 0), _LAST))
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def missing(statement: Mapping[str, Any], origin: Origin) -> dict[str, str]:
    """What to add to a statement, by property."""
    added = {}
    if "id" not in statement:
        added["id"] = made_id(origin)
    if "timestamp" not in statement:
        added["timestamp"] = made_timestamp(origin)
    if "version" not in statement:
        added["version"] = VERSION
    return added
