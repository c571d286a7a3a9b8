"""The world that a run's statements tell of: who made what, and which of it an event is about.

An event's parents are there before it: where the run does not publish them by itself, they are made in addition.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from random import Random
from typing import Any

from nljctl.catalogue.samples.cast import Cast
from nljctl.catalogue.samples.subjects import Booking, Program, Session

KINDS: Mapping[str, str] = {
    "program": "program",
    "session": "session",
    "booking": "booking",
    "attendance": "booking",
    "certificate": "booking",
    "content": "generation",
    "survey": "response",
    "learning": "study",
    "statement": "study",
    "knowledge": "extraction",
    "tagging.batch": "batch",
    "tagging": "tagging",
    "node": "visit",
    "workflow": "review",
}
"""Of which kind the subject of an event is, by the beginning of its name."""

MADE_BY: Mapping[str, str] = {
    "program": "program.created",
    "session": "session.scheduled",
    "booking": "booking.requested",
    "generation": "content.generation.requested",
    "response": "survey.started",
    "extraction": "knowledge.extraction.started",
    "batch": "tagging.batch.started",
    "tagging": "tagging.auto.started",
    "review": "workflow.submitted",
}
"""The event that brings a subject into the world. Subjects of other kinds are new each time."""

PARENT: Mapping[str, str] = {"session": "program", "booking": "session"}
"""The kind of subject that one of another kind belongs to."""

AFTER: Mapping[str, str] = {
    "content.generation.progress": "content.generation.started",
    "content.generation.completed": "content.generation.started",
    "content.generation.failed": "content.generation.started",
    "attendance.completed": "attendance.checked_in",
    "certificate.earned": "attendance.completed",
    "workflow.published": "workflow.approved",
}
"""What must have happened to the subject before, besides its making."""

FITS: Mapping[str, Callable[[Any], bool]] = {
    "session.cancelled": lambda session: session.spare,
    "booking.confirmed": lambda booking: booking.position is None,
    "booking.waitlisted": lambda booking: booking.position is not None,
    "booking.cancelled": lambda booking: booking.spare,
    "attendance.checked_in": lambda booking: booking.position is None and not booking.spare,
    "content.generation.completed": lambda generation: not generation.spare,
    "content.generation.failed": lambda generation: generation.spare,
}
"""Which subjects an event prefers, so that not everything ends cancelled."""

NEVER_AFTER: Mapping[str, str] = {"content.generation.failed": "content.generation.completed"}
"""What cannot happen to a subject any more: rather another one is made."""

_REMEMBERED = 64
"""How many subjects of a kind are remembered: a run without end must not grow."""


def kind_of(event: str) -> str:
    """The kind of an event's subject."""
    return next(kind for prefix, kind in KINDS.items() if event.startswith(prefix))


def needed(event: str) -> frozenset[str]:
    """The events that must come before one: of its subject, and of what that belongs to."""
    found: set[str] = set()
    steps = [event]
    while steps:
        step = steps.pop()
        steps += [AFTER[step]] if step in AFTER else []
        found |= {step, *_makers(kind_of(step))}
    return frozenset(found - {event})


def _makers(kind: str) -> set[str]:
    """The events that make a subject of a kind and what it belongs to."""
    makers = {MADE_BY[kind]} if kind in MADE_BY else set()
    return makers | (_makers(PARENT[kind]) if kind in PARENT else set())


@dataclass(frozen=True, slots=True)
class Drawn:
    """An event and what it is about. `turn` numbers the subjects of a kind: all events of one subject come from one producer, so that its key stays."""

    event: str
    subject: Any
    turn: int


@dataclass(slots=True)
class _Entry:
    subject: Any
    turn: int
    happened: set[str] = field(default_factory=set)


def _fitting(entries: list[_Entry], fits: Callable[[Any], bool]) -> list[_Entry]:
    return [entry for entry in entries if fits(entry.subject)]


