"""Who has not passed a run's records."""

from __future__ import annotations

from aiokafka import TopicPartition

from nljctl.effects.plan import Pipeline
from nljctl.publish.passed import Behind, behind, unread_topics

P0, P1, OTHER = TopicPartition("programs", 0), TopicPartition("programs", 1), TopicPartition("xapi-events", 0)


def test_a_position_beyond_the_last_record_has_passed_it() -> None:
    assert behind(Pipeline.LEGACY, {P0: 8}, {P0: [5, 7]}) == []


def test_a_position_at_a_record_has_not_passed_it() -> None:
    assert behind(Pipeline.LEGACY, {P0: 7}, {P0: [5, 7]}) == [Behind(Pipeline.LEGACY, P0, 7, 8, 1)]


def test_a_topic_that_a_pipeline_does_not_read_does_not_concern_it() -> None:
    assert behind(Pipeline.LEGACY, {P0: 8}, {P0: [5], OTHER: [1]}) == []


def test_a_partition_without_position_is_still_to_be_read() -> None:
    assert behind(Pipeline.FASTSTREAM, {P0: 8}, {P1: [0, 1]}) == [Behind(Pipeline.FASTSTREAM, P1, None, 2, 2)]


def test_a_pipeline_that_has_not_begun_has_everything_to_read() -> None:
    assert [entry.records for entry in behind(Pipeline.FASTSTREAM, {}, {P0: [0], OTHER: [0, 1]})] == [1, 2]


def test_records_that_no_pipeline_reads_are_counted_by_topic() -> None:
    assert unread_topics([{P0: 1}, {P1: 1}], {P0: [0], OTHER: [0, 1]}) == {"xapi-events": 2}
