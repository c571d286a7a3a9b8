"""What can have become of a record on either side: the ledger's classes, as one table (contract, "compare-legacy, exactly")."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Side = Literal["faststream", "legacy"]
Place = Literal["record", "document"]

SIDES: tuple[Side, Side] = ("faststream", "legacy")


@dataclass(frozen=True, slots=True)
class LedgerClass:
    """One class of one side.

    Attributes:
        holds: whether the side's store holds the record's content.
        fault: whether it is a loss, a change or an addition that nothing recorded accounts for, whatever the other side says.
        of: a `record` of the log, or a `document` that the log does not hold.
        meaning: for people.
    """

    side: Side
    name: str
    holds: bool
    fault: bool
    of: Place
    meaning: str


CLASSES: tuple[LedgerClass, ...] = (
    LedgerClass("faststream", "stored", True, False, "record", "in the new index under its id, with this content"),
    LedgerClass("faststream", "duplicate", True, False, "record", "another record of this id and content is stored"),
    LedgerClass("faststream", "conflict", False, False, "record", "another content is stored under this id; dead-lettered"),
    LedgerClass("faststream", "dead_lettered", False, False, "record", "can never be stored; in the dead-letter topic with its reason"),
    LedgerClass("faststream", "missing", False, True, "record", "neither stored nor dead-lettered"),
    LedgerClass("faststream", "altered", False, True, "record", "its document has another content than the log"),
    LedgerClass("faststream", "extra", True, True, "document", "in the new index, but no record of the log has its id"),
    LedgerClass("faststream", "expired", True, False, "document", "in the new index; its record is older than the log's start"),
    LedgerClass("legacy", "stored", True, False, "record", "in the legacy index under its id, with this content"),
    LedgerClass("legacy", "duplicate", True, False, "record", "another record of this id and content is stored"),
    LedgerClass("legacy", "conflict", False, False, "record", "another content is stored under this id"),
    LedgerClass("legacy", "reassigned", True, False, "record", "had no id; stored under one that was made for it"),
    LedgerClass("legacy", "not_subscribed", False, False, "record", "legacy does not read this topic"),
    LedgerClass("legacy", "filtered", False, False, "record", "no route leads from it to the LRS"),
    LedgerClass("legacy", "refused", False, False, "record", "the LRS refused it"),
    LedgerClass("legacy", "failed", False, False, "record", "the post to the LRS failed, and legacy went on"),
    LedgerClass("legacy", "unreadable", False, False, "record", "not a statement that legacy can read"),
    LedgerClass("legacy", "altered", False, True, "record", "its document has another content than the log"),
    LedgerClass("legacy", "unexplained", False, True, "record", "not in the legacy index, and nothing says why"),
    LedgerClass("legacy", "extra", True, True, "document", "in the legacy index, but no record of the log has its id"),
    LedgerClass("legacy", "expired", True, False, "document", "in the legacy index; older than the log's start"),
)


def named(side: Side) -> tuple[LedgerClass, ...]:
    """The classes of one side, in the order in which they are shown."""
    return tuple(entry for entry in CLASSES if entry.side == side)