class World:
    """Draws the subject of each event. Equal seeds and equal calls give equal subjects."""

    def __init__(self, chance: Random, start: datetime, selected: frozenset[str]) -> None:
        self._chance = chance
        self._selected = selected
        self._cast = Cast(chance, start)
        self._known: dict[str, deque[_Entry]] = {kind: deque(maxlen=_REMEMBERED) for kind in MADE_BY}
        self._turns: Counter[str] = Counter()
        self._waiting: deque[Session] = deque()
        self._parents: list[Drawn] = []

    def draw(self, event: str, *, keep: bool = True) -> tuple[list[Drawn], Drawn]:
        """The parents that must be published first, and the event with its own subject.

        Args:
            keep: whether later events may be about a subject that this one makes.
        """
        self._parents = []
        kind = kind_of(event)
        if MADE_BY.get(kind, event) == event:
            entry = self._entry(kind)
            if keep and kind in MADE_BY:
                self._remember(kind, entry)
        else:
            entry = self._choose(kind, event)
            self._prepare(entry, event)
            if keep:
                entry.happened.add(event)
        return self._parents, Drawn(event, entry.subject, entry.turn)

    def _choose(self, kind: str, event: str) -> _Entry:
        before, fits = AFTER.get(event), FITS.get(event, lambda _: True)
        known = [entry for entry in self._known[kind] if NEVER_AFTER.get(event) not in entry.happened]
        reached = [entry for entry in known if before is None or before not in self._selected or before in entry.happened]
        fresh = [entry for entry in reached if event not in entry.happened]
        untouched = [entry for entry in known if event not in entry.happened]
        again = reached if MADE_BY[kind] in self._selected else []
        for candidates in (_fitting(fresh, fits), _fitting(again, fits), fresh, again, untouched):
            if candidates:
                return self._chance.choice(candidates)
        return self._make(kind)

    def _prepare(self, entry: _Entry, event: str) -> None:
        """Publishes what must have happened to a subject before, and what must have happened before that."""
        before = AFTER.get(event)
        if before and before not in entry.happened:
            self._prepare(entry, before)
            entry.happened.add(before)
            self._parents.append(Drawn(before, entry.subject, entry.turn))

    def _make(self, kind: str) -> _Entry:
        """A subject that the run does not publish by itself, to be published as a parent."""
        entry = self._remember(kind, self._entry(kind))
        self._parents.append(Drawn(MADE_BY[kind], entry.subject, entry.turn))
        return entry

    def _entry(self, kind: str) -> _Entry:
        subject = self._new(kind)
        self._turns[kind] += 1
        return _Entry(subject, self._turns[kind] - 1)

    def _new(self, kind: str) -> Any:
        match kind:
            case "program":
                return self._cast.program([entry.subject.id for entry in list(self._known["program"])[-1:]])
            case "session":
                return self._cast.session(self._program())
            case "booking":
                return self._cast.booking(self._open_session())
            case _:
                return self._cast.other(kind)

    def _remember(self, kind: str, entry: _Entry) -> _Entry:
        self._known[kind].append(entry)
        subject = entry.subject
        if isinstance(subject, Session):
            subject.program.sessions += 1
            self._waiting.append(subject)
        elif isinstance(subject, Booking):
            subject.session.learners.append(subject.learner)
        return entry

    def _program(self) -> Program:
        known = self._known["program"] or [self._make("program")]
        program: Program = self._chance.choice(known).subject
        return program

    def _open_session(self) -> Session:
        """One session after the other fills: small ones beyond their capacity, so that learners wait."""
        while self._waiting:
            session = self._waiting[0]
            wanted = 0 if session.spare and "session.cancelled" in self._selected else min(session.capacity + 2, 4)
            if len(session.learners) < wanted:
                return session
            self._waiting.popleft()
        if MADE_BY["session"] in self._selected:
            roomy = [entry.subject for entry in self._known["session"] if not entry.subject.spare and len(entry.subject.learners) < self._cast.most_learners]
            if roomy:
                chosen: Session = self._chance.choice(roomy)
                return chosen
        self._make("session")
        return self._open_session()
