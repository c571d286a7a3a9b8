"""Writes statements into the index: each once, whatever the cluster does meanwhile.

Every document is created under its statement id. A taken id is read back in real time: the record's own coordinates mean that an
earlier attempt stored it, the same content a duplicate, other content a conflict; the first one stays. What is not the
document's fault is tried again for as long as it takes; the caller is told when it begins and when it is over.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from elastic_transport import TransportError
from elasticsearch import ApiError, AsyncElasticsearch

from nljctl.backoff import Backoff
from nljctl.judge import document_digests
from nljctl.store.documents import Document
from nljctl.store.outcome import Item, classify, explain

BULK_BYTES = 10 * 1024 * 1024
"""Bytes per bulk request, unless one document alone is larger."""

Fate = Literal["stored", "duplicate", "conflict", "refused"]


@dataclass(frozen=True, slots=True)
class Written:
    """What became of one document; `detail` says why it was refused or what it conflicts with."""

    fate: Fate
    detail: str = ""


class Trouble:
    """What the writer reports: `began` with the reason at every failed attempt, `over` when a request succeeded again."""

    def __init__(self, began: Callable[[str], None], over: Callable[[], None]) -> None:
        self.began = began
        self.over = over


class StatementWriter:
    """Writes into one index. Several writes may be under way at once."""

    def __init__(self, client: AsyncElasticsearch, index: str, trouble: Trouble) -> None:
        self._client = client.options(max_retries=0)
        self._index = index
        self._trouble = trouble

    async def write(self, documents: Sequence[Document]) -> list[Written]:
        """What became of each document, in order. Returns only when each has an outcome; cancel it to give up."""
        written: dict[int, Written] = {}
        backoff = Backoff()
        pending = list(range(len(documents)))
        while pending:
            reason = ""
            for chunk in _chunks(documents, pending):
                try:
                    reason = await self._attempt(documents, chunk, written) or reason
                except (TransportError, ApiError) as problem:
                    reason = _words(problem)
            pending = [number for number in pending if number not in written]
            if pending:
                self._trouble.began(reason)
                await asyncio.sleep(backoff.next())
            elif not reason:
                self._trouble.over()
        return [written[number] for number in range(len(documents))]

    async def _attempt(self, documents: Sequence[Document], chunk: Sequence[int], written: dict[int, Written]) -> str:
        """One bulk request; notes outcomes in `written`, gives the reason why items must be tried again, if any must."""
        operations: list[Any] = []  # the client takes ready-made lines too, which its types do not say
        for number in chunk:
            operations += (b'{"create":{"_id":"%b"}}' % documents[number].id.encode(), documents[number].source)
        response = await self._client.bulk(index=self._index, operations=operations, filter_path="items.create.status,items.create.error")
        taken: list[int] = []
        reason = ""
        for number, entry in zip(chunk, response["items"], strict=True):
            item = entry["create"]
            match classify(item):
                case Item.STORED:
                    written[number] = Written("stored")
                case Item.EXISTS:
                    taken.append(number)
                case Item.REFUSED:
                    written[number] = Written("refused", explain(item))
                case Item.LATER:
                    reason = explain(item)
        if taken:
            reason = await self._read_back(documents, taken, written) or reason
        return reason

    async def _read_back(self, documents: Sequence[Document], taken: Sequence[int], written: dict[int, Written]) -> str:
        ids = sorted({documents[number].id for number in taken})
        answer = await self._client.mget(index=self._index, ids=ids, realtime=True)
        found = {entry["_id"]: entry["_source"] for entry in answer["docs"] if entry.get("found")}
        gone = ""
        for number in taken:
            source = found.get(documents[number].id)
            if source is None:
                gone = f"{documents[number].id} was there and is gone"
            else:
                written[number] = compare(documents[number], source)
        return gone


def compare(document: Document, stored: Mapping[str, Any]) -> Written:
    """What a record is to the document that holds its id."""
    where = stored.get("nljctl") or {}
    origin = document.origin
    digest = document_digests(stored).digest
    if (where.get("topic"), where.get("partition"), where.get("offset")) == (origin.topic, origin.partition, origin.offset):
        return Written("stored")
    first = f"first stored from {where.get('topic')}/{where.get('partition')} at offset {where.get('offset')}"
    return Written("duplicate" if digest == document.digest else "conflict", first)


def _chunks(documents: Sequence[Document], pending: Sequence[int]) -> list[list[int]]:
    """Splits so that a request stays below `BULK_BYTES`; a larger document goes alone."""
    chunks: list[list[int]] = []
    size = BULK_BYTES
    for number in pending:
        length = len(documents[number].source)
        if size + length > BULK_BYTES:
            chunks.append([])
            size = 0
        chunks[-1].append(number)
        size += length
    return chunks


def _words(problem: TransportError | ApiError) -> str:
    if isinstance(problem, ApiError):
        return f"{problem.meta.status} {problem.message}"
    return type(problem).__name__
