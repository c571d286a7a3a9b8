"""What becomes of records on faststream's side, by the witnesses (contract, "compare-legacy, exactly")."""

from ledger_world import World


def test_a_document_with_the_records_coordinates_and_content_is_stored() -> None:
    world = World()
    world.stored_new("a", "A", world.record("a"))
    assert world.settle().faststream == ["stored"]


def test_without_a_document_and_a_dead_letter_the_record_is_missing() -> None:
    world = World()
    world.record("a")
    settled = world.settle()
    assert settled.faststream == ["missing"]
    assert ("faststream", "a", "missing") in settled.found()


def test_other_content_under_the_records_coordinates_is_altered() -> None:
    world = World()
    world.stored_new("a", "X", world.record("a"))
    settled = world.settle()
    assert settled.faststream == ["altered"]
    assert ("faststream", "a", "altered") in settled.found()


def test_the_second_record_of_the_same_content_is_a_duplicate() -> None:
    world = World()
    world.stored_new("a", "A", world.record("a"))
    world.record("a")
    assert world.settle().faststream == ["stored", "duplicate"]


def test_the_later_record_may_be_the_stored_one() -> None:
    world = World()
    world.record("a")
    world.stored_new("a", "A", world.record("a"))
    assert world.settle().faststream == ["duplicate", "stored"]


def test_other_content_of_the_same_id_that_was_dead_lettered_is_a_conflict() -> None:
    world = World()
    world.stored_new("a", "A", world.record("a", "A"))
    world.dead_letter(world.record("a", "B"), "conflict")
    settled = world.settle()
    assert settled.faststream == ["stored", "conflict"]


def test_a_conflict_whose_dead_letter_is_lost_is_missing() -> None:
    world = World()
    world.stored_new("a", "A", world.record("a", "A"))
    world.record("a", "B")
    assert world.settle().faststream == ["stored", "missing"]


def test_altering_the_document_of_several_records_alters_only_its_owner() -> None:
    world = World()
    owner, _, third = world.record("a", "A"), world.record("a", "A"), world.record("a", "B")
    world.stored_new("a", "X", owner).dead_letter(third, "conflict")
    assert world.settle().faststream == ["altered", "duplicate", "conflict"]


def test_an_invalid_record_in_the_dead_letter_topic_is_dead_lettered_with_its_rule() -> None:
    world = World()
    world.dead_letter(world.record("a", rejected="verb-id"), rule="verb-id")
    settled = world.settle()
    assert settled.faststream == ["dead_lettered"]
    assert settled.reasons["faststream"]["dead_lettered"] == [{"reason": "invalid-xapi: verb-id", "count": 1}]


def test_several_dead_letters_of_one_record_count_once() -> None:
    world = World()
    offset = world.record("a", rejected="verb-id")
    world.dead_letter(offset).dead_letter(offset)
    settled = world.settle()
    assert settled.totals.classes["faststream"]["dead_lettered"] == settled.totals.records == 1


def test_an_invalid_record_without_dead_letter_is_missing() -> None:
    world = World()
    world.record("a", rejected="verb-id")
    assert world.settle().faststream == ["missing"]


def test_an_outcome_row_alone_does_not_replace_the_dead_letter() -> None:
    world = World()
    world.outcome("faststream", world.record("a", rejected="verb-id"), "dead_lettered", "invalid-xapi")
    assert world.settle().faststream == ["missing"]


def test_where_retention_took_dead_letters_the_outcome_row_speaks_for_them() -> None:
    world = World()
    world.outcome("faststream", world.record("a", rejected="verb-id"), "dead_lettered", "invalid-xapi")
    assert world.settle(dead_letters_truncated=True).faststream == ["dead_lettered"]


def test_a_valid_record_that_the_mapping_refused_is_dead_lettered() -> None:
    world = World()
    world.dead_letter(world.record("a"), "mapping-refused")
    settled = world.settle()
    assert settled.faststream == ["dead_lettered"]
    assert settled.reasons["faststream"]["dead_lettered"] == [{"reason": "mapping-refused", "count": 1}]


def test_a_document_that_no_record_has_is_extra() -> None:
    world = World()
    world.stored_new("a", "A", world.record("a")).stored_new("b", "B", 99)
    settled = world.settle()
    assert settled.totals.classes["faststream"]["extra"] == 1
    assert ("faststream", "b", "extra") in settled.found()


def test_a_document_of_a_record_beyond_the_cut_is_not_extra() -> None:
    world = World()
    world.stored_new("a", "A", world.record("a")).stored_new("b", "B", world.record("b", "B", place="after"))
    settled = world.settle()
    assert settled.totals.classes["faststream"]["extra"] == 0
    assert (settled.totals.records, settled.totals.after_cut) == (1, 1)


def test_a_record_whose_document_belongs_to_one_beyond_the_cut_is_a_duplicate() -> None:
    world = World()
    world.record("a")
    world.stored_new("a", "A", world.record("a", place="after"))
    assert world.settle().faststream == ["duplicate"]


def test_a_document_under_the_id_of_a_rejected_record_is_extra() -> None:
    world = World()
    offset = world.record("a", rejected="verb-id")
    world.dead_letter(offset).stored_new("a", "A", offset)
    assert world.settle().totals.classes["faststream"]["extra"] == 1


def test_a_document_under_an_id_in_capitals_is_extra() -> None:
    world = World()
    world.stored_new("a", "A", world.record("a")).stored_new("a", "A", 0, raw_id="A")
    settled = world.settle()
    assert settled.faststream == ["stored"]
    assert ("faststream", "A", "extra") in settled.found()


def test_a_document_from_below_the_logs_start_is_expired() -> None:
    world = World(log_begin=10)
    world.stored_new("a", "A", world.record("a")).stored_new("b", "B", 3)
    settled = world.settle()
    assert (settled.totals.classes["faststream"]["expired"], settled.totals.classes["faststream"]["extra"]) == (1, 0)


def test_a_document_of_an_earlier_generation_of_its_topic_is_expired_wherever_it_was() -> None:
    world = World(generation=1)
    world.stored_new("new", offset=world.record("new"), generation=1).stored_legacy("new", stored=1_001)
    settled = world.stored_new("old", offset=0).stored_legacy("old", stored=900).settle()
    assert settled.faststream == ["stored"]
    for side in ("faststream", "legacy"):
        assert (settled.totals.classes[side]["expired"], settled.totals.classes[side]["extra"]) == (1, 0)


def test_a_duplicate_of_an_expired_record_is_a_duplicate() -> None:
    world = World(log_begin=10)
    world.record("a", "A")
    world.stored_new("a", "A", 3)
    assert world.settle().faststream == ["duplicate"]


def test_a_conflict_with_an_expired_record_is_a_conflict() -> None:
    world = World(log_begin=10)
    world.dead_letter(world.record("a", "B"), "conflict").stored_new("a", "A", 3)
    assert world.settle().faststream == ["conflict"]


def test_a_document_whose_coordinates_were_rewritten_is_held_to_the_first_record_of_its_id() -> None:
    world = World()
    world.record("a", "A")
    world.stored_new("a", "X", 0, raw_id="a")
    world.rows["faststream_document"].clear()
    world.record("b", "B")
    world.stored_new("a", "X", 1).stored_new("b", "B", 1)
    assert world.settle().faststream == ["altered", "stored"]
