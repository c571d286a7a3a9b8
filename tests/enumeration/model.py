"""A small world in which two pipelines, their zombies, an operator and death act in every order; what they do is decided by the program's own pure functions.

Admission, settling, ownership, barriers and fences are those of `nljctl.effects` and `nljctl.migration`; the model adds only what surrounds them: a log of
two partitions with three records each, a database whose transactions are single steps, processes that read ahead of what they have committed, and commands
that may be killed and run again (docs/ownership.md).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import NamedTuple, TypeAlias

from aiokafka import TopicPartition

from nljctl.effects.barrier import barrier, narrowed, waits
from nljctl.effects.claim import Admission, Position, admit, settle
from nljctl.effects.plan import Epoch, Pipeline, bucket, owner
from nljctl.kafka.offsets import Span
from nljctl.migration.fencing import fences_of

L, F = 0, 1
PIPELINES = (Pipeline.LEGACY, Pipeline.FASTSTREAM)
TPS = (TopicPartition("sessions", 0), TopicPartition("bookings", 0))
SALT = "1"
SHARE = 50


def _aggregate(moves: bool) -> str:
    """An aggregate that belongs to faststream at the share of the worlds, or one that stays with legacy."""
    return next(name for name in map(str, range(1_000)) if (bucket(name, SALT) < SHARE) == moves)


MOVES, STAYS = _aggregate(True), _aggregate(False)


class Record(NamedTuple):
    """One record's effect. `parent`: the statement id whose row it needs. `told`: whether it names its aggregate itself, or only its parent's row does."""

    id: str
    aggregate: str
    parent: str | None = None
    told: bool = True


Log: TypeAlias = tuple[tuple[Record, ...], tuple[Record, ...]]


class Process(NamedTuple):
    """A running consumer: where it reads on, per partition, and the record that it has read and not yet brought to the database."""

    claimed: tuple[int, int]
    in_flight: tuple[int, int] | None = None
    """Partition and offset."""


class Plan(NamedTuple):
    share: int
    kind: str
    fences: tuple[int, int]


class State(NamedTuple):
    """Everything that matters. `command` and `pc`: which of the world's commands is under way, and how far; `seen`: the plan it was made from."""

    plans: tuple[Plan, ...]
    positions: tuple[tuple[Position, Position], tuple[Position, Position]]
    applied: frozenset[tuple[str, int, int, int]]
    """Statement id, partition, offset, and the pipeline that applied it."""
    parked: frozenset[tuple[int, int]]
    stored: tuple[frozenset[tuple[int, int]], frozenset[tuple[int, int]]]
    backfill: frozenset[tuple[int, int, int]]
    """Partition, from, to: what legacy's store is still to be filled with."""
    processes: tuple[Process | None, Process | None]
    wanted: tuple[bool, bool]
    zombies: tuple[tuple[int, int] | None, tuple[int, int] | None]
    command: int = 0
    pc: int = 0
    seen: int = 0
    deaths: int = 0
    zombifications: int = 0
    lost: int = 0
    kills: int = 0


