"""One dead letter as the topic holds it, and as people see it (contract, "Dead-letter record"). Pure."""

from __future__ import annotations

import base64
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from nljctl.judgement import Reason
from nljctl.kafka.reader import Record
from nljctl.migration.dlq.coordinates import Coordinates

PREFIX: Final = "nljctl-"
REPLAY_OF: Final = "nljctl-replay-of"
"""The header of a record that was sent again: the coordinates of the first of its kind."""

EXCERPT: Final = 2_000
"""Characters of a value that a list shows."""

_LONGEST_HEADER: Final = 2_000


@dataclass(frozen=True, slots=True)
class Letter:
    """A record that was refused. `at` is when, in milliseconds since 1970; `value` is the original's bytes."""

    origin: Coordinates
    reason: str
    rule: str
    pointer: str
    at: int
    key: bytes | None
    value: bytes | None

    @property
    def conflicts(self) -> bool:
        return self.reason == Reason.CONFLICT


def letter_of(record: Record) -> Letter | None:
    """The letter in a record of the dead-letter topic; None if its headers are not those of one."""
    headers = _headers(record.headers)
    try:
        origin = Coordinates(headers["topic"], int(headers["partition"]), int(headers["offset"]))
    except (KeyError, ValueError):
        return None
    at = _milliseconds(headers.get("at", ""), record.timestamp)
    return Letter(origin, headers.get("reason", ""), headers.get("rule", ""), headers.get("pointer", ""), at, record.key, record.value)


def listed(letter: Letter, *, longest: int | None = EXCERPT) -> dict[str, Any]:
    """The item that `--json` prints. `longest`: characters of the value; None for all of it."""
    return {
        "reason": letter.reason,
        "rule": letter.rule,
        "pointer": letter.pointer,
        **letter.origin._asdict(),
        "at": iso(letter.at),
        **value_shown(letter.value, longest=longest),
    }


def value_shown(value: bytes | None, *, longest: int | None = EXCERPT) -> dict[str, Any]:
    """`value` as text where it is UTF-8, else in base64; `size` in bytes; `encoding` and `truncated` only where they say something."""
    if value is None:
        return {"value": None, "size": 0}
    try:
        text = value.decode()
        encoding = {}
    except UnicodeDecodeError:
        # Three bytes are four characters: what is cut off stays decodable.
        shown = value if longest is None else value[: longest // 4 * 3]
        text = base64.b64encode(shown).decode()
        encoding = {"encoding": "base64"}
        whole = len(shown) == len(value)
    else:
        whole = longest is None or len(text) <= longest
        text = text if whole else text[:longest]
    return {"value": text, "size": len(value), **encoding, **({} if whole else {"truncated": True})}


def iso(milliseconds: int) -> str:
    return datetime.fromtimestamp(milliseconds / 1000, UTC).isoformat(timespec="milliseconds")


def _headers(headers: Iterable[tuple[str, bytes | None]]) -> Mapping[str, str]:
    """Ours without their prefix. Bounded: whoever may write to the topic can put anything there."""
    return {
        name.removeprefix(PREFIX): value[:_LONGEST_HEADER].decode("utf-8", "replace")
        for name, value in headers
        if name.startswith(PREFIX) and value is not None
    }


def _milliseconds(at: str, otherwise: int) -> int:
    try:
        moment = datetime.fromisoformat(at)
    except ValueError:
        return otherwise
    return int((moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp() * 1000)
