"""A table of statements in DuckDB, and a view of it: counts what an index would have to bring over the wire group by group.

A row is a document's facts (facts.py) with its `_id` and the sequence number of the operation that wrote it. The table is compressed in memory, some 30 to
100 bytes a statement, and bounded: what a question needs beyond that DuckDB spills to disk.
"""

from __future__ import annotations

import asyncio
import itertools
import json
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from tempfile import gettempdir
from typing import Any, Final, NamedTuple, Self
from uuid import uuid4

import duckdb
import msgspec

from nljctl.analytics import vocabulary as words
from nljctl.analytics.days import milliseconds_of
from nljctl.analytics.durations import milliseconds
from nljctl.analytics.elastic import Condition, IndexView
from nljctl.analytics.facts import COLUMNS, fact_of_document
from nljctl.analytics.grouping import By, Group, Key, Meant, Measure, Sum
from nljctl.analytics.mapping import Kind
from nljctl.analytics.view import Statements

MEMORY: Final = "512MB"
THREADS: Final = 1
"""Of DuckDB, beside the thread that asks."""
ASKING: Final = 2
"""Threads that ask; more of them only wait for each other."""

_ROW: Final = {"id": "VARCHAR", "spent": "BIGINT", **COLUMNS}
"""The columns of a row; `n` is the sequence number, `spent` the duration in milliseconds."""
_DAY: Final = 86_400_000


def _is_one_of(column: str, *values: str) -> str:
    listed = ", ".join("'" + value.replace("'", "''") + "'" for value in values)
    return f"coalesce({column} IN ({listed}), false)"


_MADE: Final[Mapping[str, tuple[str, str]]] = {
    "day": ("BIGINT", f"moment - (moment % {_DAY} + {_DAY}) % {_DAY}"),
    "who": ("VARCHAR", "coalesce(mbox, account)"),
    "email": ("VARCHAR", "CASE WHEN starts_with(mbox, 'mailto:') THEN substr(mbox, 8) ELSE mbox END"),
    "asked": ("VARCHAR", "coalesce(nullif(question, ''), regexp_extract(object, '[^/]*$'))"),
    "points": ("BIGINT", "floor(scaled * 1000000 + 0.5)::BIGINT"),
    "attempts": ("BOOLEAN", _is_one_of("verb", *words.ATTEMPTS)),
    "by_a_job": ("BOOLEAN", _is_one_of("type", *words.JOBS)),
    "completed": ("BOOLEAN", _is_one_of("verb", words.COMPLETED)),
    "answered": ("BOOLEAN", _is_one_of("verb", words.ANSWERED)),
}
"""Columns that are made of them, with their types: what is asked for again and again."""

_KNOWN: Final[Mapping[tuple[str, tuple[str, ...]], str]] = {
    (words.VERB, words.ATTEMPTS): "attempts",
    (words.TYPE, words.JOBS): "by_a_job",
    (words.VERB, (words.COMPLETED,)): "completed",
    (words.VERB, (words.ANSWERED,)): "answered",
}
"""Columns that say whether a member has one of these values."""

_ADD: Final = (
    f"""CREATE TEMP TABLE fresh AS SELECT *, {", ".join(expression for _, expression in _MADE.values())}
        FROM read_json($rows, format = 'newline_delimited', columns = {_ROW}) ANTI JOIN statement USING (id, n)""",  # noqa: S608 - own names
    "DELETE FROM statement WHERE id IN (SELECT id FROM fresh)",
    "INSERT INTO statement SELECT * FROM fresh",
    "DROP TABLE fresh",
)
_PLACES: Final[Mapping[tuple[str, ...], str]] = {
    (words.MBOX,): "mbox",
    (words.ACCOUNT,): "account",
    (words.MBOX, words.ACCOUNT): "who",
    (words.VERB,): "verb",
    (words.OBJECT,): "object",
    (words.OBJECT_KIND,): "NULL",
    (words.TYPE,): "type",
    (words.INTERACTION,): "interaction",
    (words.COMPLETION,): "completion",
    (words.SUCCESS,): "success",
    (words.RESPONSE,): "response",
    (words.SCALED,): "scaled",
    (words.RAW,): "raw",
    (words.DURATION,): "duration",
    (words.TIMESTAMP,): "day",
    words.SURVEY: "survey",
    words.QUESTION: "question",
    words.QUESTION_TYPE: "question_type",
    words.PROGRAM: "program",
    words.CATEGORY: "category",
    words.RESPONSE_TIME: "response_time",
    **{words.extension(name): name for name in words.DEMOGRAPHICS},
}
"""What holds a member. The verb is what it means already, and a survey is its bare id."""

