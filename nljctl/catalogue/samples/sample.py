"""A sample, and what is asked of the generator."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from nljctl.catalogue.event import Contract

Kind = Literal["plain", "invalid", "duplicate", "conflict"]


@dataclass(frozen=True, slots=True)
class Sample:
    """One record to publish.

    Attributes:
        event: the catalogue's name; of an invalid one, what it would have been.
        contract: the form's contract; None where both producer contracts write the same.
        statement: the statement, or the raw bytes of an invalid one.
        kind: plain, invalid, duplicate (sent again), conflict (same id, other content).
        defect: what is wrong with an invalid one.
        parent: it was not asked for, but another sample needs it.
    """

    event: str
    contract: Contract | None
    topic: str
    key: str | None
    statement: Mapping[str, Any] | bytes
    kind: Kind = "plain"
    defect: str | None = None
    parent: bool = False

    @property
    def value(self) -> bytes:
        """The record's value, serialised as the platform does it."""
        return self.statement if isinstance(self.statement, bytes) else json.dumps(self.statement).encode()

    @property
    def id(self) -> str | None:
        """The statement id, if it has one."""
        found = None if isinstance(self.statement, bytes) else self.statement.get("id")
        return found if isinstance(found, str) else None


@dataclass(frozen=True, slots=True)
class SampleRequest:
    """What to generate; equal requests give equal samples in equal order.

    Attributes:
        count: how many, without parents; None never ends.
        events: catalogue names in any order; empty means all that the contract has.
        contract: which producers; `both` alternates.
        invalid, duplicates, conflicts: percentages of `count`.
    """

    count: int | None
    events: tuple[str, ...] = ()
    contract: Literal["old", "new", "both"] = "both"
    seed: int = 0
    invalid: float = 0.0
    duplicates: float = 0.0
    conflicts: float = 0.0
