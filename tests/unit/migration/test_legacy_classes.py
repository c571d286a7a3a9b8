"""What becomes of records on legacy's side, by its index and its recorded outcomes (contract, "compare-legacy, exactly")."""

import pytest
from ledger_world import World


def test_a_document_of_the_id_with_the_content_is_stored() -> None:
    world = World()
    world.record("a")
    assert world.stored_legacy("a").settle().legacy == ["stored"]


def test_a_record_without_timestamp_is_compared_without_it() -> None:
    world = World()
    world.record("a", "A", timed=False)
    assert world.stored_legacy("a", "A").settle().legacy == ["stored"]


def test_without_document_and_outcome_it_is_unexplained() -> None:
    world = World()
    world.record("a")
    settled = world.settle()
    assert settled.legacy == ["unexplained"]
    assert ("legacy", "a", "unexplained") in settled.found()


@pytest.mark.parametrize("kind", ["filtered", "refused", "failed", "unreadable"])
def test_without_document_the_recorded_outcome_is_its_class_and_reason(kind: str) -> None:
    world = World()
    world.outcome("legacy", world.record("a"), kind, "why", "rule-7")
    settled = world.settle()
    assert settled.legacy == [kind]
    assert settled.reasons["legacy"][kind] == [{"reason": "why: rule-7", "count": 1}]


@pytest.mark.parametrize("kind", ["duplicate", "conflict"])
def test_a_recorded_duplicate_or_conflict_without_any_document_is_unexplained(kind: str) -> None:
    world = World()
    world.outcome("legacy", world.record("a"), kind)
    assert world.settle().legacy == ["unexplained"]


def test_a_topic_that_legacy_does_not_read_is_not_subscribed() -> None:
    world = World(legacy_reads=False)
    world.record("a")
    settled = world.settle()
    assert settled.legacy == ["not_subscribed"]
    assert settled.reasons["legacy"]["not_subscribed"] == [{"reason": "legacy does not read xapi-events", "count": 1}]


def test_the_second_record_of_the_same_content_is_a_duplicate() -> None:
    world = World()
    world.record("a")
    world.outcome("legacy", world.record("a"), "duplicate", "http-204").stored_legacy("a")
    assert world.settle().legacy == ["stored", "duplicate"]


def test_a_record_posted_again_after_a_crash_is_stored_though_the_lrs_called_it_a_duplicate() -> None:
    world = World()
    world.outcome("legacy", world.record("a"), "duplicate", "http-204").stored_legacy("a")
    assert world.settle().legacy == ["stored"]


def test_the_winner_of_a_conflict_is_stored_whichever_it_is() -> None:
    world = World()
    world.record("a", "A")
    world.record("a", "B")
    world.outcome("legacy", 0, "conflict", "http-409").stored_legacy("a", "B")
    assert world.settle().legacy == ["conflict", "stored"]


def test_other_content_than_any_record_is_altered() -> None:
    world = World()
    world.record("a", "A")
    settled = world.stored_legacy("a", "X").settle()
    assert settled.legacy == ["altered"]
    assert ("legacy", "a", "altered") in settled.found()


def test_altering_the_document_of_several_records_alters_only_the_first() -> None:
    world = World()
    world.record("a", "A")
    world.outcome("legacy", world.record("a", "A"), "duplicate").outcome("legacy", world.record("a", "B"), "conflict").stored_legacy("a", "X")
    assert world.settle().legacy == ["altered", "duplicate", "conflict"]


def test_a_record_posted_again_after_a_crash_is_altered_when_its_document_was() -> None:
    world = World()
    world.outcome("legacy", world.record("a", "A"), "duplicate", "http-204").stored_legacy("a", "X")
    assert world.settle().legacy == ["altered"]


def test_a_recorded_conflict_with_a_record_that_retention_took_is_a_conflict() -> None:
    world = World(log_begin=10)
    world.outcome("legacy", world.record("a", "B"), "conflict", "http-409").stored_legacy("a", "A")
    assert world.settle().legacy == ["conflict"]


