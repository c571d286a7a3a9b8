"""Keeps the statements of the index as a table beside it, so that a question that nobody has asked before is answered as fast as one that was.

Before each question the table is brought to what searches see now. The index itself is asked while the table is being made, where there are too many
statements for it, and where there is no index. What was written since is read by sequence number, from a little before the highest known: operations end in
another order than they begin. Whether the table then holds what the index holds is looked at each time (number of documents, sum of their sequence numbers,
both of one point in time); what reading again does not explain, such as deleted documents, makes it read everything anew.
"""

from __future__ import annotations

import asyncio
import logging
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import duckdb
import msgspec
from elastic_transport import TransportError
from elasticsearch import ApiError, AsyncElasticsearch

from nljctl.analytics import View, view_of
from nljctl.analytics.elastic import IndexView
from nljctl.analytics.table import Held, Table, row_of
from nljctl.api.stamp import Stamp
from nljctl.errors import NljctlError
from nljctl.settings import Settings
from nljctl.store.scan import Hit, Snapshot, scanner, snapshot

log = logging.getLogger(__name__)

MOST = 5_000_000
"""Statements that a table may have."""
AT_ONCE = 20_000
"""So many are read while the question waits; more in the background."""
FOLLOWED = 500_000
"""So many more are read on from what is known; beyond, everything is read anew."""
REST = 10.0
"""After everything was read anew it is not read again for so many times as long: an index that cannot be followed must not keep the processor busy."""
PAUSE_SECONDS = 60.0
"""After the index could not be read."""
LONGEST = 300
"""Characters of a problem's words in the log."""
OVERLAPS = (1_000, 50_000)
"""How many sequence numbers before the highest known are read again, one after the other until it is right."""


@dataclass(frozen=True)
class _Mirrored:
    """A table, the state of the index that it holds at least, the index itself, and the highest sequence number in the table."""

    stamp: Stamp
    table: Table
    index: IndexView
    highest: int


@dataclass(frozen=True)
class _Summary:
    """A point in time: what it holds, its highest sequence number, and in how many shards, each of which counts its own."""

    held: Held
    highest: int
    shards: int


