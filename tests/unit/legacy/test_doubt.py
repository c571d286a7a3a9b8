"""Telling a record that a killed process has already sent from a producer's duplicate."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from aiokafka import TopicPartition

from nljctl.pipelines.legacy.doubt import NO_DOUBT, Doubt, Mark

TP = TopicPartition("xapi-events", 0)
MARKED = datetime(2025, 3, 1, 9, tzinfo=UTC)
TAKEN = MARKED + timedelta(minutes=5)
MARK = Mark(10, MARKED)
DURING = MARKED + timedelta(seconds=1)


def doubt() -> Doubt:
    return Doubt({TP: MARK}, TAKEN)


def test_what_was_stored_while_the_record_was_in_hand_is_the_same_record() -> None:
    assert doubt().same_record(MARK, "a", DURING)


def test_what_was_stored_before_the_record_was_in_hand_is_a_duplicate() -> None:
    assert not doubt().same_record(MARK, "a", MARKED - timedelta(seconds=1))


def test_what_this_process_stored_itself_is_a_duplicate() -> None:
    assert not doubt().same_record(MARK, "a", TAKEN + timedelta(seconds=1))


def test_only_the_first_record_of_an_id_can_be_the_one_sent_before() -> None:
    found = doubt()
    assert [found.same_record(MARK, "a", DURING) for _ in range(2)] == [True, False]


def test_a_statement_that_the_lrs_does_not_have_was_not_sent() -> None:
    assert not doubt().same_record(MARK, "a", None)


def test_only_records_below_the_mark_are_in_doubt() -> None:
    assert [doubt().mark(TP, offset) for offset in (9, 10)] == [MARK, None]


def test_a_partition_without_mark_is_not_in_doubt() -> None:
    assert doubt().mark(TopicPartition("xapi-events", 1), 0) is None
    assert NO_DOUBT.mark(TP, 0) is None