@dataclass(frozen=True)
class World:
    """What is tried. `commands`: shift, cutover, rollback. The numbers bound how often each misfortune happens in one history."""

    name: str
    log: Log
    commands: tuple[str, ...]
    deaths: int = 1
    zombies: int = 1
    lost: int = 1
    kills: int = 1

    def begin(self) -> State:
        nowhere = (Position(0, 0), Position(0, 0))
        nothing: frozenset[tuple[int, int]] = frozenset()
        process = Process((0, 0))
        return State(
            (Plan(0, "initial", (0, 0)),),
            (nowhere, nowhere),
            frozenset(),
            nothing,
            (nothing, nothing),
            frozenset(),
            (process, process),
            (True, True),
            (None, None),
        )

    @staticmethod
    def is_misfortune(label: tuple[str, ...]) -> bool:
        """Whether a step is one that nobody takes on purpose: a history may end without it."""
        return label[0] in MISFORTUNES

    def steps(self, state: State) -> Iterator[tuple[tuple[str, ...], State]]:
        """Every step that anybody may take now, and what comes of it."""
        for who in (L, F):
            yield from self._process_steps(state, who)
        yield from self._command_steps(state)

    def _process_steps(self, state: State, who: int) -> Iterator[tuple[tuple[str, ...], State]]:
        name = PIPELINES[who].value
        process = state.processes[who]
        zombie = state.zombies[who]
        if zombie is not None:
            yield ("zombie commits", name), self._commit(state, who, *zombie)._replace(zombies=_put(state.zombies, who, None))
        if process is None:
            if state.wanted[who]:
                begin = tuple(position.seek for position in state.positions[who])
                yield ("start", name), state._replace(processes=_put(state.processes, who, Process((begin[0], begin[1]))))
            return
        if process.in_flight is None:
            for p in (0, 1):
                if process.claimed[p] < len(self.log[p]):
                    yield ("read", name, str(p)), self._read(state, who, process, p)
                elif state.positions[who][p].effects_next < process.claimed[p]:
                    after = self._commit(state, who, p, None)
                    if after != state:
                        yield ("look again", name, str(p)), after
        else:
            done = self._commit(state, who, *process.in_flight)
            if state.lost < self.lost and done.positions != state.positions:
                yield ("answer lost", name), done._replace(lost=state.lost + 1, processes=_put(done.processes, who, process))
            current = done.processes[who]
            if current is not None:
                yield ("commit", name), done._replace(processes=_put(done.processes, who, current._replace(in_flight=None)))
        if state.deaths < self.deaths:
            yield ("die", name), state._replace(processes=_put(state.processes, who, None), deaths=state.deaths + 1)
        if state.zombifications < self.zombies and process.in_flight is not None and zombie is None:
            yield (
                ("lose partitions", name),
                state._replace(
                    processes=_put(state.processes, who, None), zombies=_put(state.zombies, who, process.in_flight), zombifications=state.zombifications + 1
                ),
            )

    def _read(self, state: State, who: int, process: Process, p: int) -> State:
        """Fetches one record; its statement is stored before anything is committed."""
        offset = process.claimed[p]
        stored = state.stored[who] | {(p, offset)} if offset >= state.positions[who][p].statements_next else state.stored[who]
        claimed = _put(process.claimed, p, offset + 1)
        return state._replace(stored=_put(state.stored, who, stored), processes=_put(state.processes, who, Process(claimed, (p, offset))))

    def _commit(self, state: State, who: int, p: int, offset: int | None) -> State:
        """One transaction of a consumer, for one record or (None) for none: only to look whether a barrier has opened."""
        process = state.processes[who]
        if offset is None:
            if process is None:
                return state
            claim = Span(process.claimed[p], process.claimed[p])
        else:
            claim = Span(offset, offset + 1)
        admission = _admit(claim, state.positions[who][p], self._barrier(state, who, p, claim))
        state = self._apply(state, who, p, admission)
        if admission.seek is not None and process is not None:
            process = process._replace(claimed=_put(process.claimed, p, admission.seek))
            state = state._replace(processes=_put(state.processes, who, process))
        return state

    def _apply(self, state: State, who: int, p: int, admission: Admission) -> State:
        applied, parked = state.applied, state.parked
        for offset in range(admission.effects.begin, admission.effects.end):
            record = self.log[p][offset]
            if not self._is_mine(state, applied, who, p, offset):
                continue
            if record.parent is not None and record.parent not in _ids(applied):
                if record.id not in _ids(applied):
                    parked |= {(p, offset)}
            elif record.id not in _ids(applied):
                applied, parked = self._insert(applied, parked, who, p, offset)
        positions = _put(state.positions, who, _put(state.positions[who], p, admission.after))
        return state._replace(applied=applied, parked=parked, positions=positions)

    def _is_mine(self, state: State, applied: frozenset[tuple[str, int, int, int]], who: int, p: int, offset: int) -> bool:
        """Whose aggregate cannot be told yet is parked by whoever meets it."""
        record = self.log[p][offset]
        if not record.told and record.parent not in _ids(applied):
            return True
        return _owner(state.plans, p, offset, record.aggregate) == who

    def _insert(
        self, applied: frozenset[tuple[str, int, int, int]], parked: frozenset[tuple[int, int]], who: int, p: int, offset: int
    ) -> tuple[frozenset[tuple[str, int, int, int]], frozenset[tuple[int, int]]]:
        """Applies a record, and what waited for it, lowest offset first."""
        record = self.log[p][offset]
        earlier = [at for _, q, at, _ in applied if q == p and self.log[q][at].aggregate == record.aggregate and at > offset]
        if earlier and (p, offset) not in parked:
            raise OrderError(f"{record.id} at {offset} after {max(earlier)} of partition {p}")
        applied |= {(record.id, p, offset, who)}
        for q, at in sorted(parked):
            child = self.log[q][at]
            if child.parent == record.id:
                parked -= {(q, at)}
                if child.id not in _ids(applied):
                    applied, parked = self._insert(applied, parked | {(q, at)}, who, q, at)
                    parked -= {(q, at)}
        return applied, parked

    def _barrier(self, state: State, who: int, p: int, claim: Span) -> int | None:
        """The offset from which this claim's effects must wait."""
        other = state.positions[1 - who][p].effects_next
        closed = _barrier(state.plans, p, other)
        if closed is None:
            return None
        held = range(max(closed, claim.begin), claim.end)
        waiting = (offset for offset in held if not self.log[p][offset].told or _waits(state.plans, p, offset, self.log[p][offset].aggregate, who, other))
        return narrowed(closed, claim, state.positions[who][p], waiting)

    def _command_steps(self, state: State) -> Iterator[tuple[tuple[str, ...], State]]:
        if state.command == len(self.commands):
            if state.kills < self.kills and self.commands and state.pc == 0:
                yield ("run again", self.commands[-1]), state._replace(command=state.command - 1, kills=state.kills + 1)
            return
        command = self.commands[state.command]
        if state.pc and state.kills < self.kills:
            yield ("kill", command), state._replace(pc=0, kills=state.kills + 1)
        yield from COMMANDS[command](self, state)

    def shift(self, state: State) -> Iterator[tuple[tuple[str, ...], State]]:
        yield from self._decide(state, "shift", SHARE, done=lambda after: self._next(after))

    def cutover(self, state: State) -> Iterator[tuple[tuple[str, ...], State]]:
        """Epoch, everybody at the fences, legacy stopped."""
        if state.pc < 2:
            yield from self._decide(state, "cutover", 100, done=lambda after: after._replace(pc=2))
        elif state.pc == 2:
            yield from self._settle(state, (L, F))
        else:
            yield ("stop", "legacy"), self._next(state._replace(processes=_put(state.processes, L, None), wanted=_put(state.wanted, L, False)))

    def rollback(self, state: State) -> Iterator[tuple[tuple[str, ...], State]]:
        """Epoch, faststream stopped, its debts settled (legacy's too, if nobody runs it), legacy raised and started."""
        if state.pc < 2:
            yield from self._decide(state, "rollback", 0, done=lambda after: after._replace(pc=2))
        elif state.pc == 2:
            yield ("stop", "faststream"), state._replace(processes=_put(state.processes, F, None), wanted=_put(state.wanted, F, False), pc=3)
        elif state.pc == 3:
            yield from self._settle(state, (F,) if state.processes[L] is not None or state.wanted[L] else (F, L))
        elif state.pc == 4:
            yield ("raise", "legacy"), self._raise(state)
        else:
            yield ("wanted", "legacy"), self._next(state._replace(wanted=_put(state.wanted, L, True)))

    def _decide(self, state: State, kind: str, share: int, done) -> Iterator[tuple[tuple[str, ...], State]]:  # type: ignore[no-untyped-def]
        newest = state.plans[-1]
        if state.pc == 0:
            if newest.kind == kind:
                yield ("already", kind), done(state)
            else:
                yield ("look", kind), state._replace(pc=1, seen=len(state.plans))
        elif state.seen != len(state.plans):
            yield ("refused", kind), state._replace(pc=0)
        else:
            fences = fences_of(dict(zip(TPS, state.positions[L], strict=True)), dict(zip(TPS, state.positions[F], strict=True)))
            plan = Plan(share, kind, (fences[TPS[0]], fences[TPS[1]]))
            self._nothing_is_judged_twice(state, (*state.plans, plan))
            yield ("epoch", kind), done(state._replace(plans=(*state.plans, plan)))

    def _nothing_is_judged_twice(self, state: State, plans: tuple[Plan, ...]) -> None:
        for who in (L, F):
            for p in (0, 1):
                for offset in range(state.positions[who][p].effects_next):
                    aggregate = self.log[p][offset].aggregate
                    if _owner(state.plans, p, offset, aggregate) != _owner(plans, p, offset, aggregate):
                        raise TwicePlannedError(f"offset {offset} of partition {p} changes its owner after {PIPELINES[who]} has passed it")

    def _settle(self, state: State, whose: tuple[int, ...]) -> Iterator[tuple[tuple[str, ...], State]]:
        fences = state.plans[-1].fences
        owing = [(who, p) for who in whose for p in (0, 1) if state.positions[who][p].effects_next < fences[p]]
        if not owing:
            yield ("settled",), state._replace(pc=state.pc + 1)
        for who, p in owing:
            begin = state.positions[who][p].effects_next
            claim = Span(begin, begin + 1)
            admission = _settle_one(claim, state.positions[who][p], self._barrier(state, who, p, claim))
            after = self._apply(state, who, p, admission)
            if after != state:
                yield ("settle", PIPELINES[who].value, str(p)), after

    def _raise(self, state: State) -> State:
        """Legacy's statements go on at the fences; what its store lacks is noted."""
        positions, backfill = state.positions, state.backfill
        for p in (0, 1):
            position = positions[L][p]
            target = min(state.plans[-1].fences[p], position.effects_next)
            if target > position.statements_next:
                backfill |= {(p, position.statements_next, target)}
                positions = _put(positions, L, _put(positions[L], p, Position(target, position.effects_next)))
        return state._replace(positions=positions, backfill=backfill, pc=5)

    def _next(self, state: State) -> State:
        return state._replace(command=state.command + 1, pc=0)

    def check(self, state: State) -> None:
        """What must hold of every state."""
        for who in (L, F):
            for p in (0, 1):
                for offset in range(state.positions[who][p].statements_next):
                    filled = who == L and any(q == p and begin <= offset < end for q, begin, end in state.backfill)
                    if (p, offset) not in state.stored[who] and not filled:
                        raise LostStatementError(f"{PIPELINES[who]} will not read offset {offset} of partition {p} again, and has not stored it")

    def check_end(self, state: State) -> None:
        """What must hold when nobody has anything left to do."""
        wanted = {record.id for part in self.log for record in part}
        if _ids(state.applied) != wanted:
            raise LostEffectError(f"never applied: {sorted(wanted - _ids(state.applied))}")
        if state.parked:
            raise LostEffectError(f"parked for ever: {sorted(state.parked)}")


