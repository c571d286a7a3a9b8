"""What Ralph's answers mean (its real ones are in tests/integration/legacy)."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from nljctl.pipelines.legacy.ralph import Kind, read_answer, read_stored


@pytest.mark.parametrize(
    ("status", "kind", "reason"),
    [
        (200, Kind.STORED, ""),
        (204, Kind.DUPLICATE, "same-content"),
        (301, Kind.FAILED, "http-301"),
        (400, Kind.REFUSED, "http-400"),
        (401, Kind.REFUSED, "http-401"),
        (409, Kind.CONFLICT, "other-content"),
        (422, Kind.REFUSED, "http-422"),
        (500, Kind.FAILED, "http-500"),
        (503, Kind.FAILED, "http-503"),
    ],
)
def test_a_status_becomes_an_outcome(status: int, kind: Kind, reason: str) -> None:
    answer = read_answer(status, b"")
    assert (answer.kind, answer.reason) == (kind, reason)


def test_a_refusal_names_the_rule_the_place_and_every_message() -> None:
    errors = [{"type": "uuid_parsing", "loc": ["body", "id"], "msg": "invalid UUID"}, {"type": "missing", "loc": ["body", "actor"], "msg": "required"}]
    answer = read_answer(422, json.dumps({"detail": errors}).encode())
    assert (answer.rule, answer.pointer, answer.detail) == ("uuid_parsing", "/id", "invalid UUID; required")


def test_a_refusal_in_words_keeps_them() -> None:
    assert read_answer(400, b'{"detail": "Invalid JSON body"}').detail == "Invalid JSON body"


@pytest.mark.parametrize("content", [b"<html>", b"[]", b'{"detail": [1]}', b"\xff", b'{"detail": null}'])
def test_a_body_that_is_none_of_ralphs_is_read_without_harm(content: bytes) -> None:
    assert read_answer(500, content).kind is Kind.FAILED


@pytest.mark.parametrize("content", [b'{"statements": [{"stored": "2025-03-01T09:00:00Z"}]}', b'{"stored": "2025-03-01T09:00:00+00:00"}'])
def test_when_a_statement_was_stored_is_read_from_ralphs_answer_and_from_the_specifications(content: bytes) -> None:
    assert read_stored(content) == datetime(2025, 3, 1, 9, tzinfo=UTC)


@pytest.mark.parametrize("content", [b"", b"[]", b"null", b'{"statements": []}', b'{"statements": [{}, {}]}', b'{"stored": 5}'])
def test_an_answer_that_does_not_say_when_says_nothing(content: bytes) -> None:
    assert read_stored(content) is None
