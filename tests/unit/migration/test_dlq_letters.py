"""Dead letters as values: coordinates, what is shown of one, and which of many is the latest."""

from __future__ import annotations

import base64
from typing import Any

import pytest
from aiokafka import ConsumerRecord
from hypothesis import given
from hypothesis import strategies as st

from nljctl.errors import UsageError
from nljctl.migration.dlq.coordinates import Coordinates, written
from nljctl.migration.dlq.index import Index, Place, Wanted
from nljctl.migration.dlq.letter import letter_of, listed, value_shown

A, B = Coordinates("nlj.training.bookings", 3, 17), Coordinates("xapi-events", 0, 4)
HEADERS = {"reason": b"invalid-xapi", "rule": b"XAPI-00010", "pointer": b"/verb", "topic": b"xapi-events", "partition": b"0", "offset": b"4"}


def record(headers: dict[str, bytes], value: bytes | None = b"{}") -> ConsumerRecord[Any, Any]:
    named = [(f"nljctl-{name}", text) for name, text in headers.items()]
    return ConsumerRecord("nlj.errors.statements", 1, 8, 1_000, 0, b"key", value, None, 3, 2, named)


@pytest.mark.parametrize("words", [["nlj.training.bookings/3@17"], ["nlj.training.bookings", "3", "17"]])
def test_coordinates_are_written_in_one_word_or_in_three(words: list[str]) -> None:
    assert written(words) == [A]


def test_several_coordinates_are_named_at_once() -> None:
    assert written([str(A), str(B)]) == [A, B]


@pytest.mark.parametrize("words", [["bookings"], ["bookings", "3"], ["a/b@c"], ["a b/1@2"], ["a/-1@2"], ["a/1@2 "]])
def test_what_names_no_record_is_bad_usage(words: list[str]) -> None:
    with pytest.raises(UsageError):
        written(words)


def test_a_letter_names_its_origin_and_why() -> None:
    letter = letter_of(record({**HEADERS, "at": b"2026-03-01T09:00:00.123+00:00"}))

    assert letter is not None
    assert (letter.origin, letter.reason, letter.rule, letter.pointer, letter.key) == (B, "invalid-xapi", "XAPI-00010", "/verb", b"key")
    assert listed(letter)["at"] == "2026-03-01T09:00:00.123+00:00"


@pytest.mark.parametrize("missing", ["topic", "partition", "offset"])
def test_a_record_without_an_origin_is_no_letter(missing: str) -> None:
    assert letter_of(record({name: text for name, text in HEADERS.items() if name != missing})) is None


def test_a_letter_without_a_readable_time_has_the_time_of_its_record() -> None:
    letter = letter_of(record({**HEADERS, "at": b"yesterday"}))
    assert letter is not None
    assert letter.at == 1_000


def test_a_short_text_is_shown_as_it_is() -> None:
    assert value_shown("grün".encode()) == {"value": "grün", "size": 5}


def test_a_long_text_is_cut_and_says_so() -> None:
    assert value_shown(b"x" * 30, longest=20) == {"value": "x" * 20, "size": 30, "truncated": True}


def test_bytes_that_are_cut_can_still_be_decoded() -> None:
    shown = value_shown(b"\xff" * 100, longest=20)
    assert (base64.b64decode(shown["value"]), shown["truncated"], shown["encoding"]) == (b"\xff" * 15, True, "base64")


@pytest.mark.parametrize("value", [b"", b"x" * 5_000, b"\xff" * 5_000])
def test_without_a_limit_all_of_a_value_is_shown(value: bytes) -> None:
    assert "truncated" not in value_shown(value, longest=None)


def test_a_record_without_value_has_none() -> None:
    assert value_shown(None) == {"value": None, "size": 0}


def test_the_latest_letter_of_an_origin_wins_whatever_the_order() -> None:
    index = Index()
    for place, reason in ((Place(5, 0, 0), "invalid-xapi"), (Place(9, 1, 0), "conflict"), (Place(7, 0, 1), "too-deep")):
        index.add(A, place, reason)

    assert (len(index), index.count(Wanted())) == (1, {"conflict": 1})


def test_a_letter_of_what_was_sent_again_is_one_of_its_origin() -> None:
    sent = A._replace(offset=99)
    index = Index({sent: A})
    index.add(A, Place(1, 0, 0), "invalid-xapi")
    index.add(sent, Place(2, 0, 1), "invalid-xapi")

    latest = index.latest(sent)
    assert latest is not None
    assert (len(index), latest.origin, latest.place) == (1, A, Place(2, 0, 1))


@pytest.mark.parametrize(
    ("wanted", "origins"),
    [
        (Wanted(), {A, B}),
        (Wanted(reason="conflict"), {B}),
        (Wanted(topic=A.topic), {A}),
        (Wanted(reason="conflict", topic=A.topic), set()),
        (Wanted(origins={B}), {B}),
    ],
)
def test_letters_are_wanted_by_reason_topic_and_origin(wanted: Wanted, origins: set[Coordinates]) -> None:
    index = Index()
    index.add(A, Place(1, 0, 0), "not-json")
    index.add(B, Place(2, 0, 1), "conflict")

    assert {found.origin for found in index if wanted(found)} == origins


@given(st.lists(st.tuples(st.integers(0, 5), st.integers(0, 50), st.sampled_from(["a", "b"])), max_size=60), st.integers(0, 8))
def test_the_index_says_what_a_plain_dictionary_would(letters: list[tuple[int, int, str]], limit: int) -> None:
    index, plain = Index(), dict[Coordinates, tuple[Place, str]]()
    for number, (offset, at, reason) in enumerate(letters):
        origin, place = A._replace(offset=offset), Place(at, number % 3, number)
        index.add(origin, place, reason)
        plain[origin] = max(plain.get(origin, (place, reason)), (place, reason))

    assert {found.origin: (found.place, found.reason) for found in index} == plain
    assert [found.place for found in index.newest(Wanted(), limit)] == sorted((place for place, _ in plain.values()), reverse=True)[:limit]
