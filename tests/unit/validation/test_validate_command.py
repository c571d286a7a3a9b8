"""`nljctl validate` as people and programs see it."""

from __future__ import annotations

import gzip
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

VALID: dict[str, Any] = {"actor": {"mbox": "mailto:a@b.c"}, "verb": {"id": "http://v"}, "object": {"id": "http://o"}}


def run(*arguments: str, given: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    return subprocess.run([sys.executable, "-m", "nljctl", "validate", *arguments], input=given, capture_output=True, check=False)


def ndjson(*values: Any) -> bytes:
    return b"".join(json.dumps(value).encode() + b"\n" for value in values)


def test_programs_get_one_document_with_one_result_a_line() -> None:
    done = run("-", "--json", given=ndjson(VALID, {**VALID, "event_id": "k"}, {}))
    document = json.loads(done.stdout)

    assert done.returncode == 1
    assert (document["command"], document["statements"], document["valid"], document["repaired"], document["invalid"]) == ("validate", 3, 1, 1, 1)
    assert [(result["line"], result["valid"], result["repairs"]) for result in document["results"]] == [
        (1, True, []),
        (2, True, ["drop-envelope"]),
        (3, False, []),
    ]
    assert set(document["results"][2]) == {"line", "valid", "id", "event", "repairs", "errors", "warnings"}
    assert document["results"][2]["errors"][0] == {
        "rule": "XAPI-00003",
        "pointer": "/actor",
        "message": 'A statement must have "actor"; it is missing.',
        "section": "Data 2.2",
    }


def test_a_valid_file_ends_with_zero() -> None:
    done = run("-", given=ndjson(VALID, VALID))

    assert done.returncode == 0
    assert b"2 statements" in done.stdout


def test_no_input_is_no_statement() -> None:
    document = json.loads(run("-", "--json").stdout)

    assert (document["statements"], document["results"]) == (0, [])


def test_explain_tells_line_place_rule_section_and_sentence() -> None:
    done = run("-", "--explain", given=ndjson(VALID, {**VALID, "timestamp": "now"}))

    assert done.returncode == 1
    assert b'line 2  /timestamp  XAPI-00022 (Data 2.4.7)  "timestamp" must be an ISO 8601 date and time' in done.stdout.replace(b"\n", b" ")


@pytest.mark.parametrize("flags", [[], ["--json"]])
def test_a_file_that_is_not_there_is_trouble(tmp_path: Path, flags: list[str]) -> None:
    done = run(str(tmp_path / "none"), *flags)

    assert done.returncode == 2
    assert b"cannot be read" in (done.stdout if flags else done.stderr)
    assert not flags or json.loads(done.stdout)["error"]["code"] == "bad-usage"


def test_what_breaks_off_is_trouble_in_a_document_that_is_whole(tmp_path: Path) -> None:
    broken = tmp_path / "broken.gz"
    broken.write_bytes(gzip.compress(ndjson(*[{**VALID, "result": {"response": str(number * 7_919)}} for number in range(20_000)]))[:-1_000])

    done = run(str(broken), "--json")
    document = json.loads(done.stdout)

    assert done.returncode == 2
    assert document["error"]["code"] == "bad-usage"
    assert document["statements"] == len(document["results"]) > 0
