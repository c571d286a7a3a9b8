"""What is said of an altered document: where it is not its record."""

from __future__ import annotations

from typing import Any

import pytest

from nljctl.migration.alterations import changed

RECORD: dict[str, Any] = {
    "id": "2b9d6b9c-3f57-4c0b-8c43-0f3c3e5a1d11",
    "timestamp": "2025-08-15T10:00:00Z",
    "actor": {"mbox": "mailto:ann@example.org"},
    "verb": {"id": "http://adlnet.gov/expapi/verbs/completed", "display": {"en-US": "completed"}},
    "object": {"id": "http://nlj.platform/content/7"},
    "result": {"score": {"scaled": 0.5}},
    "context": {"extensions": {"http://nlj.platform/extensions/a": [1, {"b": 2}]}},
}


@pytest.mark.parametrize(
    ("change", "paths"),
    [
        ({"timestamp": "2001-01-01T00:00:00Z"}, ["/timestamp"]),
        ({"result": {"score": {"scaled": 0.6}}}, ["/result/score/scaled"]),
        ({"result": {"score": {"scaled": 0.5}, "success": True}}, ["/result/success"]),
        ({"context": {"extensions": {"http://nlj.platform/extensions/a": [1, {"b": 3}]}}}, ["/context/extensions/http:~1~1nlj.platform~1extensions~1a/1/b"]),
        ({"context": {"extensions": {"http://nlj.platform/extensions/a": [1]}}}, ["/context/extensions/http:~1~1nlj.platform~1extensions~1a"]),
    ],
)
def test_the_place_of_a_change_is_named(change: dict[str, Any], paths: list[str]) -> None:
    assert changed(RECORD, {**RECORD, **change}) == paths


@pytest.mark.parametrize(
    "change",
    [{"stored": "2026-01-01T00:00:00Z"}, {"nljctl": {"offset": 1}}, {"timestamp": "2025-08-15T12:00:00+02:00"}, {"verb": {"id": RECORD["verb"]["id"]}}],
)
def test_what_equivalence_ignores_is_no_change(change: dict[str, Any]) -> None:
    assert changed(RECORD, {**RECORD, **change}) == []


def test_what_a_store_made_for_a_record_that_lacked_it_is_no_change() -> None:
    record = {name: value for name, value in RECORD.items() if name not in ("id", "timestamp")}
    assert changed(record, RECORD) == []
