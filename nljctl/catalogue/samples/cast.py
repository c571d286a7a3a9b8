"""Makes the subjects of a run: programs, sessions, bookings and the rest, from the people and the courseware."""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta
from random import Random
from typing import Any

from nljctl.catalogue.courseware import ACTIVITIES, NODES, SURVEYS
from nljctl.catalogue.people import PEOPLE, Person
from nljctl.catalogue.samples.dice import new_id
from nljctl.catalogue.samples.learning import DEPARTMENTS, GENERATORS
from nljctl.catalogue.samples.subjects import Batch, Booking, Extraction, Generation, Program, Response, Review, Session, Study, Tagging, Visit

LEARNERS = tuple(person for person in PEOPLE if person.role in ("PLAYER", "LEARNER"))
_CREATORS = tuple(person for person in PEOPLE if person.role == "CREATOR")
_REVIEWERS = tuple(person for person in PEOPLE if person.role in ("REVIEWER", "APPROVER"))

_TITLES = ("Brake service basics", "High-voltage isolation", "Diagnosis with the scan tool", "Customer hand-over", "Air-conditioning refill", "Wheel alignment")
_LOCATIONS = ("Bay 1", "Bay 2", "Room 12", "Workshop North", "")
_STRATEGIES = ("conservative", "balanced", "comprehensive")


class Cast:
    """Numbers what it makes, so that small, spare and overlapping subjects turn up regularly."""

    most_learners = len(LEARNERS)

    def __init__(self, chance: Random, start: datetime) -> None:
        self._chance = chance
        self._start = start
        self._made: Counter[str] = Counter()
        self._last: Session | None = None

    def _number(self, kind: str) -> int:
        """From 0."""
        self._made[kind] += 1
        return self._made[kind] - 1

    def _learner(self) -> Person:
        return self._chance.choice(LEARNERS)

    def program(self, prerequisites: list[str]) -> Program:
        number = self._number("program")
        title = f"{_TITLES[number % len(_TITLES)]}, part {number // len(_TITLES) + 1}"
        return Program(new_id(self._chance), title, self._chance.choice(_CREATORS), prerequisites if number % 2 else [])

    def session(self, program: Program) -> Session:
        """Of four, the last overlaps the one before it in the same room; of three, the first is small and the last spare."""
        number = self._number("session")
        start = self._start + timedelta(days=7, hours=3 * number)
        location = _LOCATIONS[number % len(_LOCATIONS)]
        if number % 4 == 3 and self._last is not None:
            start, location = self._last.start + timedelta(minutes=30), self._last.location
        capacity = 1 + number // 3 % 2 if number % 3 == 0 else self._chance.randint(8, 20)
        instructor = self._chance.choice((*_CREATORS, None))
        end = start + timedelta(hours=2)
        self._last = Session(new_id(self._chance), program, start, end, location, capacity, instructor, spare=number % 3 == 2)
        return self._last

    def booking(self, session: Session) -> Booking:
        """Of a learner who has none there. Of three, the first is spare."""
        number = self._number("booking")
        learner = self._chance.choice([person for person in LEARNERS if person not in session.learners])
        waiting = len(session.learners) - session.capacity + 1
        return Booking(new_id(self._chance), session, learner, waiting if waiting > 0 else None, spare=number % 3 == 0)

    def response(self, generator: str | None = None) -> Response:
        by = generator or GENERATORS[self._number("response") % len(GENERATORS)]
        return Response(self._chance.choice(SURVEYS), self._learner(), new_id(self._chance), by, self._chance.choice(DEPARTMENTS))

    def study(self) -> Study:
        return Study(self._chance.choice(ACTIVITIES), self._learner(), new_id(self._chance))

    def other(self, kind: str) -> Any:
        """A subject of a kind that needs no parent."""
        chance, node, creator = self._chance, self._chance.choice(NODES), self._chance.choice(_CREATORS)
        match kind:
            case "generation":
                number = self._number(kind)
                return Generation(new_id(chance), f"EV safety quiz {number + 1}", creator, spare=number % 4 in (1, 2))
            case "response":
                return self.response()
            case "study":
                return self.study()
            case "extraction":
                return Extraction(new_id(chance), node, creator)
            case "batch":
                return Batch(new_id(chance), chance.randint(2, 20), creator)
            case "tagging":
                return Tagging(new_id(chance), node, creator, chance.choice(_STRATEGIES))
            case "visit":
                return Visit(node, chance.choice(ACTIVITIES), self._learner(), f"run-{self._number(kind) + 1}")
            case "review":
                return Review(new_id(chance), new_id(chance), chance.choice(ACTIVITIES).title, creator, chance.choice(_REVIEWERS), chance.randint(1, 5))
        raise ValueError(kind)
