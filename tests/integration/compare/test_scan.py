"""Reading an index whole from real Elasticsearch."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Coroutine, Iterator
from contextlib import asynccontextmanager
from typing import Any
from uuid import uuid4

import pytest
from elasticsearch import AsyncElasticsearch
from stacks import Stack

from nljctl.errors import UndecidedError
from nljctl.migration.documents import document_row
from nljctl.store.client import elasticsearch
from nljctl.store.scan import scan, scanner, snapshot


@pytest.fixture
def index(stack: Stack) -> Iterator[str]:
    """An index of this test's own."""
    name = f"scan-{uuid4()}"
    run(with_client(stack, lambda client: client.indices.create(index=name, mappings={"enabled": False})))
    yield name
    run(with_client(stack, lambda client: client.indices.delete(index=name)))


def run(work: Coroutine[Any, Any, Any]) -> Any:
    return asyncio.run(work)


async def with_client(stack: Stack, work: Any) -> Any:
    async with elasticsearch(stack.settings) as client:
        return await work(client)


@asynccontextmanager
async def filled(stack: Stack, index: str, documents: dict[str, bytes]) -> AsyncIterator[AsyncElasticsearch]:
    lines = [line for id, source in documents.items() for line in (b'{"index":{"_id":"%b"}}' % id.encode(), source)]
    await with_client(stack, lambda client: client.bulk(index=index, operations=lines, refresh=False))
    async with scanner(stack.settings) as client:
        yield client


def test_every_document_is_read_once_however_many_pages_it_takes(stack: Stack, index: str) -> None:
    documents = {f"d{n}": json.dumps({"n": n, "padding": "x" * (n % 7 * 3_000)}).encode() for n in range(3_000)}

    async def read() -> list[tuple[str, bytes]]:
        async with filled(stack, index, documents) as client:
            return [(hit.id, bytes(hit.source)) async for page in scan(client, index, slices=3) for hit in page]

    found = run(read())
    assert len(found) == len(documents)
    assert dict(found) == documents


def test_what_is_written_after_the_snapshot_is_not_seen(stack: Stack, index: str) -> None:
    async def read() -> set[str]:
        async with filled(stack, index, {"before": b"{}"}) as client, snapshot(client, index) as taken:
            await with_client(stack, lambda other: other.index(index=index, id="after", document={}, refresh=True))
            return {hit.id async for page in taken.pages() for hit in page}

    assert run(read()) == {"before"}


def test_a_document_that_strict_json_forbids_is_read_all_the_same(stack: Stack, index: str) -> None:
    async def read() -> list[Any]:
        async with filled(stack, index, {"odd": b'{"a": "\\ud800", "b": 1e300}', "even": b"{}"}) as client:
            return [document_row(hit.id, hit.source) async for page in scan(client, index) for hit in page]

    assert {row.id for row in run(read())} == {"odd", "even"}


def test_a_reader_may_stop_early(stack: Stack, index: str) -> None:
    async def read() -> int:
        async with filled(stack, index, {f"d{n}": b"{}" for n in range(1_000)}) as client, snapshot(client, index) as taken:
            async for page in taken.pages():
                return len(page)
        return 0

    assert run(read()) > 0


def test_a_missing_index_is_nothing_to_decide_from_unless_it_may_be_missing(stack: Stack) -> None:
    async def read(required: bool) -> list[Any]:
        async with scanner(stack.settings) as client:
            return [page async for page in scan(client, "no-such-index", required=required)]

    assert run(read(required=False)) == []
    with pytest.raises(UndecidedError):
        run(read(required=True))
