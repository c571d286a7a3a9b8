"""Statements of an index, counted by composite aggregations that are paged to their end: exact, whatever the mapping."""

from __future__ import annotations

import asyncio
from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Final

from elasticsearch import AsyncElasticsearch, NotFoundError

from nljctl.analytics import vocabulary as words
from nljctl.analytics.days import utc
from nljctl.analytics.durations import milliseconds
from nljctl.analytics.exact import as_written, millionths
from nljctl.analytics.grouping import DURATION, SCORE, By, Group, Key, Meant, Measure, Sum
from nljctl.analytics.mapping import Fields, Kind, Reading
from nljctl.analytics.view import Statements

PAGE: Final = 10_000
"""Groups that one answer holds. Elasticsearch makes at most 65,536 of them in one search."""

Query = Mapping[str, Any]
NOTHING: Final[Query] = {"match_none": {}}


@dataclass(frozen=True, slots=True)
class Condition:
    """A query, and the runtime fields that it needs."""

    query: Query
    runtime: Mapping[str, Any] = field(default_factory=dict)

    def __invert__(self) -> Condition:
        return Condition({"bool": {"must_not": [self.query]}}, self.runtime)

    def __or__(self, other: Condition) -> Condition:
        return Condition({"bool": {"should": [self.query, other.query], "minimum_should_match": 1}}, {**self.runtime, **other.runtime})

    def __and__(self, other: Condition) -> Condition:
        return Condition({"bool": {"filter": [self.query, other.query]}}, {**self.runtime, **other.runtime})


