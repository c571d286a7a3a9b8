"""How the backfill cuts the log into arrays for the LRS."""

from __future__ import annotations

from typing import Any

from aiokafka import ConsumerRecord

from nljctl.pipelines.legacy.backfill import ARRAY_BYTES, ARRAY_STATEMENTS, _arrays
from nljctl.pipelines.legacy.sender import Letter, Prepared


def record(offset: int) -> Any:
    return ConsumerRecord("t", 0, offset, 0, 0, None, None, None, 0, 0, ())


def letters(*ids: str | None, body: bytes = b"{}") -> list[tuple[Any, Prepared]]:
    """Prepared records; None is one that is not sent."""
    return [(record(n), Prepared(Letter(name, body, True) if name else None, None, None)) for n, name in enumerate(ids)]


def offsets(prepared: list[tuple[Any, Prepared]]) -> list[list[int]]:
    return [[found.offset for found, _ in array] for array in _arrays(prepared)]


def test_no_array_holds_an_id_twice_in_any_spelling() -> None:
    assert offsets(letters("a", "b", "A", "c")) == [[0, 1], [2, 3]]


def test_records_that_are_not_sent_travel_with_their_neighbours() -> None:
    assert offsets(letters("a", None, "b", None)) == [[0, 1, 2, 3]]


def test_arrays_are_bounded_in_number() -> None:
    found = offsets(letters(*(str(n) for n in range(ARRAY_STATEMENTS + 1))))
    assert [len(array) for array in found] == [ARRAY_STATEMENTS, 1]


def test_arrays_are_bounded_in_size() -> None:
    assert offsets(letters("a", "b", "c", body=b"x" * (ARRAY_BYTES // 2))) == [[0, 1], [2]]


def test_nothing_makes_no_array() -> None:
    assert offsets([]) == []