_MEASURES: Final[Mapping[Measure, str]] = {"score": "points", "time": "spent"}
_MEANINGS: Final[Mapping[str, str]] = {"verb": "verb", "survey": "survey", "question": "asked", "email": "email"}
"""What holds that which members mean together, by the name of the key."""
_ALWAYS: Final = ("moment", "completion", "attempts", "by_a_job", "completed")

_NO_CONDITION: Final[Mapping[str, int]] = {}


@dataclass(frozen=True, slots=True)
class Told:
    """A condition in both languages: an SQL expression that is never NULL, with its parameters, and the query of the index."""

    sql: str
    values: tuple[Any, ...]
    query: Condition

    def __invert__(self) -> Told:
        return Told(f"NOT ({self.sql})", self.values, ~self.query)

    def __or__(self, other: Told) -> Told:
        return Told(f"({self.sql} OR {other.sql})", self.values + other.values, self.query | other.query)

    def __and__(self, other: Told) -> Told:
        return Told(f"({self.sql} AND {other.sql})", self.values + other.values, self.query & other.query)


class Held(NamedTuple):
    """How many statements there are, and the sum of their sequence numbers: what tells two states of an index apart."""

    statements: int
    numbers: int


class Table:
    """Statements of one index, as of one moment."""

    def __init__(self) -> None:
        self._db = duckdb.connect(config={"memory_limit": MEMORY, "threads": THREADS, "temp_directory": str(Path(gettempdir(), f"nljctl-spill-{uuid4()}"))})
        self._asking = ThreadPoolExecutor(ASKING, thread_name_prefix="table")
        self._db.execute("ATTACH ':memory:' AS held (COMPRESS)")
        self._db.execute("USE held")
        columns = [*_ROW.items(), *((name, type_) for name, (type_, _) in _MADE.items())]
        self._db.execute(f"CREATE TABLE statement ({', '.join(f'{name} {type_}' for name, type_ in columns)})")

    def add(self, rows: Path, expected: Held | None = None) -> bool:
        """Adds the rows that it does not have yet; each replaces the row of the same document.

        Args:
            rows: JSON, one object a line, as `row_of` makes them.
            expected: what the table has to hold then; if it would not, it stays as it was.

        Gives:
            Whether it has been changed.
        """
        self._db.begin()
        try:
            for statement in _ADD:
                self._db.execute(statement, {"rows": str(rows)} if "$rows" in statement else None)
            right = expected is None or self.held() == expected
        except duckdb.Error:
            self._db.rollback()
            raise
        if right:
            self._db.commit()
        else:
            self._db.rollback()
        return right

    def held(self) -> Held:
        """What it holds now."""
        return Held(*self._db.execute("SELECT count(*), coalesce(sum(n), 0)::BIGINT FROM statement").fetchall()[0])

    @contextmanager
    def view(self, index: IndexView) -> Iterator[TableView]:
        """Everything that it holds; all that is asked of this view is counted at the same moment, whatever is added meanwhile.

        Args:
            index: what the table was made of; it is asked for the documents themselves, and for members that the table does not have.
        """
        cursor = self._db.cursor()
        try:
            cursor.execute("USE held")
            cursor.begin()
            cursor.execute("SELECT id FROM statement LIMIT 0")  # what a transaction sees is what there is when it first looks
            yield TableView(cursor, self._asking, index)
        finally:
            cursor.close()

    def close(self) -> None:
        self._asking.shutdown()
        self._db.close()


