"""What a learner did at a node, read from a statement."""

from __future__ import annotations

from typing import Any

import pytest

from nljctl.catalogue.names import X
from nljctl.effects.effect import Insert, UnreadableEventError
from nljctl.effects.interactions import interact, read

STATEMENT, NODE, USER, ACTIVITY = (f"{digit}b8d0f2a-0000-4000-8000-00000000004{digit}" for digit in "6789")


def statement(target: dict[str, Any] | None = None, result: dict[str, Any] | None = None, **context: Any) -> dict[str, Any]:
    return {
        "id": STATEMENT,
        "timestamp": "2026-03-03T09:00:00Z",
        "actor": {"account": {"homePage": "http://nlj.platform", "name": USER}},
        "object": target or {"id": f"node://{NODE}"},
        "context": {"extensions": {X + name: value for name, value in context.items()}},
        **({"result": result} if result else {}),
    }


def test_an_answer_becomes_a_row_with_the_statements_id() -> None:
    result = {"success": True, "response": "b", "score": {"raw": 1}}
    [made] = interact(None, read(statement(None, result, activity_id=ACTIVITY, session_id="run-9", response_time_ms=5_400, attempts=2)))
    assert isinstance(made, Insert)
    assert {name: value for name, value in made.values.items() if name != "created_at"} == {
        "id": STATEMENT,
        "node_id": NODE,
        "user_id": USER,
        "activity_id": ACTIVITY,
        "session_id": "run-9",
        "response_data": result,
        "is_correct": True,
        "score": 1,
        "time_to_respond": 5_400,
        "attempts": 2,
    }


def test_what_is_not_told_is_absent_or_the_platforms_default() -> None:
    columns = read(statement()).columns
    assert (columns["session_id"], columns["attempts"], columns["is_correct"], columns["response_data"]) == (STATEMENT, 1, None, {})


@pytest.mark.parametrize(
    "target",
    [
        {"id": f"node://{NODE}", "definition": {"extensions": {X + "node_id": USER}}},
        {"id": "http://nlj.platform/nodes/1", "definition": {"extensions": {X + "node_metadata": {"node_id": NODE}, X + "node_id": USER}}},
        {"id": "http://nlj.platform/nodes/1", "definition": {"extensions": {X + "node_metadata": "none", X + "node_id": NODE}}},
    ],
)
def test_the_node_is_named_in_one_of_three_places(target: dict[str, Any]) -> None:
    assert read(statement(target)).node == NODE


@pytest.mark.parametrize(
    ("target", "context"),
    [
        ({"id": "http://nlj.platform/nodes/1"}, {}),
        ({"id": "node://first"}, {}),
        (None, {"attempts": "twice"}),
        (None, {"response_time_ms": -1}),
        (None, {"activity_id": "torque"}),
        (None, {"session_id": 9}),
    ],
)
def test_what_cannot_be_meant_is_unreadable(target: Any, context: dict[str, Any]) -> None:
    with pytest.raises(UnreadableEventError):
        read(statement(target, **context))
