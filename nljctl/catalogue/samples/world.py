"""The world that a run's statements tell of: who made what, and which of it an event is about.

An event's parents are there before it: where the run does not publish them by itself, they are made in addition.
"""

from __future__ import annotations

from collections import deque
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

_REMEMBERED = 200
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


@dataclass(slots=True)
class _Entry:
    subject: Any
    happened: set[str] = field(default_factory=set)


class World:
    """Draws the subject of each event. Equal seeds and equal calls give equal subjects."""

    def __init__(self, chance: Random, start: datetime, selected: frozenset[str]) -> None:
        self._chance = chance
        self._selected = selected
        self._cast = Cast(chance, start)
        self._known: dict[str, deque[_Entry]] = {kind: deque(maxlen=_REMEMBERED) for kind in MADE_BY}
        self._waiting: deque[Session] = deque()
        self._parents: list[tuple[str, Any]] = []

    def subject(self, event: str, *, keep: bool = True) -> tuple[list[tuple[str, Any]], Any]:
        """The parents that must be published first, as (event, subject), and the event's own subject.

        Args:
            keep: whether later events may be about a subject that this one makes.
        """
        self._parents = []
        kind = kind_of(event)
        maker = MADE_BY.get(kind)
        if maker is None or maker == event:
            subject = self._new(kind)
            if maker and keep:
                self._remember(kind, subject)
        else:
            subject = self._draw(kind, event, keep=keep)
        return self._parents, subject

    def _draw(self, kind: str, event: str, *, keep: bool) -> Any:
        entry = self._choose(kind, event)
        before = AFTER.get(event)
        if before and before not in entry.happened:
            self._happen(entry, before)
        if keep:
            entry.happened.add(event)
        return entry.subject

    def _choose(self, kind: str, event: str) -> _Entry:
        before, fits = AFTER.get(event), FITS.get(event, lambda _: True)
        known = self._known[kind]
        reached = [entry for entry in known if before is None or before in entry.happened] if before in (None, *self._selected) else list(known)
        fresh = [entry for entry in reached if event not in entry.happened]
        again = reached if MADE_BY[kind] in self._selected else []
        for candidates in (fresh, again):
            if candidates:
                return self._chance.choice([entry for entry in candidates if fits(entry.subject)] or candidates)
        untouched = [entry for entry in known if event not in entry.happened]
        if untouched:
            return self._chance.choice(untouched)
        return self._make(kind)

    def _happen(self, entry: _Entry, event: str) -> None:
        """Publishes what must come before, and what must come before that."""
        before = AFTER.get(event)
        if before and before not in entry.happened:
            self._happen(entry, before)
        entry.happened.add(event)
        self._parents.append((event, entry.subject))

    def _make(self, kind: str) -> _Entry:
        """A subject that the run does not publish by itself, to be published as a parent."""
        subject = self._new(kind)
        self._parents.append((MADE_BY[kind], subject))
        return self._remember(kind, subject)

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

    def _remember(self, kind: str, subject: Any) -> _Entry:
        entry = _Entry(subject)
        self._known[kind].append(entry)
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