@dataclass(frozen=True)
class IndexView(Statements[Condition]):
    """Statements of an index.

    Attributes:
        target: what is searched, as arguments of the client's `search`: an index (or alias), or a point in time. Empty: there is no such index.
        fields: how it is mapped.
        conditions: what all statements looked at must meet.
        page: groups that one answer may hold.
        whole: whether it is known that no text is longer than its field takes; else that is asked each time.
    """

    client: AsyncElasticsearch
    target: Mapping[str, Any]
    fields: Fields
    conditions: tuple[Condition, ...] = ()
    page: int = PAGE
    whole: bool = False

    def where(self, *conditions: Condition) -> IndexView:
        return replace(self, conditions=(*self.conditions, *conditions))

    def between(self, since: datetime | None, until: datetime | None) -> IndexView:
        limits = {name: utc(moment) for name, moment in (("gte", since), ("lte", until)) if moment is not None}
        if not limits:
            return self
        reading = self.fields.read(words.TIMESTAMP, "day")
        return self.where(Condition(NOTHING) if reading is None else Condition({"range": {reading.name: limits}}, reading.runtime))

    def equals(self, paths: str | tuple[str, ...], *values: str) -> Condition:
        found = Condition(NOTHING)
        earlier: list[Condition] = []
        for path in (paths,) if isinstance(paths, str) else paths:
            reading = self.fields.read(path)
            if reading is None:
                continue
            if reading.limit is not None and max(map(len, values)) > reading.limit:
                reading = reading.from_source()
            here = Condition({"terms": {reading.name: list(values)}}, reading.runtime)
            for before in earlier:
                here = here & ~before
            found = found | here
            earlier.append(Condition({"exists": {"field": reading.path}}))
        return found

    def begins(self, path: str, prefix: str) -> Condition:
        reading = self.fields.read(path)
        return Condition(NOTHING) if reading is None else Condition({"prefix": {reading.name: prefix}}, reading.runtime)

    def flag(self, path: str, value: bool) -> Condition:
        reading = self.fields.read(path, "flag")
        return Condition(NOTHING) if reading is None else Condition({"term": {reading.name: value}}, reading.runtime)

    def has(self, path: str, kind: Kind = "text") -> Condition:
        reading = self.fields.read(path, kind)
        return Condition(NOTHING) if reading is None else Condition({"exists": {"field": reading.path}}, {})

    async def aside(self, *_: Key) -> IndexView:
        return self

    async def count(self) -> int:
        if not self.target:
            return 0
        answer = await self.client.search(**self._request(), size=0, track_total_hits=True)
        return int(answer["hits"]["total"]["value"])

    async def documents(self, size: int) -> list[Mapping[str, Any]]:
        """So many statements as hits of the search, in no order."""
        answer = await self.client.search(**self._request(), size=size, sort=["_doc"], track_total_hits=False)
        return list(answer["hits"]["hits"])

    async def latest(self, size: int, *, after: Sequence[Any] | None = None) -> list[Mapping[str, Any]]:
        time, id_ = self.fields.read(words.TIMESTAMP, "day"), self.fields.read("id")
        if not self.target or time is None:
            return []
        sort: list[Any] = [{time.name: {"order": "desc"}}, *([{id_.name: {"order": "asc"}}] if id_ else [])]
        runtime = {**time.runtime, **(id_.runtime if id_ else {})}
        follows = None if after is None else list(after)
        answer = await self.client.search(**self._request(runtime), size=size, sort=sort, search_after=follows, track_total_hits=False)
        return list(answer["hits"]["hits"])

    async def groups(self, *keys: Key, of_which: Mapping[str, Condition] | None = None) -> AsyncIterator[Group]:
        if not self.target:
            return
        asked = [(part, [reading for path in part.paths if (reading := self.fields.read(path, part.kind))]) for key in keys for part in key.parts]
        if any(part.needed and not readings for part, readings in asked):
            return
        means = _meaning(keys)
        bounded = [] if self.whole else sorted({reading.name for _, readings in asked for reading in readings if reading.limit is not None})
        too_long = Condition({"terms": {"_ignored": bounded}})
        shorter = self.where(~too_long) if bounded else self
        async for group in shorter._pages(asked, of_which or {}):
            yield means(group)
        if bounded and await self.where(too_long).count():
            longer = [(part, [reading.from_source() if reading.limit is not None else reading for reading in readings]) for part, readings in asked]
            async for group in self.where(too_long)._pages(longer, of_which or {}):
                yield means(group)

    async def different(self, *of: Key, per: Sequence[Key] = (), of_which: Mapping[str, Condition] | None = None) -> list[Group]:
        found: dict[tuple[Any, ...], Counter[str]] = defaultdict(Counter) if per else defaultdict(Counter, {(): Counter()})
        may_repeat = any(isinstance(key, Meant) or len(key.paths) > 1 for key in (*per, *of))
        seen: dict[tuple[Any, ...], set[str]] = {}
        async for group in self.groups(*per, *of, of_which=of_which):
            told = {_ANY, *(name for name, count in group.of_which.items() if count)}
            if may_repeat:
                known = seen.setdefault(group.key, set())
                told -= known
                known |= told
            found[group.key[: len(per)]].update(told)
        return [Group(key, counted[_ANY], {name: counted[name] for name in of_which or ()}) for key, counted in found.items()]

    async def sums(self, of: Measure, *per: Key) -> list[Sum]:
        found: dict[tuple[Any, ...], Sum] = {} if per else {(): Sum((), 0, 0, 0)}
        measured, number_of = _MEASURES[of]
        async for group in self.where(self.has(measured.paths[0], measured.kind)).groups(*per, measured):
            number, key = number_of(group.key[-1]), group.key[:-1]
            if number is not None:
                known = found.setdefault(key, Sum(key, 0, 0, 0))
                known.count += group.count
                known.total += number * group.count
                known.squares += number * number * group.count
        return list(found.values())

    async def _pages(self, asked: Sequence[tuple[By, Sequence[Reading]]], of_which: Mapping[str, Condition]) -> AsyncIterator[Group]:
        readings = [(f"{number}.{place}", reading, key) for number, (key, found) in enumerate(asked) for place, reading in enumerate(found)]
        if not readings:
            if counted := await self.count():
                yield Group((None,) * len(asked), counted, {name: await self.where(condition).count() for name, condition in of_which.items()})
            return
        sources = [{name: _source(reading, optional=not key.needed or len(key.paths) > 1)} for name, reading, key in readings]
        runtime = {name: definition for _, reading, _ in readings for name, definition in reading.runtime.items()}
        for condition in of_which.values():
            runtime |= condition.runtime
        composite: dict[str, Any] = {"size": self.page, "sources": sources}
        aggregation = {"composite": composite, "aggs": {name: {"filter": condition.query} for name, condition in of_which.items()}}
        while True:
            answer = await self.client.search(**self._request(runtime), size=0, track_total_hits=False, aggs={"group": aggregation})
            found = answer["aggregations"]["group"]
            for bucket in found["buckets"]:
                key = tuple(_first(bucket["key"], number, place_readings) for number, (_, place_readings) in enumerate(asked))
                if all(value is not None for value, (wanted, _) in zip(key, asked, strict=True) if wanted.needed):
                    yield Group(key, bucket["doc_count"], {name: bucket[name]["doc_count"] for name in of_which})
            if len(found["buckets"]) < self.page:
                return
            composite["after"] = found["after_key"]

    def _request(self, more: Mapping[str, Any] | None = None) -> dict[str, Any]:
        runtime = dict(more or {})
        for condition in self.conditions:
            runtime |= condition.runtime
        query = {"bool": {"filter": [condition.query for condition in self.conditions]}} if self.conditions else {"match_all": {}}
        return {**self.target, "query": query, **({"runtime_mappings": runtime} if runtime else {})}


