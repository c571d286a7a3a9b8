"""Who has not reached the fences."""

from __future__ import annotations

from aiokafka import TopicPartition

from nljctl.effects.claim import Position
from nljctl.effects.plan import Pipeline
from nljctl.migration.fencing import document
from nljctl.migration.passing import owing, said

A, B = TopicPartition("a", 0), TopicPartition("b", 3)


def test_statements_do_not_count_and_effects_at_the_fence_have_passed() -> None:
    positions = {Pipeline.LEGACY: {A: Position(9, 5), B: Position(0, 7)}, Pipeline.FASTSTREAM: {A: Position(9, 9), B: Position(9, 8)}}
    assert owing(positions, {A: 5, B: 7}) == {}
    assert owing(positions, {A: 9, B: 7}) == {Pipeline.LEGACY: {A: 4}}


def test_who_has_no_position_owes_everything_below_the_fence() -> None:
    assert owing({Pipeline.LEGACY: {}, Pipeline.FASTSTREAM: {A: Position(3, 3)}}, {A: 3}) == {Pipeline.LEGACY: {A: 3}}


def test_it_is_said_who_lacks_how_much_and_where() -> None:
    lacking = {TopicPartition("t", number): number + 1 for number in range(5)}
    assert said({Pipeline.FASTSTREAM: lacking}) == (
        "faststream has not reached the fence on t/0 (1 offsets), t/1 (2 offsets), t/2 (3 offsets) and 2 more partitions"
    )


def test_fences_are_shown_by_topic_and_partition() -> None:
    assert document({B: 7, A: 1, TopicPartition("b", 0): 2}) == {"a": {"0": 1}, "b": {"0": 2, "3": 7}}
