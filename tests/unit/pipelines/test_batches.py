"""Batches that are ready together go to Postgres as one, and only those that follow one another."""

from __future__ import annotations

from aiokafka import TopicPartition

from nljctl.effects.batch import Batch, Entry
from nljctl.judge import judge
from nljctl.judgement import Origin
from nljctl.kafka.offsets import Span
from nljctl.pipelines.faststream.batch import follow, merged

ONE, OTHER = TopicPartition("xapi-events", 0), TopicPartition("xapi-events", 1)


def batch(*claims: tuple[TopicPartition, int, int]) -> Batch:
    entries = [Entry(tp, offset, judge(b"{}", Origin(tp.topic, tp.partition, offset, 0))) for tp, begin, end in claims for offset in range(begin, end)]
    return Batch({tp: Span(begin, end) for tp, begin, end in claims}, entries)


def test_claims_join_end_to_begin_and_entries_keep_their_order() -> None:
    whole = merged([batch((ONE, 0, 2), (OTHER, 5, 6)), batch((ONE, 2, 4))])
    assert whole.claims == {ONE: Span(0, 4), OTHER: Span(5, 6)}
    assert [(entry.tp, entry.offset) for entry in whole.entries] == [(ONE, 0), (ONE, 1), (OTHER, 5), (ONE, 2), (ONE, 3)]


def test_a_batch_follows_where_the_others_end() -> None:
    before = [batch((ONE, 0, 2)), batch((ONE, 2, 4))]
    assert follow(before, batch((ONE, 4, 5), (OTHER, 9, 10)))
    assert follow([], batch((ONE, 4, 5)))


def test_after_reading_went_back_it_does_not() -> None:
    assert not follow([batch((ONE, 0, 4))], batch((ONE, 2, 5)))