MISFORTUNES = frozenset({"die", "lose partitions", "answer lost", "kill", "run again"})
COMMANDS = {"shift": World.shift, "cutover": World.cutover, "rollback": World.rollback}


class BrokenError(AssertionError):
    """A rule that does not hold."""


class OrderError(BrokenError):
    pass


class TwicePlannedError(BrokenError):
    pass


class LostStatementError(BrokenError):
    pass


class LostEffectError(BrokenError):
    pass


class StuckError(BrokenError):
    pass


_admit = cache(admit)
_settle_one = cache(settle)


@cache
def _epochs(plans: tuple[Plan, ...]) -> tuple[Epoch, ...]:
    return tuple(Epoch(number, plan.share, SALT, plan.kind, plan.kind, dict(zip(TPS, plan.fences, strict=True))) for number, plan in enumerate(plans, 1))


@cache
def _owner(plans: tuple[Plan, ...], p: int, offset: int, aggregate: str) -> int:
    return PIPELINES.index(owner(_epochs(plans), TPS[p], offset, aggregate))


@cache
def _barrier(plans: tuple[Plan, ...], p: int, other: int) -> int | None:
    return barrier(_epochs(plans), TPS[p], other)


@cache
def _waits(plans: tuple[Plan, ...], p: int, offset: int, aggregate: str, who: int, other: int) -> bool:
    return waits(_epochs(plans), TPS[p], offset, aggregate, PIPELINES[who], other)


@cache
def _ids(applied: frozenset[tuple[str, int, int, int]]) -> frozenset[str]:
    return frozenset(id_ for id_, *_ in applied)


def _put(values, place, value):  # type: ignore[no-untyped-def]  # pairs of anything
    return (value, values[1]) if place == 0 else (values[0], value)
