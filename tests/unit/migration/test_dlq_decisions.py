"""What is sent again and what is not, and with which id."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from nljctl.judge import judge
from nljctl.judgement import Origin
from nljctl.migration.dlq.attempts import Attempt, Fate, fate, last_of, roots
from nljctl.migration.dlq.coordinates import Coordinates
from nljctl.migration.dlq.decide import WORDS, decide
from nljctl.migration.dlq.fill_in import filled_in
from nljctl.migration.dlq.letter import Letter

PLACE = Coordinates("xapi-events", 3, 41)
ORIGIN = Origin(*PLACE, 1_740_819_600_123)
ELSEWHERE = Origin("xapi-events", 3, 900, 1_740_899_999_999)
STATEMENT: dict[str, Any] = {
    "id": "0b0f3f0e-6a0e-4c55-9a57-1b6f0c2f9d10",
    "actor": {"mbox": "mailto:ada@example.org"},
    "verb": {"id": "http://adlnet.gov/expapi/verbs/passed"},
    "object": {"id": "https://example.org/quiz"},
    "timestamp": "2025-03-01T09:00:00Z",
}
SUBSCRIBED = frozenset({PLACE.tp})


def value(**members: Any) -> bytes:
    return json.dumps({name: member for name, member in {**STATEMENT, **members}.items() if member != "absent"}).encode()


LETTER = Letter(PLACE, "invalid-xapi", "XAPI-00010", "/verb", 0, b"key", value())


def attempt(found: Fate, number: int = 1, sent_offset: int | None = 99) -> Attempt:
    return Attempt(PLACE, number, 90, sent_offset, datetime(2026, 3, 1, tzinfo=UTC), found)


def test_what_is_valid_today_is_sent() -> None:
    assert decide(LETTER, None, SUBSCRIBED).sends


@pytest.mark.parametrize(
    ("letter", "last", "why"),
    [
        (replace(LETTER, reason="conflict"), None, "conflict"),
        (LETTER, attempt("conflict"), "conflict"),
        (LETTER, attempt("stored"), "already stored"),
        (LETTER, attempt("duplicate"), "already stored"),
        (LETTER, attempt("under way"), "under way"),
        (LETTER, attempt("unnoted", sent_offset=None), "under way"),
        (replace(LETTER, origin=PLACE._replace(topic="gone")), None, "not subscribed"),
        (replace(LETTER, origin=PLACE._replace(partition=7)), None, "not subscribed"),
        (replace(LETTER, value=b"not json"), None, "still invalid"),
        (replace(LETTER, value=None), None, "still invalid"),
        (replace(LETTER, value=value(id=None)), None, "id cannot be filled in"),
    ],
)
def test_what_is_not_sent_says_why(letter: Letter, last: Attempt | None, why: str) -> None:
    decision = decide(letter, last, SUBSCRIBED)
    assert (decision.sends, decision.why) == (False, why)
    assert decision.why in WORDS


def test_what_was_refused_again_may_be_sent_again() -> None:
    assert decide(LETTER, attempt("dead_lettered"), SUBSCRIBED).sends


def test_force_sends_what_is_still_invalid_and_nothing_else() -> None:
    assert decide(replace(LETTER, value=b"not json"), None, SUBSCRIBED, force=True).sends
    assert not decide(replace(LETTER, reason="conflict"), None, SUBSCRIBED, force=True).sends
    assert not decide(LETTER, attempt("stored"), SUBSCRIBED, force=True).sends


def test_a_statement_with_its_own_id_and_time_is_sent_byte_for_byte() -> None:
    given = b"\n " + value()
    assert filled_in(given, ORIGIN) == given


@pytest.mark.parametrize("lacking", [("id",), ("timestamp",), ("id", "timestamp")])
def test_what_is_filled_in_says_the_same_wherever_it_lies(lacking: tuple[str, ...]) -> None:
    given = b" " + value(**dict.fromkeys(lacking, "absent"))

    sent = filled_in(given, ORIGIN)

    assert sent is not None
    first, again = judge(given, ORIGIN), judge(sent, ELSEWHERE)
    assert (again.id, again.digest, again.id_given, again.timestamp_given) == (first.id, first.digest, True, True)
    assert sent.endswith(given.lstrip()[1:])


@pytest.mark.parametrize("given", [b"not json", b"[1, 2]", b"\xff\xfe", b"", b"[" * 200])
def test_what_is_no_object_is_sent_as_it_is(given: bytes) -> None:
    assert filled_in(given, ORIGIN) == given


def test_a_record_of_nothing_is_sent_with_an_empty_value() -> None:
    assert filled_in(None, ORIGIN) == b""


def test_an_empty_object_is_filled_in_without_a_comma_too_many() -> None:
    assert set(json.loads(filled_in(b"{}", ORIGIN) or b"")) == {"id", "timestamp"}


def test_a_null_where_the_id_should_be_cannot_be_filled_in() -> None:
    assert filled_in(value(id=None), ORIGIN) is None


@pytest.mark.parametrize(
    ("sent_offset", "next_", "kind", "expected"),
    [
        (None, 100, None, "unnoted"),
        (99, None, None, "under way"),
        (99, 99, None, "under way"),
        (99, 100, None, "stored"),
        (99, 100, "duplicate", "duplicate"),
        (99, 100, "dead_lettered", "dead_lettered"),
    ],
)
def test_the_fate_of_an_attempt(sent_offset: int | None, next_: int | None, kind: Fate | None, expected: Fate) -> None:
    assert fate(sent_offset, next_, kind) == expected


def test_the_newest_attempt_of_an_origin_counts_and_all_of_them_lead_back_to_it() -> None:
    attempts = [attempt("stored", 2, 120), attempt("dead_lettered", 1, 99)]

    assert last_of(attempts)[PLACE].fate == "stored"
    assert roots(attempts) == {PLACE._replace(offset=99): PLACE, PLACE._replace(offset=120): PLACE}
