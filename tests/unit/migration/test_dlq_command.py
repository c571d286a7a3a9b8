"""`nljctl dlq` before it connects to anything: what it refuses, and what of a producer's text reaches a terminal."""

from __future__ import annotations

import json

import pytest

from nljctl.cli.app import run
from nljctl.cli.dlq import visible


@pytest.mark.parametrize(
    "arguments",
    [
        ["show", "nonsense"],
        ["show", "a/1@2", "a/1@3"],
        ["show"],
        ["list", "--parked", "--reason", "conflict"],
        ["list", "--limit", "-1"],
        ["replay", "bookings/x@1", "--dry-run"],
        ["replay", "--limit", "0", "--dry-run"],
    ],
)
def test_what_cannot_be_meant_is_bad_usage(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    code = run(["dlq", *arguments, "--json"])

    answer = json.loads(capsys.readouterr().out)
    assert (code, answer["command"], answer["error"]["code"]) == (2, "dlq", "bad-usage")


@pytest.mark.parametrize("mixed", [["list"], ["show", "a/1@2"], ["replay", "--dry-run"]])
def test_endpoints_of_two_systems_are_refused(mixed: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    code = run(["dlq", *mixed, "--kafka", "127.0.0.1:1", "--json"])

    assert (code, json.loads(capsys.readouterr().out)["error"]["code"]) == (2, "mixed-endpoints")


def test_escape_sequences_do_not_reach_the_terminal() -> None:
    assert visible("a\x1b[2Jb\r\n\u202ec") == "a\ufffd[2Jb\ufffd\ufffd\ufffdc"


def test_line_ends_are_kept_where_a_whole_value_is_shown() -> None:
    assert visible("a\n\tb\x00", keep="\n\t") == "a\n\tb\ufffd"


def test_a_record_without_value_shows_nothing() -> None:
    assert visible(None) == ""
