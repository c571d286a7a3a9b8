"""Why a row of the platform is not the same in both schemas: traced to the records that touched it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from aiokafka import TopicPartition

from nljctl.effects.plan import Epoch
from nljctl.migration.effects_compared import moving
from nljctl.migration.ledger import EffectCounts, Ledger
from nljctl.migration.witnesses import EffectRow, EffectSpanRow, LogRow, OneSidedRow, OutcomeRow, SpanRow, TouchRow

TOPIC = "nlj.training.sessions"
TP = TopicPartition(TOPIC, 0)


class Platform:
    """One row of a table that differs, and the records that touched it."""

    def __init__(self, folder: Path, *, kind: Any = "only_faststream", legacy_reads: bool = True) -> None:
        self.folder = folder
        self.legacy_reads = legacy_reads
        self.rows: dict[str, list[Any]] = {
            "log": [],
            "touch": [],
            "effect_row": [EffectRow("training_sessions", "s1", "session:s1", kind)],
            "effect_span": [],
            "one_sided": [],
            "outcome": [],
        }

    def record(self, id: str, *keys: str) -> int:
        offset = len(self.rows["log"])
        self.rows["log"].append(LogRow(offset, TOPIC, 0, offset, 1_000, "cut", "accepted", id, True, True, "session.scheduled", digest="A", content_digest="A"))
        self.rows["touch"] += [TouchRow(offset, key) for key in keys]
        return offset

    def say(self, witness: str, row: Any) -> None:
        self.rows[witness].append(row)

    def settle(self) -> tuple[EffectCounts, list[dict[str, Any]]]:
        with Ledger(self.folder) as ledger:
            ledger.add("span", [SpanRow(TOPIC, 0, 0, len(self.rows["log"]), True, self.legacy_reads)])
            for witness, rows in self.rows.items():
                ledger.add(witness, rows)
            ledger.settle()
            return ledger.effects({"training_sessions": 4, "training_bookings": 0})["training_sessions"], ledger.effect_differences(100)


def test_a_row_that_the_same_records_made_different_is_unexplained(tmp_path: Path) -> None:
    platform = Platform(tmp_path, kind="differs")
    platform.record("a", "session:s1")
    counts, [difference] = platform.settle()
    assert counts == EffectCounts(same=4, differs=1)
    assert (difference["explained"], difference["records"]) == (False, f"{TOPIC}/0/0")


def test_a_row_that_a_record_between_the_positions_touches_is_pending(tmp_path: Path) -> None:
    platform = Platform(tmp_path)
    platform.record("a", "session:s1")
    platform.say("effect_span", EffectSpanRow(TOPIC, 0, 0, 1))
    counts, differences = platform.settle()
    assert (counts, differences) == (EffectCounts(same=4, pending=1), [])


def test_a_row_whose_record_legacy_filtered_is_explained_by_that(tmp_path: Path) -> None:
    platform = Platform(tmp_path)
    offset = platform.record("a", "session:s1")
    platform.say("one_sided", OneSidedRow("shadow", "a", "applied"))
    platform.say("outcome", OutcomeRow("legacy", TOPIC, 0, offset, "filtered", "no handler"))
    counts, [difference] = platform.settle()
    assert counts == EffectCounts(same=4, only_faststream=1, explained=1)
    assert difference["reason"] == "filtered: no handler"


def test_a_filtered_statement_whose_effect_legacy_had_explains_nothing(tmp_path: Path) -> None:
    platform = Platform(tmp_path, kind="differs")
    platform.say("outcome", OutcomeRow("legacy", TOPIC, 0, platform.record("a", "session:s1"), "filtered", "no route to the LRS"))
    counts, _ = platform.settle()
    assert counts.unexplained == 1


def test_a_row_of_a_topic_that_legacy_does_not_read_is_explained(tmp_path: Path) -> None:
    platform = Platform(tmp_path, legacy_reads=False)
    platform.record("a", "session:s1")
    platform.say("one_sided", OneSidedRow("shadow", "a", "applied"))
    counts, _ = platform.settle()
    assert (counts.only_faststream, counts.explained) == (1, 1)


def test_a_row_that_only_the_platform_has_and_no_record_touches_is_explained(tmp_path: Path) -> None:
    counts, [difference] = Platform(tmp_path, kind="only_legacy").settle()
    assert (counts.only_legacy, counts.explained, difference["reason"]) == (1, 1, "no record of the log touches it")


def test_a_row_that_only_the_shadow_has_and_no_record_touches_is_unexplained(tmp_path: Path) -> None:
    counts, _ = Platform(tmp_path).settle()
    assert counts.unexplained == 1


def test_what_waits_for_an_explained_row_is_explained_too(tmp_path: Path) -> None:
    platform = Platform(tmp_path)
    offset = platform.record("a", "session:s1")
    platform.say("one_sided", OneSidedRow("shadow", "a", "applied"))
    platform.say("outcome", OutcomeRow("legacy", TOPIC, 0, offset, "filtered", "no handler"))
    platform.say("effect_row", EffectRow("training_bookings", "b1", "booking:b1", "only_faststream", "session:s1"))
    platform.record("b", "booking:b1")
    platform.say("one_sided", OneSidedRow("live", "b", "parked", waits_for="session:s1"))
    _, differences = platform.settle()
    assert {d["id"]: d["explained"] for d in differences} == {"s1": True, "b1": True}


def epoch(share: int, fence: int = 0) -> Epoch:
    return Epoch(1, share, "", "shift", "shifting", {TP: fence})


def positions(legacy: int | None, faststream: int, shadow: int) -> dict[tuple[str, str], dict[TopicPartition, int]]:
    found = {("faststream", "live"): {TP: faststream}, ("faststream", "shadow"): {TP: shadow}}
    return found if legacy is None else {**found, ("legacy", "live"): {TP: legacy}}


def test_with_all_effects_at_legacy_the_span_lies_between_legacy_and_the_shadow() -> None:
    assert moving([epoch(0)], positions(legacy=5, faststream=90, shadow=8)) == [EffectSpanRow(TOPIC, 0, 5, 8)]


def test_with_shared_effects_both_live_positions_count() -> None:
    assert moving([epoch(50)], positions(legacy=5, faststream=9, shadow=8)) == [EffectSpanRow(TOPIC, 0, 5, 9)]


def test_a_pipeline_that_owns_nothing_any_more_counts_only_below_the_fence() -> None:
    assert moving([epoch(100, fence=5)], positions(legacy=5, faststream=9, shadow=9)) == []
    assert moving([epoch(100, fence=7)], positions(legacy=5, faststream=9, shadow=9)) == [EffectSpanRow(TOPIC, 0, 5, 9)]
