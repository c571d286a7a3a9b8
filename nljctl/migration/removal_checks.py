"""What must be so before legacy is removed for good. One table of checks over what was found. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from aiokafka import TopicPartition

from nljctl.effects.claim import Position
from nljctl.effects.plan import Epoch
from nljctl.migration.gates import Judged
from nljctl.migration.states import State


@dataclass(frozen=True, slots=True)
class Facts:
    """What was found.

    Attributes:
        plan: every epoch, oldest first.
        quiet_seconds: since the newest one.
        quiet_for: how long that must be.
        positions: legacy's live ones.
        parked: events that legacy parked and that wait still.
        backfill: ranges that a store lacks.
        reads, index: what analytics read, and what they should.
        members: of legacy's group.
        history: the gate of that name; None where it was not looked at.
    """

    plan: Sequence[Epoch]
    quiet_seconds: float
    quiet_for: float
    positions: Mapping[TopicPartition, Position]
    parked: int
    backfill: Sequence[Mapping[str, Any]]
    reads: str | None
    index: str
    members: Sequence[str]
    history: Judged | None


@dataclass(frozen=True, slots=True)
class Check:
    """One answer. `skipped`: it was not looked at, for this was only a plan."""

    name: str
    status: Literal["ok", "failed", "skipped"]
    detail: str

    def document(self) -> dict[str, str]:
        return {"name": self.name, "status": self.status, "detail": self.detail}


def check(facts: Facts) -> list[Check]:
    """Every check, in the order of the table."""
    return [make(facts) for make in CHECKS]


def _answer(name: str, wrong: str, right: str) -> Check:
    return Check(name, "failed", wrong) if wrong else Check(name, "ok", right)


def _state(facts: Facts) -> Check:
    newest = facts.plan[-1]
    wrong = "" if newest.state == State.CUT_OVER else f"the state is {newest.state}, not {State.CUT_OVER}: run `nljctl cutover` first"
    return _answer("state", wrong, f"{newest.state} since epoch {newest.number}")


def _quiet(facts: Facts) -> Check:
    passed = f"the newest epoch is {facts.quiet_seconds:.0f} s old"
    return _answer("quiet", f"{passed}, and --quiet-for asks for {facts.quiet_for:.0f} s" if facts.quiet_seconds < facts.quiet_for else "", passed)


def _fences(facts: Facts) -> Check:
    fences: dict[TopicPartition, int] = {}
    for epoch in facts.plan:
        for tp, offset in epoch.fences.items():
            fences[tp] = max(offset, fences.get(tp, 0))
    behind = [tp for tp, offset in sorted(fences.items()) if tp not in facts.positions or facts.positions[tp].effects_next < offset]
    wrong = f"legacy owes effects on {behind[0].topic}/{behind[0].partition} and {len(behind) - 1} more: run `nljctl cutover` again" if behind else ""
    return _answer("fences", wrong, f"legacy's effects have passed the fences of {len(fences)} partitions")


def _parked(facts: Facts) -> Check:
    wrong = f"{facts.parked} events that legacy took wait for their parent: see `nljctl dlq list --parked`" if facts.parked else ""
    return _answer("parked", wrong, "nothing that legacy took waits")


def _backfill(facts: Facts) -> Check:
    ranges = facts.backfill
    wrong = f"{len(ranges)} ranges of {ranges[0]['index']} are still being filled: see `nljctl status`" if ranges else ""
    return _answer("backfill", wrong, "no store lacks a range of the log")


def _history(facts: Facts) -> Check:
    if facts.history is None:
        return Check("history", "skipped", "a comparison is made when it is done, and not for a plan")
    wrong = "" if facts.history.met else f"{facts.history.words}: `nljctl repair --from legacy` brings them over"
    return _answer("history", wrong, f"{facts.history.words}: nothing is in the legacy index alone")


def _reads(facts: Facts) -> Check:
    wrong = "" if facts.reads == facts.index else f"analytics read {facts.reads}, not {facts.index}: run `nljctl cutover` again"
    return _answer("reads", wrong, f"analytics read {facts.index}")


def _members(facts: Facts) -> Check:
    wrong = f"legacy's group has members: {', '.join(facts.members)}" if facts.members else ""
    return _answer("members", wrong, "legacy's group has no member")


CHECKS: tuple[Callable[[Facts], Check], ...] = (_state, _quiet, _fences, _parked, _backfill, _reads, _members, _history)
