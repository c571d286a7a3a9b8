"""The proof itself can fail: each thing that may go wrong is told."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from aiokafka import TopicPartition
from positions import Positions
from proof import Letter, Place, Stored, Witnessed, compare_outcomes, compare_positions, compare_statistics, expected

GOOD, SAME, OTHER, BAD = ("t", 0, 0), ("t", 0, 1), ("t", 1, 0), ("t", 1, 1)
LOG = [
    Witnessed(GOOD, "a", "digest", "", b"1"),
    Witnessed(SAME, "a", "digest", "", b"1"),
    Witnessed(OTHER, "a", "other", "", b"2"),
    Witnessed(BAD, None, "", "not-json", b"3"),
]
DOCUMENTS = {"a": Stored(GOOD, "digest")}
LETTERS = {OTHER: Letter("conflict", b"2", 1), BAD: Letter("not-json", b"3", 2)}
KINDS = {GOOD: "stored", SAME: "duplicate", OTHER: "conflict", BAD: "dead_lettered"}
TOTALS = {
    "total_validations": 4,
    "failed_validations": 1,
    "successful_validations": 3,
    "by_outcome": {"stored": 1, "duplicate": 1, "conflict": 1, "dead_lettered": 1},
    "by_topic": {"t": {"total_validations": 4, "failed_validations": 1, "successful_validations": 3, "success_rate": 75.0}},
}


def test_what_fits_is_right() -> None:
    assert expected(LOG, DOCUMENTS, LETTERS, ()) == (KINDS, [])
    assert compare_statistics(LOG, KINDS, TOTALS) == []
    assert compare_outcomes(KINDS, {SAME: "duplicate", OTHER: "conflict", BAD: "dead_lettered"}) == []


@pytest.mark.parametrize(
    ("documents", "letters", "said"),
    [
        ({}, LETTERS, "is not in the index"),
        ({"a": Stored(("t", 5, 5), "digest")}, LETTERS, "says that it is of ('t', 5, 5)"),
        ({**DOCUMENTS, "z": Stored(GOOD, "digest")}, LETTERS, "z in the index"),
        (DOCUMENTS, {OTHER: LETTERS[OTHER]}, "no dead letter (not-json)"),
        (DOCUMENTS, {**LETTERS, GOOD: Letter("conflict", b"1", 1)}, "that nobody owes"),
        (DOCUMENTS, {**LETTERS, BAD: Letter("not-json", b"changed", 1)}, "holds other bytes"),
        (DOCUMENTS, {**LETTERS, BAD: Letter("too-deep", b"3", 1)}, "says too-deep"),
    ],
)
def test_what_does_not_fit_is_told(documents: dict[str, Stored], letters: dict[Place, Letter], said: str) -> None:
    _, wrong = expected(LOG, documents, letters, ())
    assert any(said in what for what in wrong)


def test_a_changed_document_is_told() -> None:
    kinds, _ = expected(LOG, {"a": Stored(GOOD, "changed")}, LETTERS, ())
    assert kinds[GOOD] == "altered"
    assert compare_outcomes(kinds, {SAME: "duplicate", OTHER: "conflict", BAD: "dead_lettered"})


def test_only_a_statement_that_was_meant_to_be_refused_may_be() -> None:
    refused = {**LETTERS, GOOD: Letter("mapping-refused", b"1", 1)}
    assert expected(LOG[:1], {}, {GOOD: refused[GOOD]}, {"a"}) == ({GOOD: "dead_lettered"}, [])
    assert expected(LOG[:1], {}, {GOOD: refused[GOOD]}, ())[1]


@pytest.mark.parametrize("name", ["total_validations", "failed_validations", "successful_validations"])
def test_totals_that_differ_are_told(name: str) -> None:
    assert len(compare_statistics(LOG, KINDS, {**TOTALS, name: 99})) == 1


@pytest.mark.parametrize(
    "change",
    [
        lambda found: replace(found, progress={}),
        lambda found: replace(found, committed={}),
        lambda found: replace(found, ends={TopicPartition("t", 0): 11}),
    ],
)
def test_positions_that_differ_are_told(change: Callable[[Positions], Positions]) -> None:
    tp = TopicPartition("t", 0)
    level = Positions({tp: 10}, {tp: 10}, {tp: 10})
    assert compare_positions(level) == []
    assert compare_positions(change(level))


def test_a_group_ahead_of_postgres_is_told() -> None:
    tp = TopicPartition("t", 0)
    assert Positions({tp: 11}, {tp: 10}, {tp: 11}).ahead
    assert not Positions({tp: 9}, {tp: 10}, {tp: 11}).ahead
