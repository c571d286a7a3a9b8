"""The model's records as real events: sessions and bookings whose owners are those of the model."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import NAMESPACE_URL, UUID, uuid5

import msgspec
from effects_world import LEARNERS, booking, session
from model import MOVES, SALT, SHARE, Log, Record

from nljctl.effects.plan import bucket

TOPICS = ("nlj.training.sessions", "nlj.training.bookings")
"""Of the model's two partitions; the program of all sessions is there from the beginning."""


def _id(name: str) -> str:
    return str(uuid5(NAMESPACE_URL, f"replay/{name}"))


def _session(moves: bool, name: str) -> str:
    """The first id of its kind that moves at the model's share, or stays."""
    return next(id_ for number in range(1_000) if (bucket(id_ := _id(f"{name}/{number}"), SALT) < SHARE) == moves)


PROGRAM = _id("program")
MOVING, STAYING, THERE = _session(True, "scheduled"), _session(False, "scheduled"), _session(False, "there")
"""Two sessions that records schedule, and one that stays and is there from the beginning."""


def statement_id(record: Record) -> str:
    return _id(f"statement/{record.id}")


def values(log: Log) -> Mapping[tuple[int, int], bytes]:
    """The value of every record, by partition and offset."""
    return {(p, offset): msgspec.json.encode(_statement(p, record)) for p, part in enumerate(log) for offset, record in enumerate(part)}


def _statement(p: int, record: Record) -> dict[str, Any]:
    """Records of the first partition schedule sessions, those of the second book seats."""
    moves = record.aggregate == MOVES
    if p == 0:
        made = session(MOVING if moves else STAYING, PROGRAM, capacity=5)[1]
    else:
        learner = LEARNERS[UUID(statement_id(record)).int % len(LEARNERS)]
        made = booking(_id(f"booking/{record.id}"), MOVING if moves else THERE, learner.id)[1]
    return {**made, "id": statement_id(record)}
