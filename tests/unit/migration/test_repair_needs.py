"""What a repair reads from a folder of evidence, and what it does about each need."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from aiokafka import TopicPartition
from ledger_world import TOPIC, World

from nljctl.errors import UsageError
from nljctl.migration.ledger import Ledger
from nljctl.migration.repair import need as needs_of
from nljctl.migration.repair.decide import Action, Present, Status, Wanted, decide
from nljctl.migration.repair.need import Need, Needs
from nljctl.migration.witnesses import SpanRow


def exported(folder: Path, world: World) -> Path:
    with Ledger(folder / "work") as ledger:
        ledger.add("span", [SpanRow(TOPIC, 0, world.log_begin, world.log_begin + len(world.log), True, True)])
        ledger.add("log", world.log)
        for witness, rows in world.rows.items():
            ledger.add(witness, rows)
        ledger.settle()
        ledger.export(folder)
    return folder


def read(folder: Path, side: Any, source: str) -> list[tuple[str, str | None]]:
    with Needs(folder, side, source) as needs:
        found = [(need.cls, need.id) for piece in needs.pieces() for need in piece]
        assert len(found) == len(needs)
    return found


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A log that begins at 10: `kept` is in both indices, `lost` in none, `changed` is altered in both, `refused` by the LRS; two older documents."""
    world = World(log_begin=10)
    world.stored_new("kept", "A", world.record("kept")).stored_legacy("kept")
    world.record("lost")
    world.stored_new("changed", "X", world.record("changed")).stored_legacy("changed", "Y")
    world.stored_new("refused", "A", world.record("refused")).outcome("legacy", 13, "refused", "http-422")
    world.stored_new("failed", "A", world.record("failed")).outcome("legacy", 14, "failed", "timeout")
    world.dead_letter(world.record("invalid", rejected="verb-id")).outcome("legacy", 15, "failed", "http-500")
    world.stored_legacy("old-of-legacy", stored=500).stored_new("old-of-faststream", "A", 3)
    world.stored_legacy("old-of-both", stored=500).stored_new("old-of-both", "A", 4)
    return exported(tmp_path, world)


def test_from_the_log_the_new_index_gets_what_is_missing_or_altered(folder: Path) -> None:
    assert read(folder, "faststream", "log") == [("missing", "lost"), ("altered", "changed")]


def test_from_the_log_legacy_gets_what_nothing_kept_out(folder: Path) -> None:
    assert read(folder, "legacy", "log") == [("unexplained", "lost"), ("altered", "changed"), ("failed", "failed")]


def test_from_the_other_index_comes_what_only_that_one_has(folder: Path) -> None:
    assert read(folder, "faststream", "legacy") == [("expired", "old-of-legacy")]
    assert read(folder, "legacy", "faststream") == [("failed", "failed"), ("expired", "old-of-faststream")]


def test_a_side_is_not_repaired_from_itself(folder: Path) -> None:
    with pytest.raises(UsageError):
        Needs(folder, "legacy", "legacy")


def test_pieces_are_bounded_and_end_before_a_wide_gap(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(needs_of, "PIECE", 3)
    monkeypatch.setattr(needs_of, "GAP", 1)
    world = World()
    for number in range(8):
        offset = world.record(f"s{number}")
        if number == 5:
            world.stored_new("s5", "A", offset)
    with Needs(exported(tmp_path, world), "faststream", "log") as needs:
        assert [[need.offset for need in piece] for piece in needs.pieces()] == [[0, 1, 2], [3, 4], [6, 7]]


HERE = TopicPartition(TOPIC, 0)
LOG = Wanted("digest", "content")


@pytest.mark.parametrize(
    ("cls", "present", "action", "status"),
    [
        ("missing", None, Action.CREATE, Status.PLANNED),
        ("altered", None, Action.CREATE, Status.PLANNED),
        ("missing", Present("digest", "content", 1, 1), Action.NOTHING, Status.ALREADY),
        ("altered", Present("digest", "content", 1, 1), Action.NOTHING, Status.ALREADY),
        ("altered", Present("other", "other", 1, 1), Action.OVERWRITE, Status.PLANNED),
        ("missing", Present("other", "other", 1, 1), Action.IMPOSSIBLE, Status.FAILED),
        ("expired", Present("other", "other", 1, 1), Action.IMPOSSIBLE, Status.FAILED),
    ],
)
def test_only_what_the_ledger_calls_altered_is_written_over(cls: str, present: Present | None, action: Action, status: Status) -> None:
    item = decide(Need(cls, "a", "digest", 0, HERE, 7), "a", LOG, present)
    assert (item.action, item.status) == (action, status)


def test_what_got_its_timestamp_from_its_store_is_compared_without_it() -> None:
    item = decide(Need("failed", "a", "digest", 0, HERE, 7), "a", Wanted("digest", "content", timed=False), Present("later", "content", 1, 1))
    assert item.status is Status.ALREADY
