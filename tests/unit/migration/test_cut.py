"""Up to which offsets both pipelines can be compared."""

import pytest
from aiokafka import TopicPartition

from nljctl.errors import UndecidedError
from nljctl.kafka.offsets import Span
from nljctl.migration.classes import Side
from nljctl.migration.cut import LivePosition, behind, make_cut

A0, A1, B0 = TopicPartition("a", 0), TopicPartition("a", 1), TopicPartition("b", 0)


def at(pipeline: Side, tp: TopicPartition, offset: int) -> LivePosition:
    return LivePosition(pipeline, tp, offset)


def test_a_partition_is_cut_at_the_slower_pipeline() -> None:
    cut = make_cut([at("faststream", A0, 90), at("legacy", A0, 40)], {A0: Span(10, 100)})
    assert cut.ranges == {A0: Span(10, 40)}


def test_a_topic_that_only_one_pipeline_reads_is_cut_by_it_alone() -> None:
    cut = make_cut([at("faststream", A0, 90), at("legacy", A0, 40), at("faststream", B0, 7)], {A0: Span(0, 100), B0: Span(0, 9)})
    assert cut.ranges[B0] == Span(0, 7)
    assert cut.subscribed == {"faststream": {"a", "b"}, "legacy": {"a"}}


def test_a_partition_that_a_reader_of_its_topic_has_not_begun_is_empty() -> None:
    cut = make_cut([at("faststream", A0, 90), at("faststream", A1, 50), at("legacy", A0, 40)], {A0: Span(0, 100), A1: Span(0, 60)})
    assert cut.ranges[A1] == Span(0, 0)


def test_the_cut_never_passes_the_logs_end() -> None:
    assert make_cut([at("faststream", A0, 90)], {A0: Span(0, 80)}).ranges == {A0: Span(0, 80)}


def test_since_moves_the_beginning() -> None:
    assert make_cut([at("faststream", A0, 90)], {A0: Span(0, 100)}, begins={A0: 60}).ranges == {A0: Span(60, 90)}


def test_topics_narrow_the_cut() -> None:
    cut = make_cut([at("faststream", A0, 90), at("faststream", B0, 5)], {A0: Span(0, 100), B0: Span(0, 9)}, topics=["b"])
    assert set(cut.ranges) == {B0}


def test_without_any_position_of_faststream_nothing_is_decided() -> None:
    with pytest.raises(UndecidedError):
        make_cut([at("legacy", A0, 90)], {A0: Span(0, 100)})


@pytest.mark.parametrize("position", [0, 10])
def test_an_empty_cut_decides_nothing(position: int) -> None:
    with pytest.raises(UndecidedError):
        make_cut([at("faststream", A0, position)], {A0: Span(10, 100)})


def test_the_cut_is_told_by_topic_and_partition() -> None:
    cut = make_cut([at("faststream", A0, 9), at("faststream", A1, 3)], {A0: Span(0, 9), A1: Span(1, 3)})
    assert cut.as_json() == {"a": {"0": [0, 9], "1": [1, 3]}}


def test_a_pipeline_is_behind_by_all_topics_that_it_reads() -> None:
    lacking = behind([at("faststream", A0, 90), at("faststream", B0, 9), at("legacy", A0, 100)], {A0: 100, A1: 5, B0: 9})
    assert lacking == {"faststream": 15, "legacy": 5}
