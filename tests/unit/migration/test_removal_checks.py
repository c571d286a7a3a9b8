"""What must be so before legacy is removed."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from aiokafka import TopicPartition

from nljctl.effects.claim import Position
from nljctl.effects.plan import Epoch
from nljctl.migration.gates import Found, Judged, parse
from nljctl.migration.removal_checks import Facts, check
from nljctl.migration.states import State

TP = TopicPartition("t", 0)
PLAN = [
    Epoch(1, 0, "1", "initial", State.LEGACY, {}),
    Epoch(2, 50, "1", "shift", State.SHIFTING, {TP: 40}),
    Epoch(3, 100, "1", "cutover", State.CUT_OVER, {TP: 30}),
]
GOOD = Facts(
    plan=PLAN,
    quiet_seconds=100.0,
    quiet_for=60.0,
    positions={TP: Position(10, 40)},
    parked=0,
    backfill=[],
    reads="new",
    index="new",
    members=[],
    history=Judged(parse("history<=0"), Found(0)),
)


def test_when_nothing_needs_legacy_every_check_is_ok() -> None:
    found = check(GOOD)
    assert {each.status for each in found} == {"ok"}
    assert [each.name for each in found] == ["state", "quiet", "fences", "parked", "backfill", "reads", "members", "history"]


@pytest.mark.parametrize(
    ("name", "wrong", "says"),
    [
        ("state", {"plan": PLAN[:2]}, "nljctl cutover"),
        ("quiet", {"quiet_seconds": 59.0}, "60 s"),
        ("fences", {"positions": {TP: Position(99, 39)}}, "t/0"),
        ("fences", {"positions": {}}, "t/0"),
        ("parked", {"parked": 2}, "2 events"),
        ("backfill", {"backfill": [{"index": "statements"}]}, "statements"),
        ("reads", {"reads": "old"}, "old"),
        ("members", {"members": ["somebody"]}, "somebody"),
        ("history", {"history": Judged(parse("history<=0"), Found(3))}, "repair"),
        ("history", {"history": Judged(parse("history<=0"), Found(None, "the cut is empty"))}, "the cut is empty"),
    ],
)
def test_one_thing_that_is_not_so_fails_its_check_alone(name: str, wrong: dict[str, Any], says: str) -> None:
    found = check(replace(GOOD, **wrong))
    assert [each.name for each in found if each.status == "failed"] == [name]
    assert says in next(each.detail for each in found if each.name == name)


def test_for_a_plan_the_history_is_not_looked_at() -> None:
    assert {each.name: each.status for each in check(replace(GOOD, history=None))}["history"] == "skipped"
