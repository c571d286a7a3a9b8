"""Which sessions cannot both take place: same place or same instructor at the same time. Pure.

Sessions that name no place may be in the same one: two of them that overlap are a `time_overlap`. Only sessions that are still scheduled count.
Which of two sessions tells of the conflict depends on which was applied second, and one that is cancelled before the other is applied
is in nobody's way: the two pipelines may see that differently, and no row depends on it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

MOST_NAMED = 100
"""Sessions that one announcement names."""


@dataclass(frozen=True, slots=True)
class Meeting:
    """A session as far as it can be in another's way; `location` is None where it names none. It ends before `end`."""

    id: str
    start: datetime
    end: datetime
    location: str | None
    instructor: str | None


@dataclass(frozen=True, slots=True)
class Conflict:
    """What a session has against it, of one kind. `others` are in the order in which they begin, at most `MOST_NAMED`; the details count them all."""

    kind: str
    others: Sequence[str]
    details: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class _Kind:
    name: str
    clash: Callable[[Meeting, Meeting], bool]
    details: Callable[[Meeting], Mapping[str, Any]]


KINDS = (
    _Kind("location_conflict", lambda one, other: one.location is not None and one.location == other.location, lambda meeting: {"location": meeting.location}),
    _Kind(
        "instructor_conflict",
        lambda one, other: one.instructor is not None and one.instructor == other.instructor,
        lambda meeting: {"instructor_id": meeting.instructor},
    ),
    _Kind("time_overlap", lambda one, other: one.location is None and other.location is None, lambda _: {}),
)


def conflicts(new: Meeting, scheduled: Sequence[Meeting]) -> Sequence[Conflict]:
    """What a new session has against it among those that are scheduled, by kind."""
    overlapping = sorted((other for other in scheduled if overlap(new, other) and other.id != new.id), key=lambda other: (other.start, other.id))
    found = []
    for kind in KINDS:
        others = [other.id for other in overlapping if kind.clash(new, other)]
        if others:
            details = {"start_time": new.start.isoformat(), "end_time": new.end.isoformat(), "conflicts": len(others), **kind.details(new)}
            found.append(Conflict(kind.name, others[:MOST_NAMED], details))
    return found


def overlap(one: Meeting, other: Meeting) -> bool:
    """Whether they share a moment: one that begins when the other ends does not."""
    return one.start < other.end and other.start < one.end
