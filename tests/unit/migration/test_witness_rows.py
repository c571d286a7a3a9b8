"""What a document, a dead letter and a record say as witnesses, whatever they hold."""

from __future__ import annotations

import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from nljctl.judge import document_digests, judge
from nljctl.judgement import Origin
from nljctl.migration.documents import document_row
from nljctl.migration.gather import dead_row, log_row
from nljctl.migration.ledger import Ledger
from nljctl.migration.witnesses import CutRow, DocumentRow, LogRow, SpanRow, WitnessFile

STATEMENT: dict[str, Any] = {
    "id": "2B9D6B9C-3F57-4C0B-8C43-0F3C3E5A1D11",
    "timestamp": "2025-08-15T10:00:00Z",
    "actor": {"mbox": "mailto:ann@example.org"},
    "verb": {"id": "http://adlnet.gov/expapi/verbs/completed"},
    "object": {"id": "http://nlj.platform/content/7"},
}


def document(raw_id: str, source: Any) -> DocumentRow:
    return document_row(raw_id, json.dumps(source).encode())


def judged(value: bytes) -> LogRow:
    record: Any = SimpleNamespace(topic="xapi-events", partition=0, offset=7, timestamp=1_755_252_000_000, value=value)
    return log_row(7, record, judge(value, Origin("xapi-events", 0, 7, record.timestamp)))


def test_a_record_and_its_document_meet_by_id_in_lower_case_and_by_digest() -> None:
    record = judged(json.dumps(STATEMENT).encode())
    row = document(STATEMENT["id"], {**STATEMENT, "stored": "2025-08-15T10:00:01Z", "authority": {"mbox": "mailto:lrs@example.org"}, "version": "1.0.3"})
    assert (row.id, row.digest) == (record.id, record.digest)
    assert row.raw_id == STATEMENT["id"]


def test_a_document_that_is_no_valid_statement_has_the_digests_of_the_long_way() -> None:
    source = {**STATEMENT, "verb": {"id": "no iri"}, "result": {"score": 1e400}, "nljctl": {"topic": "t", "partition": 0, "offset": 1}}
    expected = document_digests(source)
    row = document("a", source)
    assert (row.digest, row.content_digest, row.topic) == (expected.digest, expected.content_digest, "t")


@pytest.mark.parametrize("source", [b'{"id": "\\ud800"}', b"[" * 5_000 + b"]" * 5_000, b'{"a":' * 2_000 + b"1" + b"}" * 2_000])
def test_a_document_that_cannot_be_read_strictly_is_a_row_all_the_same(source: bytes) -> None:
    assert document_row("a", source).raw_id == "a"


def test_a_document_says_when_it_was_stored_and_where_it_comes_from() -> None:
    row = document("a", {**STATEMENT, "stored": "2025-08-15T10:00:01.500+00:00", "nljctl": {"topic": "t", "partition": 3, "offset": 9}})
    assert (row.stored, row.topic, row.partition, row.offset) == (1_755_252_001_500, "t", 3, 9)


@pytest.mark.parametrize(
    "provenance",
    [
        None,
        5,
        {},
        {"topic": "t"},
        {"topic": "t", "partition": "0", "offset": 1},
        {"topic": "t", "partition": True, "offset": 1},
        {"topic": "t", "partition": 0, "offset": 1 << 70},
    ],
)
def test_coordinates_in_another_form_are_none(provenance: Any) -> None:
    row = document("a", {"nljctl": provenance})
    assert (row.topic, row.partition, row.offset) == (None, None, None)


@pytest.mark.parametrize("stored", [None, 7, "yesterday", "", []])
def test_a_time_of_storing_that_is_none_is_left_out(stored: Any) -> None:
    assert document("a", {"stored": stored}).stored is None


@pytest.mark.parametrize("value", [b"", b"nonsense", b"\xff\xfe", b'{"id": "\\ud800"}', b'{"id": "a\\u0000b"}', b"[1]", b'{"id": 5}'])
def test_whatever_a_record_holds_the_ledger_takes_it(value: bytes, tmp_path: Path) -> None:
    with Ledger(tmp_path) as ledger:
        ledger.add("span", [SpanRow("xapi-events", 0, 0, 8, True, True)])
        ledger.add("log", [judged(value)])
        ledger.place([CutRow("xapi-events", 0, 0, 8)])
        ledger.add("legacy_document", [document("\ud800\x00", {"id": "\ud800"})])
        ledger.settle()
        assert ledger.totals().records == 1


def test_a_dead_letter_is_told_by_its_headers() -> None:
    row = dead_row({"nljctl-topic": b"t", "nljctl-partition": b"2", "nljctl-offset": b"5", "nljctl-reason": b"not-json", "other": b"x"})
    assert row is not None
    assert (row.topic, row.partition, row.offset, row.reason) == ("t", 2, 5, "not-json")


@pytest.mark.parametrize("headers", [{}, {"nljctl-topic": b"t"}, {"nljctl-topic": b"t", "nljctl-partition": b"x", "nljctl-offset": b"1"}])
def test_a_record_of_the_dead_letter_topic_that_is_not_ours_is_left_out(headers: dict[str, bytes]) -> None:
    assert dead_row(headers) is None


def test_rows_survive_their_file(tmp_path: Path) -> None:
    row = DocumentRow('a"\n\x00é', 'a"\n\x00é', "d", "c", 5)
    with WitnessFile(tmp_path, "legacy_document") as file:
        file.write([row])
    with Ledger(tmp_path / "db") as ledger:
        ledger.load("legacy_document", file)
        ledger.settle()
        [difference] = ledger.differences(9)
    assert difference.id == row.raw_id
