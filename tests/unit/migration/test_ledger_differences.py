"""Which differences the ledger reports, and which of them it calls explained."""

from __future__ import annotations

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ledger_world import World

from nljctl.migration.classes import SIDES, named


def both_hold(world: World, id: str, content: str = "A") -> None:
    world.stored_new(id, content, world.record(id, content)).stored_legacy(id, content)


def test_what_both_hold_is_no_difference() -> None:
    world = World()
    both_hold(world, "a")
    assert world.settle().differences == []


def test_what_neither_holds_is_no_difference() -> None:
    world = World()
    offset = world.record("a", rejected="verb-id")
    world.dead_letter(offset).outcome("legacy", offset, "refused", "http-422")
    assert world.settle().differences == []


def test_what_legacy_lacks_for_a_recorded_reason_is_an_explained_difference() -> None:
    world = World()
    offset = world.record("a")
    world.stored_new("a", "A", offset).outcome("legacy", offset, "filtered", "no route")
    [difference] = world.settle().differences
    assert (difference.side, difference.id, difference.cls, difference.explained, difference.offset) == ("legacy", "a", "filtered", True, 0)
    assert "no route" in difference.reason


def test_a_dead_letter_that_the_lrs_took_is_an_explained_difference_of_faststream() -> None:
    world = World()
    world.dead_letter(world.record("a", rejected="verb-id")).stored_legacy("a")
    [difference] = world.settle().differences
    assert (difference.side, difference.cls, difference.explained) == ("faststream", "dead_lettered", True)


def test_differing_winners_of_a_conflict_are_explained_on_both_sides() -> None:
    world = World()
    first, second = world.record("a", "A"), world.record("a", "B")
    world.stored_new("a", "A", first).dead_letter(second, "conflict").stored_legacy("a", "B").outcome("legacy", first, "conflict")
    settled = world.settle()
    assert [(d.side, d.cls, d.explained, d.offset) for d in settled.differences] == [("faststream", "conflict", True, 1), ("legacy", "conflict", True, 0)]


def test_an_accepted_unexplained_record_is_an_explained_difference() -> None:
    world = World()
    world.stored_new("a", "A", world.record("a"))
    assert world.settle().totals.unexplained == 1
    assert world.settle(accepted=frozenset({"unexplained"})).totals.unexplained == 0


def test_statements_older_than_the_log_on_both_sides_are_no_difference() -> None:
    world = World(log_begin=10)
    both_hold(world, "a")
    world.stored_new("old", "A", 3).stored_legacy("old", "A", stored=1)
    assert world.settle().differences == []


def test_a_statement_older_than_the_log_on_one_side_only_is_an_explained_difference() -> None:
    world = World(log_begin=10)
    both_hold(world, "a")
    [difference] = world.stored_legacy("old", "A", stored=1).settle().differences
    assert (difference.id, difference.cls, difference.explained, difference.topic) == ("old", "expired", True, None)


def test_statements_older_than_the_log_with_two_contents_are_unexplained() -> None:
    world = World(log_begin=10)
    both_hold(world, "a")
    world.stored_new("old", "A", 3).stored_legacy("old", "B", stored=1)
    assert {d.side for d in world.settle().differences if not d.explained} == {"faststream", "legacy"}


def test_two_contents_older_than_the_log_are_explained_by_a_recorded_conflict() -> None:
    world = World(log_begin=10)
    both_hold(world, "a")
    world.stored_new("old", "A", 3).stored_legacy("old", "B", stored=1).outcome("faststream", 4, "conflict", statement_id="old")
    assert world.settle().found() == []


def test_the_limit_shortens_the_list_and_keeps_the_unexplained_first() -> None:
    world = World()
    for n in range(5):
        offset = world.record(f"filtered-{n}")
        world.stored_new(f"filtered-{n}", "A", offset).outcome("legacy", offset, "filtered", "no route")
    world.stored_legacy("lost").record("lost")
    settled = world.settle(limit=2)
    assert [d.id for d in settled.differences] == ["lost", "filtered-0"]
    assert (settled.totals.explained, settled.totals.unexplained) == (5, 1)


@pytest.mark.parametrize("side", SIDES)
def test_planted_differences_are_found_and_only_they(side: str) -> None:
    world, chance = World(), random.Random(7)
    for n in range(300):
        both_hold(world, f"{n:03}", chance.choice("ABC"))
    documents = world.rows[f"{side}_document"]
    victims = chance.sample(range(300), 20)
    deleted, altered = victims[:9], victims[9:]
    kept = [d for n, d in enumerate(documents) if n not in deleted]
    for n in altered:
        old = documents[n]
        kept[kept.index(old)] = type(old)(old.raw_id, old.id, "X", "content-X", old.stored, old.topic, old.partition, old.offset)
    world.rows[f"{side}_document"] = kept
    for n in range(5):
        _ = world.stored_new(f"new-{n}", "A", 500 + n) if side == "faststream" else world.stored_legacy(f"new-{n}")
    lost = "missing" if side == "faststream" else "unexplained"
    expected = [*((side, f"{n:03}", lost) for n in deleted), *((side, f"{n:03}", "altered") for n in altered), *((side, f"new-{n}", "extra") for n in range(5))]
    assert sorted(world.settle().found()) == sorted(expected)


record = st.tuples(
    st.sampled_from("abc"), st.sampled_from("AB"), st.booleans(), st.booleans(), st.booleans(), st.sampled_from(["before", "cut", "cut", "cut", "after"]),
    st.sampled_from([None, "duplicate", "conflict", "filtered", "refused", "failed", "unreadable"]), st.sampled_from([None, "conflict", "invalid-xapi"]),
)  # fmt: skip
document = st.tuples(st.sampled_from("abcd"), st.sampled_from("ABX"), st.none() | st.integers(0, 8), st.booleans())


@settings(max_examples=25, deadline=None)
@given(st.lists(record, min_size=1, max_size=8), st.lists(document, max_size=5), st.lists(document, max_size=5), st.booleans(), st.sampled_from([0, 3]))
def test_whatever_the_witnesses_say_both_ledgers_sum_to_the_log(records, new, old, legacy_reads, log_begin) -> None:  # type: ignore[no-untyped-def]  # the strategies say the types
    world = World(log_begin=log_begin, legacy_reads=legacy_reads)
    for id, content, rejected, named_itself, timed, place, outcome, letter in records:
        offset = world.record(id, content, rejected="rule" if rejected else "", named=named_itself, timed=timed, place=place)
        if outcome:
            world.outcome("legacy", offset, outcome)
        if letter:
            world.dead_letter(offset, letter)
    for id, content, offset, capital in {(d[0], d[3]): d for d in new}.values():
        world.stored_new(id, content, offset, raw_id=id.upper() if capital else id)
    for id, content, _, capital in {(d[0], d[3]): d for d in old}.values():
        world.stored_legacy(id, content, raw_id=id.upper() if capital else id)
    totals = world.settle().totals
    in_cut = sum(row.place == "cut" for row in world.log)
    assert totals.records == in_cut
    for side in SIDES:
        assert sum(totals.classes[side][entry.name] for entry in named(side) if entry.of == "record") == in_cut
