"""Whether an LRS's "already there" speaks of this record itself. Pure.

A process that dies between its POST and its note in Postgres leaves records that may have been sent: when they are read again, the LRS
knows them. They are not a producer's duplicates. They are told apart by when the LRS stored them: after the dead process took them in
hand (it marks that in Postgres first, table `sending`) and before this process took over. The LRS's clock and Postgres's must agree for
that; where they do not, a record is called duplicate instead of stored, and still nothing is lost or doubled.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from aiokafka import TopicPartition


@dataclass(frozen=True, slots=True)
class Mark:
    """Offsets of a partition below `end` have been in somebody's hand since `since`."""

    end: int
    since: datetime


class Doubt:
    """What a process that takes over partitions may meet of its predecessors'.

    Args:
        marks: what was in hand, by partition; below a position it is settled.
        until: when this process took over.
    """

    def __init__(self, marks: Mapping[TopicPartition, Mark], until: datetime) -> None:
        self._marks = marks
        self._until = until
        self._met: set[str] = set()

    def mark(self, tp: TopicPartition, offset: int) -> Mark | None:
        """The mark under which a record may have been sent before, if any."""
        mark = self._marks.get(tp)
        return mark if mark is not None and offset < mark.end else None

    def same_record(self, mark: Mark, statement_id: str, stored: datetime | None) -> bool:
        """Whether what the LRS has under this id is a predecessor's sending of this record."""
        if stored is None or statement_id in self._met or not mark.since <= stored <= self._until:
            return False
        self._met.add(statement_id)
        return True


NO_DOUBT = Doubt({}, datetime.min.replace(tzinfo=UTC))
