"""A partition is the log that progress speaks of, or it is not: each sign alone, and none."""

from __future__ import annotations

from typing import Any

import pytest
from aiokafka import ConsumerRecord, TopicPartition
from hypothesis import given
from hypothesis import strategies as st

from nljctl.effects.continuity import Found, Known, Mark, broken, made_anew, mark_of
from nljctl.kafka.offsets import Span

MARK, OTHER = Mark(9, "aa"), Mark(9, "bb")
TEN = Span(0, 10)


def record(offset: int, key: bytes | None, value: bytes | None, at: int = 1_741_000_000_000) -> Any:
    return ConsumerRecord("xapi-events", 0, offset, at, 0, key, value, None, 0, 0, ())


@pytest.mark.parametrize(
    ("known", "found"),
    [
        (Known(0), Found(Span(0, 0))),
        (Known(10, MARK, "id"), Found(TEN, MARK, "id")),
        (Known(10, MARK, None), Found(TEN, MARK, "id")),
        (Known(10, MARK, "id"), Found(TEN, MARK, None)),
        (Known(10, MARK), Found(Span(10, 30), None)),
        (Known(4), Found(Span(8, 30))),
    ],
    ids=["nothing read", "all the same", "an id is new", "no id is told", "retention took the record", "retention took more"],
)
def test_the_same_log_is_gone_on_with(known: Known, found: Found) -> None:
    assert broken(known, found) == ""


@pytest.mark.parametrize(
    ("known", "found", "said"),
    [
        (Known(10, MARK), Found(Span(0, 4)), "the log ends at 4"),
        (Known(10, MARK), Found(Span(0, 5_000), OTHER), "offset 9 is not the one"),
        (Known(10, MARK, "id"), Found(TEN, MARK, "other"), "another id"),
        (Known(10, None, "id"), Found(Span(0, 5_000), None, "other"), "another id"),
    ],
    ids=["shorter", "longer", "a copy under another id", "longer, by id alone"],
)
def test_another_log_is_told_and_why(known: Known, found: Found, said: str) -> None:
    assert said in broken(known, found)


@given(st.integers(0, 1 << 62), st.none() | st.binary(max_size=20), st.none() | st.binary(max_size=20), st.none() | st.binary(max_size=20))
def test_a_mark_survives_its_column_and_is_of_all_of_a_record(offset: int, key: bytes | None, value: bytes | None, other: bytes | None) -> None:
    mark = mark_of(record(offset, key, value))
    assert Mark.read(str(mark)) == mark
    assert (mark_of(record(offset, key, other)) == mark) == (other == value)
    assert (mark_of(record(offset, other, value)) == mark) == (other == key)
    assert mark_of(record(offset, key, value, at=1)) != mark


@pytest.mark.parametrize("text", [None, "", "3f2a", ":aa", "9:", "-1:aa"])
def test_what_is_no_mark_is_none(text: str | None) -> None:
    assert Mark.read(text) is None


def test_the_error_names_the_topics_and_the_command() -> None:
    problem = made_anew([(TopicPartition("xapi-events", 1), "why"), (TopicPartition("nlj.survey.responses", 0), "other")])
    assert problem.code == "topic-recreated"
    assert "nlj.survey.responses/0" in problem.message
    assert "nljctl new-generation nlj.survey.responses xapi-events" in problem.hint
