"""Learners at nodes: each interaction is a row of its own, so order does not matter. Rules are pure and look at nothing but their event.

Nodes, activities and users are the platform's: an interaction at one that it does not know is refused. The averages that `nodes` holds are
not kept: they follow from these rows, and to write them would make all learners at one node wait for each other.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from nljctl.catalogue.names import X
from nljctl.effects import reading
from nljctl.effects.effect import Change, Effect, Insert, UnreadableEventError, no_state
from nljctl.effects.platform_tables import node_interactions

SCHEME = "node://"


@dataclass(frozen=True, slots=True)
class Interact:
    """One interaction. Its row has the statement's id."""

    id: str
    node: str
    columns: Mapping[str, Any]
    parent: None = None
    creates: tuple[str, ...] = ()
    guards: tuple[str, ...] = ()

    @property
    def aggregate(self) -> str:
        return self.node

    @property
    def touches(self) -> tuple[str, ...]:
        return (f"interaction:{self.id}",)


def read(statement: Mapping[str, Any]) -> Interact:
    result = statement.get("result") or {}
    activity, session = reading.context(statement, "activity_id"), reading.context(statement, "session_id")
    attempts = reading.optional_count(reading.context(statement, "attempts"), "attempts")
    columns = {
        "user_id": reading.actor_user(statement),
        "activity_id": None if activity is None else reading.as_uuid(activity, "activity_id"),
        "session_id": reading.optional_text(session, "session_id") or statement["id"],
        "response_data": result,
        "is_correct": result.get("success"),
        "score": (result.get("score") or {}).get("raw"),
        "time_to_respond": reading.optional_count(reading.context(statement, "response_time_ms"), "response_time_ms"),
        "attempts": 1 if attempts is None else attempts,
        "created_at": reading.timestamp(statement),
    }
    return Interact(statement["id"], _node(statement), columns)


def interact(_: None, command: Interact) -> Sequence[Change]:
    return [Insert(node_interactions, {"id": command.id, "node_id": command.node, **command.columns})]


def _node(statement: Mapping[str, Any]) -> str:
    """The node, in the first of the places where producers name one."""
    target = statement["object"]
    iri = target.get("id", "")
    if iri.startswith(SCHEME):
        return reading.as_uuid(iri.removeprefix(SCHEME), iri)
    extensions = (target.get("definition") or {}).get("extensions") or {}
    metadata = extensions.get(X + "node_metadata")
    named = metadata.get("node_id") if isinstance(metadata, dict) else None
    node = named if named is not None else extensions.get(X + "node_id")
    if node is None:
        raise UnreadableEventError("neither the object's id nor its extensions name a node")
    return reading.as_uuid(node, "node_id")


EFFECTS = {name: Effect(read, no_state, interact) for name in ("node.answered", "node.experienced", "node.completed", "node.skipped")}
