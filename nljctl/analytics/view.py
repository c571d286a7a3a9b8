"""Statements as analytics see them, wherever they are kept: what is looked at, and every group of them counted exactly."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import datetime
from typing import Any, Generic, Self, TypeAlias, TypeVar

from nljctl.analytics.grouping import Group, Key, Measure, Sum
from nljctl.analytics.mapping import Kind

C = TypeVar("C")


class Statements(ABC, Generic[C]):
    """Statements to look at: those of an index, or of a table made of one. `C` is how it says a condition; conditions know `~`, `&` and `|`."""

    @abstractmethod
    def where(self, *conditions: C) -> Self:
        """The statements of this view that meet these conditions too."""

    @abstractmethod
    def between(self, since: datetime | None, until: datetime | None) -> Self:
        """The statements of this view from `since` to `until`, both included."""

    @abstractmethod
    def equals(self, paths: str | tuple[str, ...], *values: str) -> C:
        """That a member has one of these values; of several places the first that has a value counts."""

    @abstractmethod
    def begins(self, path: str, prefix: str) -> C:
        """That a member begins so."""

    @abstractmethod
    def flag(self, path: str, value: bool) -> C:
        """That a member is true, or false."""

    @abstractmethod
    def has(self, path: str, kind: Kind = "text") -> C:
        """That a member is there at all."""

    @abstractmethod
    async def aside(self, *keys: Key) -> Self:
        """The same statements, put aside where that makes many questions about few of them cheaper.

        Args:
            keys: the members that will be asked for; of these, of the verb and of the completion conditions may be made.
        """

    @abstractmethod
    async def count(self) -> int:
        """How many statements it has."""

    @abstractmethod
    async def latest(self, size: int, *, after: Sequence[Any] | None = None) -> list[Mapping[str, Any]]:
        """The youngest statements as hits of a search (`_id`, `_source`, `sort`); with `after`, those that follow that `sort`."""

    @abstractmethod
    def groups(self, *keys: Key, of_which: Mapping[str, C] | None = None) -> AsyncIterator[Group]:
        """Counts statements by their values: every group, exactly, in no order. A group may come in several parts: who asks adds them up."""

    @abstractmethod
    async def different(self, *of: Key, per: Sequence[Key] = (), of_which: Mapping[str, C] | None = None) -> list[Group]:
        """Counts different values, exactly: of each group by `per` (of all together without it), each once.

        Gives:
            Groups: `count` is how many different values of `of` there are, `of_which` how many of them have a statement that meets the condition.
        """

    @abstractmethod
    async def sums(self, of: Measure, *per: Key) -> list[Sum]:
        """Adds up a number that statements have, exactly, for each group that has any; without `per` for all together, also where none has it."""


View: TypeAlias = Statements[Any]
