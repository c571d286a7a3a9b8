"""What the events of a run are about. A run's statements agree with each other because they share these."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from nljctl.catalogue.courseware import Activity, Node, Survey
from nljctl.catalogue.people import Person


@dataclass(slots=True)
class Program:
    id: str
    title: str
    creator: Person
    prerequisites: list[str]
    sessions: int = 0


@dataclass(slots=True)
class Session:
    """`spare`: it may be cancelled, the others go on living."""

    id: str
    program: Program
    start: datetime
    end: datetime
    location: str
    capacity: int
    instructor: Person | None
    spare: bool
    learners: list[Person] = field(default_factory=list)


@dataclass(slots=True)
class Booking:
    """`position`: the learner's place in the waiting list, by order of publication."""

    id: str
    session: Session
    learner: Person
    position: int | None
    spare: bool


@dataclass(slots=True)
class Generation:
    """A run of content generation; a spare one fails."""

    id: str
    title: str
    user: Person
    spare: bool


@dataclass(slots=True)
class Extraction:
    id: str
    node: Node
    user: Person


@dataclass(slots=True)
class Tagging:
    id: str
    node: Node
    user: Person
    strategy: str


@dataclass(slots=True)
class Batch:
    id: str
    nodes: int
    user: Person


@dataclass(slots=True)
class Response:
    """A learner who fills in a survey; `generator` is which of the platform's three demo generators writes it."""

    survey: Survey
    learner: Person
    session: str
    generator: str
    department: str
    answered: int = 0


@dataclass(slots=True)
class Study:
    """A learner at an activity."""

    activity: Activity
    learner: Person
    session: str


@dataclass(slots=True)
class Visit:
    """A learner at a node."""

    node: Node
    activity: Activity
    learner: Person
    session: str


@dataclass(slots=True)
class Review:
    """A content item in the approval workflow."""

    id: str
    content: str
    title: str
    author: Person
    reviewer: Person
    version: int