@dataclass(frozen=True)
class TableView(Statements[Told]):
    """Statements of a table.

    Attributes:
        cursor: asks the table `name`, on a thread of `asking`; `lock` lets one question at a time, and `numbers` name what is put aside.
        index: the same statements in the index.
    """

    cursor: duckdb.DuckDBPyConnection
    asking: Executor
    index: IndexView
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    numbers: Iterator[int] = field(default_factory=itertools.count)
    name: str = "statement"
    conditions: tuple[Told, ...] = ()

    def where(self, *conditions: Told) -> Self:
        return replace(self, index=self.index.where(*(condition.query for condition in conditions)), conditions=(*self.conditions, *conditions))

    def between(self, since: datetime | None, until: datetime | None) -> Self:
        limits = [(sign, milliseconds_of(moment)) for sign, moment in ((">=", since), ("<=", until)) if moment is not None]
        if not limits:
            return self
        told = [Told(f"moment {sign} ?", (limit,), Condition({"match_all": {}})) for sign, limit in limits]
        return replace(self, index=self.index.between(since, until), conditions=(*self.conditions, *told))

    def equals(self, paths: str | tuple[str, ...], *values: str) -> Told:
        if known := _KNOWN.get((paths, values)) if isinstance(paths, str) else None:
            return Told(known, (), self.index.equals(paths, *values))
        wanted = tuple({words.survey_of(value) for value in values}) if paths == words.SURVEY else values
        marks = ", ".join("?" * len(wanted))
        return Told(f"coalesce({_place(paths)} IN ({marks}), false)", wanted, self.index.equals(paths, *values))

    def begins(self, path: str, prefix: str) -> Told:
        return Told(f"coalesce(starts_with({_place(path)}, ?), false)", (prefix,), self.index.begins(path, prefix))

    def flag(self, path: str, value: bool) -> Told:
        return Told(f"({_place(path)} IS NOT DISTINCT FROM ?)", (value,), self.index.flag(path, value))

    def has(self, path: str, kind: Kind = "text") -> Told:
        return Told(f"({_place(path)} IS NOT NULL)", (), self.index.has(path, kind))

    async def aside(self, *keys: Key) -> Self:
        where, values = self._where()
        columns = dict.fromkeys((*_ALWAYS, *(column for key in keys for column in _columns_for(key))))
        name = f"aside_{next(self.numbers)}"
        await self._rows(f"CREATE TEMP TABLE {name} AS SELECT {', '.join(columns)} FROM {self.name}{where}", values)  # noqa: S608 - own names
        return replace(self, name=name, conditions=())

    async def count(self) -> int:
        where, values = self._where()
        return int((await self._rows(f"SELECT count(*) FROM {self.name}{where}", values))[0][0])  # noqa: S608 - own names

    async def latest(self, size: int, *, after: Sequence[Any] | None = None) -> list[Mapping[str, Any]]:
        return await self.index.latest(size, after=after)

    async def groups(self, *keys: Key, of_which: Mapping[str, Told] | None = None) -> AsyncIterator[Group]:
        conditions = of_which or {}
        if not all(map(_is_held, keys)):
            async for group in self.index.groups(*keys, of_which={name: condition.query for name, condition in conditions.items()}):
                yield group
            return
        where, values = self._where(*keys)
        counted = "".join(f", count(*) FILTER ({condition.sql})" for condition in conditions.values())
        sql = f"SELECT {_columns(keys)}, count(*){counted} FROM {self.name}{where} GROUP BY ALL"  # noqa: S608 - own names
        for group in _as_groups(await self._rows(sql, (*_values(conditions), *values)), len(keys), tuple(conditions)):
            yield group

    async def different(self, *of: Key, per: Sequence[Key] = (), of_which: Mapping[str, Told] | None = None) -> list[Group]:
        conditions = of_which or {}
        if not all(map(_is_held, (*of, *per))):
            return await self.index.different(*of, per=per, of_which={name: condition.query for name, condition in conditions.items()})
        where, values = self._where(*per, *of)
        names = [f"k{number}" for number in range(len(per))]
        keys = "".join(f"{_column(key)} AS {name}, " for key, name in zip(per, names, strict=True))
        met = "".join(f", bool_or({condition.sql}) AS c{number}" for number, condition in enumerate(conditions.values()))
        each = f"SELECT {keys}{_columns(of)}{met} FROM {self.name}{where} GROUP BY {', '.join([*names, *map(_column, of)])}"  # noqa: S608 - own names
        told = "".join(f", count(*) FILTER (c{number})" for number in range(len(conditions)))
        sql = f"SELECT {''.join(name + ', ' for name in names)}count(*){told} FROM ({each}){' GROUP BY ALL' if per else ''}"  # noqa: S608 - own names
        return list(_as_groups(await self._rows(sql, (*_values(conditions), *values)), len(per), tuple(conditions)))

    async def sums(self, of: Measure, *per: Key) -> list[Sum]:
        if not all(map(_is_held, per)):
            return await self.index.sums(of, *per)
        where, values = self._where(*per)
        column = _MEASURES[of]
        there = f"{where} AND {column} IS NOT NULL" if where else f" WHERE {column} IS NOT NULL"
        keys = "".join(f"{_column(key)}, " for key in per)
        grouped = " GROUP BY ALL" if per else ""
        sql = f"SELECT {keys}count(*), coalesce(sum({column}), 0), coalesce(sum({column}::HUGEINT * {column}), 0) FROM {self.name}{there}{grouped}"  # noqa: S608 - own names
        return [Sum(row[:-3], *row[-3:]) for row in await self._rows(sql, values)]

    def _where(self, *keys: Key) -> tuple[str, tuple[Any, ...]]:
        needed = [f"{_column(part)} IS NOT NULL" for key in keys for part in key.parts if part.needed]
        all_of = [*(condition.sql for condition in self.conditions), *dict.fromkeys(needed)]
        return f" WHERE {' AND '.join(all_of)}" if all_of else "", tuple(value for condition in self.conditions for value in condition.values)

    async def _rows(self, sql: str, values: Sequence[Any]) -> list[Any]:
        async with self.lock:
            return await asyncio.get_running_loop().run_in_executor(self.asking, lambda: self.cursor.execute(sql, values).fetchall())


