"""What each side holds, and why its figures are not the log's: told from a small ledger, without any service."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import msgspec
from ledger_world import TOPIC, World

from nljctl.analytics.facts import COLUMNS, FactRow
from nljctl.migration.analytics import held
from nljctl.migration.analytics.compare import FETCHED
from nljctl.migration.ledger import Ledger
from nljctl.migration.witnesses import CutRow, SpanRow

ACTIVITY = "http://nlj.platform/activities/1"


@contextmanager
def traced(world: World, *, fetched: tuple[dict[str, Any], ...] = ()) -> Iterator[Ledger]:
    """The settled ledger with its causes. Every record is of one activity; the learner is the statement's id."""
    with TemporaryDirectory() as folder, Ledger(Path(folder)) as ledger:
        end = world.log_begin + len(world.log)
        ledger.add("span", [SpanRow(TOPIC, 0, world.log_begin, end, True, world.legacy_reads)])
        ledger.add("log", world.log)
        cut = [row.offset for row in world.log if row.place == "cut"]
        ledger.add("cut", [CutRow(TOPIC, 0, min(cut), max(cut) + 1)])
        for witness, rows in world.rows.items():
            ledger.add(witness, rows)
        ledger.settle()
        facts = [FactRow(row.n, mbox=f"mailto:{row.id}", object=ACTIVITY) for row in world.log if row.verdict != "rejected"]
        ledger.take("log_fact", _file(folder, "facts", facts), COLUMNS)
        for step in held.STEPS:
            ledger.run(step)
        ledger.take("fetched", _file(folder, "fetched", fetched), FETCHED)
        for step in (*held.FACTS, *held.CAUSES):
            ledger.run(step)
        yield ledger


def _file(folder: str, name: str, rows: Any) -> Path:
    path = Path(folder) / f"{name}.rows"
    path.write_bytes(msgspec.json.Encoder().encode_lines(list(rows)))
    return path


def causes(ledger: Ledger) -> set[tuple[Any, ...]]:
    return set(ledger.ask("SELECT side, id, class, explained FROM cause"))


def statements(ledger: Ledger, side: str) -> list[int]:
    return [n for (n,) in ledger.ask(f"SELECT n FROM {side}_facts ORDER BY n")]


def test_what_both_sides_hold_has_no_cause() -> None:
    world = World()
    offset = world.record("a")
    world.stored_new("a", offset=offset).stored_legacy("a")
    with traced(world) as ledger:
        assert statements(ledger, "log") == statements(ledger, "faststream") == statements(ledger, "legacy") == [0]
        assert causes(ledger) == set()


def test_a_statement_that_legacy_filtered_is_an_explained_cause() -> None:
    world = World()
    offset = world.record("a")
    world.stored_new("a", offset=offset).outcome("legacy", offset, "filtered", "no-route")
    with traced(world) as ledger:
        assert statements(ledger, "log") == statements(ledger, "faststream") == [0]
        assert statements(ledger, "legacy") == []
        assert causes(ledger) == {("legacy", "a", "filtered", True)}


def test_a_document_that_was_deleted_by_hand_is_an_unexplained_cause() -> None:
    world = World()
    world.stored_new("a", offset=world.record("a"))
    with traced(world) as ledger:
        assert causes(ledger) == {("legacy", "a", "unexplained", False)}


def test_a_duplicate_counts_once() -> None:
    world = World()
    first, _ = world.record("a"), world.record("a")
    world.stored_new("a", offset=first).stored_legacy("a").outcome("legacy", 1, "duplicate")
    with traced(world) as ledger:
        assert statements(ledger, "log") == statements(ledger, "faststream") == statements(ledger, "legacy") == [0]
        assert causes(ledger) == set()


def test_another_winner_of_a_conflict_is_an_explained_cause() -> None:
    world = World()
    first, second = world.record("a", "A"), world.record("a", "B")
    world.stored_new("a", "A", offset=first).dead_letter(second, "conflict").outcome("faststream", second, "conflict")
    world.stored_legacy("a", "B").outcome("legacy", first, "conflict")
    with traced(world) as ledger:
        assert statements(ledger, "log") == statements(ledger, "faststream") == [0]
        assert statements(ledger, "legacy") == [1]
        assert causes(ledger) == {("legacy", "a", "conflict", True)}


def test_an_altered_document_is_an_unexplained_cause_and_its_own_facts_count() -> None:
    world = World()
    offset = world.record("a")
    world.stored_new("a", offset=offset).stored_legacy("a", "Z")
    with traced(world, fetched=({"side": "legacy", "raw_id": "a", "n": -1, "mbox": "mailto:other", "object": ACTIVITY},)) as ledger:
        assert ledger.ask("SELECT raw_id FROM legacy_held WHERE needed") == [("a",)]
        assert statements(ledger, "legacy") == [-1]
        assert causes(ledger) == {("legacy", "a", "altered", False)}
        assert set(ledger.ask("SELECT mbox FROM cause")) == {("mailto:a",), ("mailto:other",)}


def test_documents_from_beyond_the_cut_are_left_out() -> None:
    world = World()
    inside, outside = world.record("a"), world.record("b", place="after")
    for id, offset in (("a", inside), ("b", outside)):
        world.stored_new(id, offset=offset).stored_legacy(id)
    with traced(world) as ledger:
        assert ledger.ask("SELECT raw_id FROM legacy_held WHERE NOT in_scope") == [("b",)]
        assert ledger.ask("SELECT raw_id, place FROM faststream_held WHERE NOT in_scope") == [("b", "outside")]
        assert statements(ledger, "faststream") == statements(ledger, "legacy") == [0]


def test_a_document_older_than_the_log_is_an_explained_cause() -> None:
    world = World(log_begin=5)
    world.stored_new("a", offset=world.record("a", at=9_000)).stored_legacy("a", stored=9_500)
    world.stored_new("old", offset=2, stored=100)
    with traced(world, fetched=({"side": "faststream", "raw_id": "old", "n": -1, "object": ACTIVITY},)) as ledger:
        assert statements(ledger, "faststream") == [-1, 5]
        assert causes(ledger) == {("faststream", "old", "expired", True)}


def test_a_time_that_the_lrs_made_is_an_explained_cause() -> None:
    world = World()
    offset = world.record("a", timed=False)
    world.stored_new("a", offset=offset, timed=False).stored_legacy("a")
    with traced(world, fetched=({"side": "legacy", "raw_id": "a", "n": -1, "object": ACTIVITY},)) as ledger:
        assert statements(ledger, "legacy") == [-1]
        assert causes(ledger) == {("legacy", "a", "timestamp", True)}


def test_what_only_a_laxer_lrs_took_is_explained_by_the_dead_letter() -> None:
    world = World()
    world.stored_new("a", offset=world.record("a")).stored_legacy("a")
    world.dead_letter(world.record("b", rejected="null"), rule="null").stored_legacy("b")
    with traced(world, fetched=({"side": "legacy", "raw_id": "b", "n": -1, "object": ACTIVITY},)) as ledger:
        assert statements(ledger, "legacy") == [-1, 0]
        assert causes(ledger) == {("legacy", "b", "dead_lettered", True)}
