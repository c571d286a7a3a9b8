"""What a repair does about one need, by what its store holds under the id now. Pure.

A document is only written over where the ledger calls it altered: its record owns it, and it is not what that record says.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from nljctl.migration.repair.need import Need


class Action(StrEnum):
    CREATE = "create"
    OVERWRITE = "overwrite"
    DEAD_LETTER = "dead-letter"
    NOTHING = "nothing"
    """It is there already."""
    IMPOSSIBLE = "impossible"


class Status(StrEnum):
    PLANNED = "planned"
    DONE = "done"
    ALREADY = "already"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Present:
    """A document that is there: its digests, and the version of it that may be written over."""

    digest: str
    content_digest: str
    seq_no: int
    primary_term: int


@dataclass(frozen=True, slots=True)
class Wanted:
    """What should be there. `timed`: it carries a timestamp of its own; else its store makes one, and it is compared without."""

    digest: str
    content_digest: str
    timed: bool = True

    def is_(self, present: Present) -> bool:
        return self.digest == present.digest if self.timed else self.content_digest == present.content_digest


@dataclass(frozen=True, slots=True)
class Item:
    """One need, what is done about it and what came of that. `before` and `after` are digests, "" for no document."""

    need: Need
    action: Action
    status: Status
    id: str | None = None
    before: str = ""
    after: str = ""
    detail: str = ""
    present: Present | None = None

    def done(self, detail: str = "") -> Item:
        return replace(self, status=Status.DONE, detail=detail or self.detail)

    def already(self, detail: str = "") -> Item:
        return replace(self, status=Status.ALREADY, detail=detail or self.detail)

    def failed(self, detail: str) -> Item:
        return replace(self, status=Status.FAILED, detail=detail)

    def document(self) -> dict[str, Any]:
        tp = self.need.tp
        return {
            "id": self.id or self.need.id,
            "class": self.need.cls,
            "action": self.action.value,
            "status": self.status.value,
            "before": self.before or None,
            "after": self.after or None,
            "topic": None if tp is None else tp.topic,
            "partition": None if tp is None else tp.partition,
            "offset": None if tp is None else self.need.offset,
            "detail": self.detail,
        }


def decide(need: Need, id_: str, wanted: Wanted, present: Present | None) -> Item:
    """What to do about a need whose content is at hand."""
    if present is None:
        return Item(need, Action.CREATE, Status.PLANNED, id_, after=wanted.digest)
    if wanted.is_(present):
        return Item(need, Action.NOTHING, Status.ALREADY, id_, present.digest, wanted.digest, "it is there")
    if need.cls == "altered":
        return Item(need, Action.OVERWRITE, Status.PLANNED, id_, present.digest, wanted.digest, present=present)
    return Item(need, Action.IMPOSSIBLE, Status.FAILED, id_, present.digest, wanted.digest, "another content is there under its id", present)


def impossible(need: Need, why: str) -> Item:
    """A need that this repair cannot fill."""
    return Item(need, Action.IMPOSSIBLE, Status.FAILED, need.id, detail=why)
