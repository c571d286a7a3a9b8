"""Reads an index whole: one point in time, `search_after` on `_shard_doc`, parallel slices. Exact, whatever is written meanwhile.

Documents stay the bytes that they are: who only wants a part of one need not pay for the rest.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import msgspec
from elasticsearch import AsyncElasticsearch, BadRequestError, NotFoundError

from nljctl.errors import UndecidedError
from nljctl.settings import Settings
from nljctl.store.client import FastJson, elasticsearch

SLICES = 2
KEEP_ALIVE = "5m"
REQUEST_SECONDS = 120.0
FIRST_SIZE = 200
MOST_HITS = 5_000
PAGE_BYTES = 4 * 1024 * 1024
"""What an answer should weigh: large enough to be fast, small enough that a few of them in memory do not matter."""


Marks = dict[int, list[Any]]
"""How far each slice of a scan has come: the `sort` of its last document."""


class Hit(msgspec.Struct, rename={"id": "_id", "source": "_source", "number": "_seq_no"}, gc=False):
    """One document: its `_id`, its `_source` as JSON, and, where it was asked for, the sequence number of the operation that wrote it."""

    id: str
    sort: list[Any]
    source: msgspec.Raw = msgspec.Raw(b"{}")
    number: int | None = None


class _Hits(msgspec.Struct):
    hits: list[Hit] = []


class _Answer(msgspec.Struct):
    pit_id: str
    hits: _Hits = msgspec.field(default_factory=_Hits)


class _PageJson(FastJson):
    """Reads a page of a scan without reading its documents; other answers as ever."""

    _read = msgspec.json.Decoder(_Answer)

    def json_loads(self, data: bytes) -> Any:
        try:
            return self._read.decode(data)
        except msgspec.ValidationError:
            return super().json_loads(data)
        except msgspec.DecodeError:
            return _loosely(data)


def _loosely(data: bytes) -> Any:
    """What strict JSON forbids but an index may hold (a lone surrogate), with the documents written as JSON again."""
    answer = json.loads(data)
    if "pit_id" not in answer:
        return answer
    hits = answer.get("hits", {}).get("hits", [])
    read = [Hit(hit["_id"], hit["sort"], msgspec.Raw(json.dumps(hit.get("_source", {})).encode()), hit.get("_seq_no")) for hit in hits]
    return _Answer(answer["pit_id"], _Hits(read))


class Snapshot:
    """An index as it was at one moment. `exists` is False where there was none: then it has no pages."""

    def __init__(self, client: AsyncElasticsearch, pit: str | None) -> None:
        self._client = client
        self._pit = pit

    @property
    def exists(self) -> bool:
        return self._pit is not None

    @property
    def pit(self) -> str | None:
        """Its name at the cluster, where it can be asked for again for a while."""
        return self._pit

    async def pages(self, *, slices: int = SLICES, marks: Marks | None = None, numbered_from: int | None = None) -> AsyncIterator[list[Hit]]:
        """Every document once, in no order. While a page is looked at, one per slice is fetched.

        Args:
            marks: per slice behind which document to begin; a page that is given moves its slice's mark first.
            numbered_from: with their sequence numbers, and only those from this one on.
        """
        if self._pit is None:
            return
        after: Marks = {} if marks is None else marks
        parts = [_Slice(self._client, self._pit, number, slices, after.get(number), numbered_from) for number in range(slices)]
        fetching = {asyncio.create_task(part.next()): part for part in parts}
        try:
            while fetching:
                done, _ = await asyncio.wait(fetching, return_when=asyncio.FIRST_COMPLETED)
                for task in done:
                    part = fetching.pop(task)
                    page = task.result()
                    if page:
                        after[part.number] = page[-1].sort
                        fetching[asyncio.create_task(part.next())] = part
                        yield page
        finally:
            for task in fetching:
                task.cancel()
            await asyncio.gather(*fetching, return_exceptions=True)


class _Slice:
    """One slice of a point in time, page by page. The size of a page follows the weight of the one before it."""

    def __init__(self, client: AsyncElasticsearch, pit: str, number: int, slices: int, after: list[Any] | None, numbered_from: int | None) -> None:
        self.number = number
        self._client = client
        self._pit = pit
        self._part = {"id": number, "max": slices} if slices > 1 else None
        self._numbers: dict[str, Any] = {} if numbered_from is None else {"seq_no_primary_term": True, "query": {"range": {"_seq_no": {"gte": numbered_from}}}}
        self._size = FIRST_SIZE
        self._after = after

    async def next(self) -> list[Hit]:
        """The next page; empty at the end."""
        # No filter_path: for it Elasticsearch would read and write every document anew, and not give the bytes that were stored.
        answer = await self._client.search(
            pit={"id": self._pit, "keep_alive": KEEP_ALIVE},
            slice=self._part,
            size=self._size,
            search_after=self._after,
            sort=[{"_shard_doc": "asc"}],
            track_total_hits=False,
            allow_partial_search_results=False,
            **self._numbers,
        )
        page: _Answer = answer.body
        hits = page.hits.hits
        if hits:
            weight = sum(memoryview(hit.source).nbytes for hit in hits)
            self._pit, self._after = page.pit_id, hits[-1].sort
            self._size = max(1, min(MOST_HITS, self._size * 4, PAGE_BYTES * len(hits) // max(1, weight)))
        return hits


@asynccontextmanager
async def scanner(settings: Settings) -> AsyncIterator[AsyncElasticsearch]:
    """A client for scans: `snapshot` and `scan` need this one.

    Raises:
        UnreachableError, ConfigurationError: as `elasticsearch`.
    """
    async with elasticsearch(settings, request_timeout=REQUEST_SECONDS, serializer=_PageJson()) as client:
        yield client


async def written(client: AsyncElasticsearch, index: str) -> dict[str, Any]:
    """What changes with every write into an index: its uuid, and the highest sequence number of each shard. Empty if there is none.

    Two equal answers mean that nothing was written between them.
    """
    try:
        answer = await client.indices.stats(index=index, metric="docs", level="shards")
    except NotFoundError:
        return {}
    found: dict[str, Any] = {}
    for name, entry in answer["indices"].items():
        highest = {number: max(copy["seq_no"]["max_seq_no"] for copy in copies if copy["routing"]["primary"]) for number, copies in entry["shards"].items()}
        found[name] = {"uuid": entry["uuid"], "seq_no": highest}
    return found


@asynccontextmanager
async def taken_again(client: AsyncElasticsearch, pit: str) -> AsyncIterator[Snapshot | None]:
    """The snapshot of that name, if the cluster still has it."""
    try:
        await client.search(pit={"id": pit, "keep_alive": KEEP_ALIVE}, size=0)
    except (NotFoundError, BadRequestError):
        yield None
        return
    try:
        yield Snapshot(client, pit)
    finally:
        await client.options(ignore_status=404).close_point_in_time(id=pit)


@asynccontextmanager
async def snapshot(client: AsyncElasticsearch, index: str, *, required: bool = True, refresh: bool = True) -> AsyncIterator[Snapshot]:
    """The index as it is now, everything written before included (it is refreshed first); without `refresh` as searches see it now.

    Raises:
        UndecidedError: there is no such index, and it is `required`.
    """
    try:
        if refresh:
            await client.indices.refresh(index=index)
        pit = str((await client.open_point_in_time(index=index, keep_alive=KEEP_ALIVE))["id"])
    except NotFoundError as problem:
        if required:
            raise UndecidedError(f"there is no index {index}", "Run `nljctl setup`, or name the right one in ELASTICSEARCH_INDEX.") from problem
        yield Snapshot(client, None)
        return
    try:
        yield Snapshot(client, pit)
    finally:
        await client.options(ignore_status=404).close_point_in_time(id=pit)


async def scan(client: AsyncElasticsearch, index: str, *, slices: int = SLICES, required: bool = True) -> AsyncIterator[list[Hit]]:
    """Every document of an index as it is now, in pages and in no order.

    Raises:
        UndecidedError: there is no such index, and it is `required`.
    """
    async with snapshot(client, index, required=required) as taken:
        async for page in taken.pages(slices=slices):
            yield page
