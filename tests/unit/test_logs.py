"""One line per event, on stderr, as text or JSON."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator

import pytest

from nljctl import logs


@pytest.fixture(autouse=True)
def handlers_of_before() -> Iterator[None]:
    """Puts the root logger back as pytest had it."""
    root = logging.getLogger()
    before = root.handlers[:], root.level
    yield
    root.handlers[:], root.level = before


def lines(capsys: pytest.CaptureFixture[str]) -> list[str]:
    return capsys.readouterr().err.splitlines()


def test_an_event_is_one_json_object_with_its_fields(capsys: pytest.CaptureFixture[str]) -> None:
    logs.configure("json")
    logging.getLogger("nljctl.legacy").info("statement %s", "refused", extra={"topic": "xapi-events", "offset": 7})
    (line,) = lines(capsys)
    document = json.loads(line)
    assert (document["source"], document["event"], document["topic"], document["offset"]) == ("legacy", "statement refused", "xapi-events", 7)


def test_a_failure_is_one_line_of_text_without_its_trace(capsys: pytest.CaptureFixture[str]) -> None:
    logs.configure("text")
    try:
        int("no\nnumber")
    except ValueError:
        logging.getLogger("nljctl").exception("it failed")
    (line,) = lines(capsys)
    assert 'it failed  cause="ValueError: invalid literal' in line


def test_debug_is_said_only_when_asked_for(capsys: pytest.CaptureFixture[str]) -> None:
    for verbose in (False, True):
        logs.configure("text", verbose=verbose)
        logging.getLogger("nljctl").debug("detail")
    assert len(lines(capsys)) == 1


def test_a_library_that_repeats_itself_is_heard_once(capsys: pytest.CaptureFixture[str]) -> None:
    logs.configure("text")
    for port in range(100):
        logging.getLogger("aiokafka").error("cannot connect to %s", port)
    assert len(lines(capsys)) == 1


def test_our_own_events_are_never_kept_back(capsys: pytest.CaptureFixture[str]) -> None:
    logs.configure("text")
    for offset in range(3):
        logging.getLogger("nljctl.legacy").info("statement refused", extra={"offset": offset})
    assert len(lines(capsys)) == 3