def test_a_post_that_failed_for_us_and_was_stored_all_the_same_is_stored() -> None:
    world = World()
    world.outcome("legacy", world.record("a"), "failed", "timeout").stored_legacy("a")
    assert world.settle().legacy == ["stored"]


def test_records_without_id_are_matched_by_content_as_often_as_there_are_documents() -> None:
    world = World()
    for minted in ("m1", "m2", "m3"):
        world.record(minted, "A", named=False, timed=False)
    settled = world.stored_legacy("u1", "A").stored_legacy("u2", "A").settle()
    assert sorted(settled.legacy) == ["reassigned", "reassigned", "unexplained"]
    assert settled.totals.classes["legacy"]["extra"] == 0


def test_more_documents_than_records_without_id_are_extra() -> None:
    world = World()
    world.record("m1", "A", named=False, timed=False)
    settled = world.stored_legacy("u1", "A").stored_legacy("u2", "A").settle()
    assert settled.legacy == ["reassigned"]
    assert settled.totals.classes["legacy"]["extra"] == 1


def test_a_document_of_a_record_without_id_beyond_the_cut_is_not_extra() -> None:
    world = World()
    world.record("a", "B")
    world.record("m1", "A", named=False, timed=False, place="after")
    settled = world.stored_legacy("a", "B").stored_legacy("u1", "A").settle()
    assert settled.totals.classes["legacy"]["extra"] == 0


def test_a_record_that_was_refused_does_not_take_another_ones_document() -> None:
    world = World()
    world.outcome("legacy", world.record("m1", "A", named=False, timed=False), "refused", "http-422").record("m2", "A", named=False, timed=False)
    assert world.stored_legacy("u1", "A").settle().legacy == ["refused", "reassigned"]


def test_a_record_that_is_invalid_but_was_taken_by_the_lrs_is_stored() -> None:
    world = World()
    world.dead_letter(world.record("a", "A", rejected="verb-id"))
    settled = world.stored_legacy("a", "A").settle()
    assert (settled.faststream, settled.legacy) == (["dead_lettered"], ["stored"])


def test_a_document_that_no_record_has_is_extra() -> None:
    world = World()
    world.record("a")
    settled = world.stored_legacy("a").stored_legacy("b").settle()
    assert ("legacy", "b", "extra") in settled.found()


def test_a_document_under_the_id_of_a_record_that_was_turned_away_is_extra() -> None:
    world = World()
    world.outcome("legacy", world.record("a", "A"), "refused", "http-422").stored_legacy("a", "X")
    settled = world.settle()
    assert settled.legacy == ["refused"]
    assert ("legacy", "a", "extra") in settled.found()


def test_a_copy_under_the_same_id_in_capitals_is_extra() -> None:
    world = World()
    world.record("a")
    settled = world.stored_legacy("a").stored_legacy("a", raw_id="A").settle()
    assert settled.legacy == ["stored"]
    assert ("legacy", "A", "extra") in settled.found()


def test_two_records_whose_ids_differ_in_case_may_have_two_documents() -> None:
    world = World()
    world.record("a")
    world.record("a")
    settled = world.stored_legacy("a").stored_legacy("a", raw_id="A").settle()
    assert settled.legacy == ["stored", "duplicate"]
    assert settled.totals.classes["legacy"]["extra"] == 0


def test_a_document_from_before_the_logs_start_is_expired() -> None:
    world = World(log_begin=10)
    world.record("a", at=5_000)
    settled = world.stored_legacy("a").stored_legacy("old", stored=4_000).settle()
    assert (settled.totals.classes["legacy"]["expired"], settled.totals.classes["legacy"]["extra"]) == (1, 0)


def test_a_young_document_is_extra_even_where_the_log_has_lost_its_start() -> None:
    world = World(log_begin=10)
    world.record("a", at=5_000)
    settled = world.stored_legacy("a").stored_legacy("new", stored=6_000).settle()
    assert (settled.totals.classes["legacy"]["expired"], settled.totals.classes["legacy"]["extra"]) == (0, 1)
