"""Files of statements, line by line."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from nljctl.errors import UsageError
from nljctl.judge import MAX_BYTES
from nljctl.validation import Totals, lines, validate
from nljctl.xapi.report import MAX_ERRORS

VALID: dict[str, Any] = {"actor": {"mbox": "mailto:a@b.c"}, "verb": {"id": "http://adlnet.gov/expapi/verbs/passed"}, "object": {"id": "http://o"}}
REPAIRABLE = {**VALID, "event_id": "k"}
ID = "0B0F3F0E-6a0e-4c55-9a57-1b6f0c2f9d10"


def line(value: Any) -> bytes:
    return json.dumps(value).encode()


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "statements.ndjson"


def test_each_line_is_one_result_whatever_ends_it(file: Path) -> None:
    file.write_bytes(b"\n".join([line(VALID), line(VALID) + b"\r", b"", line(VALID)]))

    assert list(lines(str(file))) == [line(VALID), line(VALID), b"", line(VALID)]


def test_what_is_gzip_is_unpacked_whatever_its_name(file: Path) -> None:
    file.write_bytes(gzip.compress(line(VALID) + b"\n"))

    assert list(lines(str(file))) == [line(VALID)]


def test_an_empty_file_has_no_lines(file: Path) -> None:
    file.write_bytes(b"")

    assert list(lines(str(file))) == []


def test_a_byte_order_mark_before_the_first_line_is_the_file_s(file: Path) -> None:
    file.write_bytes(b"\xef\xbb\xbf" + line(VALID))

    assert [result.valid for result in validate(lines(str(file)))] == [True]


def test_of_a_line_that_is_too_large_only_the_beginning_is_kept(file: Path) -> None:
    file.write_bytes(b"x" * (3 * MAX_BYTES) + b"\n" + line(VALID) + b"\n")

    first, second = lines(str(file))

    assert MAX_BYTES < len(first) < MAX_BYTES + 10
    assert second == line(VALID)
    assert [error.rule for result in validate([first]) for error in result.errors] == ["max-bytes"]


@pytest.mark.parametrize("content", [None, gzip.compress(b"a\n" * 1_000, mtime=0)[:-20], b"\x1f\x8bnot really"])
def test_what_cannot_be_read_is_said_so(file: Path, content: bytes | None) -> None:
    if content is not None:
        file.write_bytes(content)

    with pytest.raises(UsageError, match="cannot be read"):
        list(lines(str(file)))


def test_results_tell_line_verdict_repairs_and_errors() -> None:
    accepted, repaired, rejected = validate([line({**VALID, "id": ID}), line(REPAIRABLE), line({**VALID, "id": "x"})])

    assert (accepted.line, accepted.valid, accepted.id, accepted.repairs) == (1, True, ID.lower(), ())
    assert (repaired.line, repaired.valid, repaired.id, repaired.repairs) == (2, True, None, ("drop-envelope",))
    assert (rejected.line, rejected.valid, rejected.id) == (3, False, "x")
    assert [(error.rule, error.pointer) for error in rejected.errors] == [("XAPI-00027", "/id")]


def test_strictly_nothing_is_repaired() -> None:
    (result,) = validate([line(REPAIRABLE)], strict=True)

    assert (result.valid, result.repairs) == (False, ())


def test_events_are_told_without_being_told_the_topic() -> None:
    requested = {**VALID, "verb": {"id": "http://adlnet.gov/expapi/verbs/asked"}}
    requested["object"] = {
        "id": "http://nlj.platform/training-sessions/5d8b1f9a-0000-4000-8000-000000000002",
        "definition": {"type": "http://adlnet.gov/expapi/activities/meeting"},
    }

    assert [result.event for result in validate([line(requested), line(VALID)])] == ["booking.requested", "statement.passed"]
    assert [result.event for result in validate([line(VALID)], topic="nlj.training.bookings")] == [None]


def test_a_batch_is_valid_if_all_are_and_no_id_is_there_twice() -> None:
    batches = [[VALID, REPAIRABLE], [VALID, {**VALID, "id": "x"}], [{**VALID, "id": ID}, {**VALID, "id": ID.lower()}], []]

    good, bad, twice, empty = validate(line(batch) for batch in batches)

    assert (good.valid, good.repairs) == (True, ("drop-envelope",))
    assert [(error.rule, error.pointer) for error in bad.errors] == [("XAPI-00027", "/1/id")]
    assert [(error.rule, error.pointer) for error in twice.errors] == [("batch-ids", "/1/id")]
    assert [(error.rule, error.pointer) for error in empty.errors] == [("XAPI-00014", "")]


def test_totals_sum_to_the_lines_and_keep_the_first_examples() -> None:
    totals = Totals()
    for result in validate([line(VALID), line(REPAIRABLE), *[b"{}"] * 5]):
        totals.add(result)

    assert (totals.statements, totals.valid, totals.repaired, totals.invalid) == (7, 1, 1, 5)
    assert totals.by_rule == {"XAPI-00003": 5, "XAPI-00004": 5, "XAPI-00005": 5}
    assert totals.by_repair == {"drop-envelope": 1}
    assert [number for number, _ in totals.examples["XAPI-00003"]] == [3, 4, 5]


def test_a_batch_of_wrong_statements_stops_at_the_most_errors_that_are_told() -> None:
    (result,) = validate([b"[" + b"{}," * 100_000 + b"{}]"])

    assert (result.valid, len(result.errors)) == (False, MAX_ERRORS)