class Mirror:
    """The statements behind an alias.

    Args:
        settings: where Elasticsearch is.
        client: asks it.
        index: the alias.
        stamp: what state it is in.
    """

    def __init__(self, settings: Settings, client: AsyncElasticsearch, index: str, stamp: Callable[[], Awaitable[Stamp | None]]) -> None:
        self._settings = settings
        self._client = client
        self._index = index
        self._stamp = stamp
        self._lock = asyncio.Lock()
        self._known: _Mirrored | None = None
        self._reading: asyncio.Task[_Mirrored | None] | None = None
        self._not_before = 0.0

    @property
    def statements(self) -> int | None:
        """How many statements the table has; None where the index itself is asked."""
        return None if self._known is None or self._reading is not None else _count(self._known.stamp)

    @asynccontextmanager
    async def view(self, since: datetime | None = None, until: datetime | None = None) -> AsyncIterator[View]:
        """The statements as searches see them now, or those of a time."""
        known = await self._present()
        if known is None:
            yield await view_of(self._client, self._index, since=since, until=until)
            return
        with known.table.view(known.index) as view:
            yield view.between(since, until)

    async def _present(self) -> _Mirrored | None:
        """What is known, as searches see it now; None while that is being read."""
        async with self._lock:
            stamp = await self._stamp()
            if stamp is None or _count(stamp) > MOST:
                return None
            if self._reading is not None and self._reading.done():
                self._take(self._reading)
            if self._reading is None and self._known is not None and self._known.stamp != stamp and _apart(self._known.stamp, stamp) <= AT_ONCE:
                self._known = await self._followed(self._known, stamp)
            if self._known is not None and self._known.stamp == stamp:
                return self._known
            if self._reading is None and (self._known is not None or self._may_read()):
                self._reading = asyncio.create_task(self._caught_up(self._known, stamp))
                if _count(stamp) <= AT_ONCE:
                    await asyncio.wait([self._reading])
                    self._take(self._reading)
                    return self._known
            return None

    def _take(self, reading: asyncio.Task[_Mirrored | None]) -> None:
        """What was read; if that failed, the index is asked for a while, which says what is wrong with it."""
        self._reading = None
        try:
            self._known = reading.result()
        except (NljctlError, TransportError, ApiError, duckdb.Error) as problem:
            self._known, self._not_before = None, time.monotonic() + PAUSE_SECONDS
            log.warning("the statements could not be read into memory", extra={"problem": type(problem).__name__, "detail": str(problem)[:LONGEST]})

    def _may_read(self) -> bool:
        return time.monotonic() >= self._not_before

    async def _caught_up(self, known: _Mirrored | None, stamp: Stamp) -> _Mirrored | None:
        """What is known with what was written since, or everything anew; None where neither can be now."""
        if known is not None and _apart(known.stamp, stamp) <= FOLLOWED and (followed := await self._followed(known, stamp)):
            return followed
        return await self._read(stamp) if self._may_read() else None

    async def _read(self, stamp: Stamp) -> _Mirrored:
        """The whole index.

        Raises:
            NljctlError: it cannot be read.
        """
        begun, table = time.monotonic(), Table()
        async with scanner(self._settings) as client, snapshot(client, self._index, refresh=False) as taken:
            summary = await self._summary(taken)
            index = await self._whole()
            async for page in taken.pages(numbered_from=0):
                with _rows() as rows:
                    await asyncio.to_thread(_write, rows, page)
                    await asyncio.to_thread(table.add, rows)
        if table.held() != summary.held:
            raise NljctlError(f"{table.held().statements} of {summary.held.statements} statements were read", "It is tried again.", code="incomplete")
        self._not_before = time.monotonic() + REST * (time.monotonic() - begun)
        return _Mirrored(stamp, table, index, summary.highest)

    async def _followed(self, known: _Mirrored, stamp: Stamp) -> _Mirrored | None:
        """What is known, with what was written since; None where that can only be told by reading everything anew."""
        if [each.uuid for each in stamp] != [each.uuid for each in known.stamp]:
            return None
        async with scanner(self._settings) as client, snapshot(client, self._index, refresh=False) as taken:
            summary = await self._summary(taken)
            for overlap in OVERLAPS if summary.shards == 1 else ():
                with _rows() as rows:
                    async for page in taken.pages(slices=1, numbered_from=max(0, known.highest + 1 - overlap)):
                        await asyncio.to_thread(_write, rows, page)
                    if await asyncio.to_thread(known.table.add, rows, summary.held):
                        return _Mirrored(stamp, known.table, await self._whole(), summary.highest)
        return None

    async def _summary(self, taken: Snapshot) -> _Summary:
        answer = await self._client.search(
            pit={"id": taken.pit},
            size=0,
            track_total_hits=True,
            aggs={"sum": {"sum": {"field": "_seq_no"}}, "highest": {"max": {"field": "_seq_no"}}},
        )
        found = answer["aggregations"]
        held = Held(answer["hits"]["total"]["value"], int(found["sum"]["value"]))
        return _Summary(held, int(found["highest"]["value"] or 0), answer["_shards"]["total"])

    async def _whole(self) -> IndexView:
        return await view_of(self._client, self._index)


@contextmanager
def _rows() -> Iterator[Path]:
    """A file for rows, empty."""
    with tempfile.TemporaryDirectory(prefix="nljctl-rows-") as folder:
        path = Path(folder, "rows.ndjson")
        path.touch()
        yield path


def _write(rows: Path, hits: list[Hit]) -> None:
    with rows.open("ab") as file:
        file.writelines(row_of(hit.id, hit.number or 0, msgspec.json.decode(hit.source)) for hit in hits)


def _count(stamp: Stamp) -> int:
    return sum(each.documents for each in stamp)


def _apart(one: Stamp, other: Stamp) -> int:
    """How many documents more one state has than the other."""
    return abs(_count(one) - _count(other))