def row_of(document: str, number: int, source: dict[str, Any]) -> bytes:
    """The row of a document as a line of JSON: its `_id`, its sequence number, its facts. Half a surrogate pair becomes U+FFFD, as an index keeps it."""
    fact = fact_of_document(number, source)
    row = {"id": document, "spent": None if fact.duration is None else milliseconds(fact.duration), **msgspec.to_builtins(fact)}
    try:
        return msgspec.json.encode(row) + b"\n"
    except UnicodeEncodeError:
        return json.dumps(row, ensure_ascii=False).encode("utf-16", "surrogatepass").decode("utf-16", "replace").encode() + b"\n"


def _place(paths: str | tuple[str, ...]) -> str:
    return _PLACES[(paths,) if isinstance(paths, str) else paths]


def _is_held(key: Key) -> bool:
    return all(part.paths in _PLACES for part in key.parts)


def _column(key: Key) -> str:
    if isinstance(key, By):
        return _place(key.paths)
    return _MEANINGS.get(key.name) or f"coalesce(nullif({_column(key.parts[0])}, ''), 'not_specified')"


def _columns_for(key: Key) -> Iterator[str]:
    """The columns that a key is read from."""
    if isinstance(key, Meant) and key.name in _MEANINGS:
        yield _MEANINGS[key.name]
    yield from (_PLACES[part.paths] for part in key.parts if part.paths in _PLACES and part.paths != (words.OBJECT_KIND,))


def _columns(keys: Sequence[Key]) -> str:
    return ", ".join(map(_column, keys))


def _values(conditions: Mapping[str, Told]) -> tuple[Any, ...]:
    return tuple(value for condition in conditions.values() for value in condition.values)


def _as_groups(rows: list[Any], width: int, names: tuple[str, ...]) -> Iterator[Group]:
    for row in rows:
        yield Group(row[:width], row[width], dict(zip(names, row[width + 1 :], strict=True)) if names else _NO_CONDITION)