_MEASURES: Final[Mapping[Measure, tuple[By, Callable[[Any], int | None]]]] = {"score": (SCORE, millionths), "time": (DURATION, milliseconds)}
_ANY: Final = ""
"""How often a value is there at all, among the names of conditions."""


def _meaning(keys: Sequence[Key]) -> Callable[[Group], Group]:
    """What a group by the parts of these keys is as a group by the keys."""
    if all(isinstance(key, By) for key in keys):
        return lambda group: group

    def means(group: Group) -> Group:
        values = iter(group.key)
        return Group(tuple(key.value(*(next(values) for _ in key.parts)) for key in keys), group.count, group.of_which)

    return means


def _source(reading: Reading, *, optional: bool) -> dict[str, Any]:
    if reading.kind == "day":
        return {"date_histogram": {"field": reading.name, "calendar_interval": "day", "time_zone": "UTC", "missing_bucket": optional}}
    return {"terms": {"field": reading.name, "missing_bucket": optional}}


def _first(key: Mapping[str, Any], number: int, readings: Sequence[Reading]) -> Any:
    for place, reading in enumerate(readings):
        value = key[f"{number}.{place}"]
        if value is not None:
            return _VALUE[reading.kind](value, reading)
    return None


def _text(value: Any, _: Reading) -> Any:
    return value if isinstance(value, str) else str(value).lower()


def _number(value: Any, reading: Reading) -> Any:
    if reading.narrow:
        return as_written(value)
    try:
        return float(value)
    except ValueError:
        return None


def _flag(value: Any, _: Reading) -> Any:
    return value if isinstance(value, bool) else value == "true"


_VALUE: Final[Mapping[Kind, Any]] = {"text": _text, "number": _number, "flag": _flag, "day": lambda value, _: value}


async def view_of(client: AsyncElasticsearch, index: str, *, since: datetime | None = None, until: datetime | None = None) -> IndexView:
    """All statements of an index or alias, or those of a time; nothing where there is no such index."""
    try:
        mappings, longer = await asyncio.gather(client.indices.get_mapping(index=index), client.search(index=index, size=0, query=_TOO_LONG, terminate_after=1))
    except NotFoundError:
        return IndexView(client, {}, Fields(()))
    fields = Fields(entry["mappings"] for entry in mappings.values())
    return IndexView(client, {"index": index}, fields, whole=longer["hits"]["total"]["value"] == 0).between(since, until)


_TOO_LONG: Final[Query] = {"exists": {"field": "_ignored"}}
