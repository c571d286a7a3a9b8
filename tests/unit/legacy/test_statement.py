"""What the legacy consumer takes for a statement, and what it adds before it sends."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from uuid import UUID

import pytest

from nljctl.judgement import Origin
from nljctl.pipelines.legacy.statement import Unreadable, complete, encode, minted_id, read

NOW = datetime(2025, 3, 1, 9, tzinfo=UTC)
STATEMENT = {"actor": {"mbox": "mailto:a@example.org"}, "verb": {"id": "http://example.org/did"}, "object": {"id": "http://example.org/it"}}


def origin(offset: int = 5) -> Origin:
    return Origin("xapi-events", 2, offset, 1_740_000_000_000)


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        (None, "empty"),
        (b"", "empty"),
        (b"not json", "not-json"),
        (b'{"actor": NaN}', "not-json"),
        (b"\xff\xfe{}", "not-utf8"),
        (b"[]", "not-an-object"),
        (b'"text"', "not-an-object"),
        (b'{"actor": {}, "verb": {}}', "incomplete"),
        (b'{"a":' * 20_000 + b"1" + b"}" * 20_000, "too-deep"),
    ],
)
def test_a_value_that_is_no_statement_is_skipped_with_its_reason(value: bytes | None, reason: str) -> None:
    found = read(value)
    assert isinstance(found, Unreadable)
    assert found.reason == reason


def test_a_statement_is_read_whatever_else_is_wrong_with_it() -> None:
    assert read(json.dumps({**STATEMENT, "id": "no uuid", "voided": True}).encode()) == {**STATEMENT, "id": "no uuid", "voided": True}


def test_a_statement_gets_what_it_lacks() -> None:
    completed = complete(STATEMENT, origin(), NOW)
    assert completed["version"] == "1.0.3"
    assert completed["timestamp"] == "2025-03-01T09:00:00+00:00"
    assert UUID(completed["id"]).version == 4


def test_a_statement_keeps_what_it_has() -> None:
    given = {**STATEMENT, "id": "x", "timestamp": "y", "version": None, "event_id": "z"}
    assert complete(given, origin(), NOW) == given


def test_a_record_sent_twice_gets_the_same_id_and_another_record_another() -> None:
    assert minted_id(origin(5)) == minted_id(origin(5)) != minted_id(origin(6))


def test_a_lone_surrogate_cannot_be_sent() -> None:
    assert isinstance(encode({"name": "\ud800"}), Unreadable)
