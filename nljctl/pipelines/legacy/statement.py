"""A record's value as the legacy consumer takes it, and what it adds before it sends: `json.loads`, three members looked for, three added. Pure."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import blake2b
from typing import Any
from uuid import UUID

from nljctl.judgement import Origin

NEEDED = ("actor", "verb", "object")
VERSION = "1.0.3"


@dataclass(frozen=True, slots=True)
class Unreadable:
    """Why a value is skipped: `reason` is a slug, `detail` a sentence."""

    reason: str
    detail: str


def read(value: bytes | None) -> dict[str, Any] | Unreadable:
    """The statement in a record's value, checked no further than the original did: actor, verb and object are there.

    The original decoded inside the Kafka client, and crashed for ever on a value that is not JSON; here it is skipped and counted.
    """
    if not value:
        return Unreadable("empty", "the record has no value")
    try:
        statement = json.loads(value.decode("utf-8"), parse_constant=_refuse)
    except UnicodeDecodeError as problem:
        return Unreadable("not-utf8", f"byte {problem.start} is not UTF-8")
    except RecursionError:
        return Unreadable("too-deep", "nested deeper than the decoder goes")
    except ValueError as problem:
        return Unreadable("not-json", str(problem))
    if not isinstance(statement, dict):
        return Unreadable("not-an-object", "the value is JSON, but no object")
    if missing := [member for member in NEEDED if member not in statement]:
        return Unreadable("incomplete", f"it has no {', '.join(missing)}")
    return statement


def complete(statement: Mapping[str, Any], origin: Origin, now: datetime) -> dict[str, Any]:
    """The statement as it is sent: with an id, a timestamp (`now`) and a version if it lacks them; what is there stays, null included."""
    return {"id": minted_id(origin), "timestamp": now.astimezone(UTC).isoformat(), "version": VERSION, **statement}


def encode(statement: Mapping[str, Any]) -> bytes | Unreadable:
    """The JSON that goes to the LRS."""
    try:
        return json.dumps(statement, ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode("utf-8")
    except (ValueError, RecursionError) as problem:
        return Unreadable("not-encodable", f"it cannot be sent as JSON: {problem}")


def minted_id(origin: Origin) -> str:
    """The id of a statement that came without one: a version 4 UUID, the same for the same record.

    The original drew it at random; then a record that is sent twice, because the process died before it was noted, would be stored twice.
    """
    coordinates = f"legacy/{origin.generation}/{origin.topic}/{origin.partition}/{origin.offset}"
    return str(UUID(bytes=blake2b(coordinates.encode(), digest_size=16).digest(), version=4))


def _refuse(constant: str) -> None:
    raise ValueError(f"{constant} is no JSON value")
