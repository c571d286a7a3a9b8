"""Where the latest dead letter of each origin lies: coordinates and nothing else, so that a million of them fit into memory. Pure."""

from __future__ import annotations

import heapq
from array import array
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from nljctl.migration.dlq.coordinates import Coordinates


class Place(NamedTuple):
    """Where a letter lies in the dead-letter topic. Places are ordered by time: the later one wins."""

    at: int
    partition: int
    offset: int


class Found(NamedTuple):
    """An origin, where its latest letter lies, and why it is there."""

    place: Place
    origin: Coordinates
    reason: str


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which letters are meant; None is any. `origins` are those of first sending."""

    reason: str | None = None
    topic: str | None = None
    origins: Collection[Coordinates] | None = None

    def __call__(self, found: Found) -> bool:
        return self.reason in (None, found.reason) and self.topic in (None, found.origin.topic) and (self.origins is None or found.origin in self.origins)


class Index:
    """One row per origin.

    Args:
        roots: coordinates of records that were sent again → those of the first of their kind. A letter of the former is one of the latter.
    """

    def __init__(self, roots: Mapping[Coordinates, Coordinates] | None = None) -> None:
        self.foreign = 0
        """Records of the topic that are no dead letters."""
        self._roots = roots or {}
        self._rows: dict[tuple[str, int], dict[int, int]] = defaultdict(dict)
        self._at, self._partition, self._offset, self._reason = array("q"), array("i"), array("q"), array("I")
        self._reasons: dict[str, int] = {}
        self._words: list[str] = []

    def __len__(self) -> int:
        return len(self._at)

    def root(self, origin: Coordinates) -> Coordinates:
        return self._roots.get(origin, origin)

    def add(self, origin: Coordinates, place: Place, reason: str) -> None:
        """Notes a letter, unless a later one of its origin is known."""
        origin = self.root(origin)
        rows = self._rows[origin.topic, origin.partition]
        if reason not in self._reasons:
            self._reasons[reason] = len(self._words)
            self._words.append(reason)
        number = self._reasons[reason]
        row = rows.get(origin.offset)
        if row is None:
            rows[origin.offset] = len(self._at)
            for column, value in zip(self._columns(), (*place, number), strict=True):
                column.append(value)
        elif place > self._place(row):
            for column, value in zip(self._columns(), (*place, number), strict=True):
                column[row] = value

    def __iter__(self) -> Iterator[Found]:
        for (topic, partition), rows in self._rows.items():
            for offset, row in rows.items():
                yield Found(self._place(row), Coordinates(topic, partition, offset), self._words[self._reason[row]])

    def latest(self, origin: Coordinates) -> Found | None:
        """The latest letter of an origin, or of what was sent again of it."""
        origin = self.root(origin)
        row = self._rows.get((origin.topic, origin.partition), {}).get(origin.offset)
        return None if row is None else Found(self._place(row), origin, self._words[self._reason[row]])

    def count(self, wanted: Callable[[Found], bool]) -> Counter[str]:
        """Letters by reason."""
        return Counter(found.reason for found in self if wanted(found))

    def newest(self, wanted: Callable[[Found], bool], limit: int) -> list[Found]:
        """At most `limit`, newest first."""
        return heapq.nlargest(limit, (found for found in self if wanted(found)))

    def _columns(self) -> tuple[array[int], array[int], array[int], array[int]]:
        return self._at, self._partition, self._offset, self._reason

    def _place(self, row: int) -> Place:
        return Place(self._at[row], self._partition[row], self._offset[row])
