"""State, lag and totals, computed from values."""

from __future__ import annotations

import pytest
from aiokafka import TopicPartition

from nljctl.effects.claim import Position
from nljctl.effects.plan import Epoch, Pipeline
from nljctl.kafka.offsets import Span
from nljctl.migration.overview import lag, ownership
from nljctl.migration.statistics import summarise

TP, OTHER = TopicPartition("t", 0), TopicPartition("t", 1)
RUNNING = {Pipeline.FASTSTREAM: True, Pipeline.LEGACY: False}


def epoch(share: int, state: str = "shifting") -> Epoch:
    return Epoch(3, share, "1", "shift", state, {})


def test_lag_is_log_end_minus_position_over_what_the_pipeline_reads() -> None:
    ends = {TP: Span(0, 10), OTHER: Span(5, 8)}
    assert lag({TP: Position(7, 0), OTHER: Position(8, 8)}, ends) == 3
    assert lag({}, ends) is None


@pytest.mark.parametrize(("share", "expected"), [(0, False), (50, False), (100, True)])
def test_every_owner_must_run(share: int, expected: bool) -> None:
    assert ownership([epoch(share)], RUNNING, {Pipeline.FASTSTREAM: 0, Pipeline.LEGACY: 0}, "i")["owner_running"] is expected


def test_legacy_alone_becomes_parallel_when_faststream_reads_along() -> None:
    plan = [epoch(0, "legacy")]
    assert ownership(plan, RUNNING, {Pipeline.FASTSTREAM: None, Pipeline.LEGACY: 0}, "i")["state"] == "legacy"
    assert ownership(plan, RUNNING, {Pipeline.FASTSTREAM: 9, Pipeline.LEGACY: 0}, "i")["state"] == "parallel"


def test_before_the_first_epoch_nobody_owns() -> None:
    assert ownership([], RUNNING, {Pipeline.FASTSTREAM: None, Pipeline.LEGACY: None}, None)["epoch"] is None


def test_totals_add_up_and_repaired_ones_are_successful() -> None:
    found = summarise([("a", "verdict", "accepted", 90), ("a", "verdict", "repaired", 5), ("b", "verdict", "rejected", 5), ("b", "rule", "XAPI-00003", 5)])
    assert (found["total_validations"], found["successful_validations"], found["repaired_validations"], found["failed_validations"]) == (100, 95, 5, 5)
    assert found["success_rate"] == 95.0
    assert found["by_rule"] == {"XAPI-00003": 5}
    assert found["by_topic"]["b"]["success_rate"] == 0.0
