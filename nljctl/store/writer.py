"""Writes statements into the index: each once, whatever the cluster does meanwhile.

Every document is created under its statement id. A taken id is read back in real time: the record's own coordinates mean that an
earlier attempt stored it, the same content a duplicate, other content a conflict; the first one stays. What is not the
document's fault is tried again for as long as it takes; a watcher is told how it goes.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, Protocol

from elastic_transport import TransportError
from elasticsearch import ApiError, AsyncElasticsearch

from nljctl.backoff import Backoff
from nljctl.judge import document_digests
from nljctl.store.documents import Document
from nljctl.store.outcome import Item, classify, explain

BULK_BYTES = 10 * 1024 * 1024
"""Bytes per bulk request, unless one document alone is larger. Halved, down to the least, when the cluster takes no requests of that size."""

LEAST_BULK_BYTES = 64 * 1024

BULK_SECONDS = 20.0
"""For one request. A bulk takes well below a second; a cluster that needs longer than this is tried again, and finds what it has stored."""

TOO_LARGE = 413

OVERLOADED = ("413", "429")
"""How the reasons begin that ask for smaller batches."""

FILTER = "errors,items.create.status,items.create.error"
"""What is asked of the answer to a bulk request."""

Fate = Literal["stored", "duplicate", "conflict", "refused"]


@dataclass(frozen=True, slots=True)
class Written:
    """What became of one document; `detail` says why it was refused or what it conflicts with."""

    fate: Fate
    detail: str = ""


class Watcher(Protocol):
    """Who is told how the writing goes."""

    def failed(self, reason: str) -> None:
        """Some of it has to be tried again; called at every such attempt."""

    def succeeded(self, documents: int, seconds: float) -> None:
        """A bulk request was answered in `seconds`, and nothing of it has to be tried again."""

    async def rest(self, seconds: float) -> None:
        """Waits before the next attempt, at most so long."""

    def overloaded(self) -> None:
        """The cluster has too much to do (429), or a request was too large for it (413)."""


class StatementWriter:
    """Writes into one index. Several writes may be under way at once."""

    def __init__(self, client: AsyncElasticsearch, index: str, watcher: Watcher) -> None:
        self._client = client.options(max_retries=0, request_timeout=BULK_SECONDS)
        self._index = index
        self._watcher = watcher
        self._bulk_bytes = BULK_BYTES

    async def write(self, documents: Sequence[Document]) -> list[Written]:
        """What became of each document, in order. Returns only when each has an outcome; cancel it to give up."""
        written: dict[int, Written] = {}
        backoff = Backoff()
        pending = list(range(len(documents)))
        while pending:
            reason = ""
            for chunk in _chunks(documents, pending, self._bulk_bytes):
                reason = await self._timed(documents, chunk, written) or reason
            pending = [number for number in pending if number not in written]
            if pending:
                self._watcher.failed(reason)
                await self._watcher.rest(backoff.next())
        return [written[number] for number in range(len(documents))]

    async def _timed(self, documents: Sequence[Document], chunk: Sequence[int], written: dict[int, Written]) -> str:
        """One attempt at a chunk, told to the watcher; gives the reason why any of it must be tried again."""
        begin = time.perf_counter()
        try:
            reason = await self._attempt(documents, chunk, written)
        except (TransportError, ApiError) as problem:
            if isinstance(problem, ApiError) and problem.meta.status == TOO_LARGE:
                self._bulk_bytes = max(LEAST_BULK_BYTES, self._bulk_bytes // 2)
            reason = _words(problem)
        if not reason:
            self._watcher.succeeded(len(chunk), time.perf_counter() - begin)
        elif reason.startswith(OVERLOADED):
            self._watcher.overloaded()
        return reason

    async def _attempt(self, documents: Sequence[Document], chunk: Sequence[int], written: dict[int, Written]) -> str:
        """One bulk request; notes outcomes in `written`, gives the reason why items must be tried again, if any must."""
        operations: list[Any] = []  # the client takes ready-made lines too, which its types do not say
        for number in chunk:
            operations += (b'{"create":{"_id":"%b"}}' % documents[number].id.encode(), documents[number].source)
        response = await self._client.bulk(index=self._index, operations=operations, filter_path=FILTER)
        if not response["errors"]:
            stored = Written("stored")
            written.update(dict.fromkeys(chunk, stored))
            return ""
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
    place = where.get("topic"), where.get("partition"), where.get("offset"), where.get("generation", 0)
    if place == (origin.topic, origin.partition, origin.offset, origin.generation):
        return Written("stored")
    first = f"first stored from {where.get('topic')}/{where.get('partition')} at offset {where.get('offset')}"
    return Written("duplicate" if digest == document.digest else "conflict", first)


def _chunks(documents: Sequence[Document], pending: Sequence[int], most: int) -> list[list[int]]:
    """Splits so that a request stays below `most` bytes; a larger document goes alone."""
    chunks: list[list[int]] = []
    size = most
    for number in pending:
        length = len(documents[number].source)
        if size + length > most:
            chunks.append([])
            size = 0
        chunks[-1].append(number)
        size += length
    return chunks


def _words(problem: TransportError | ApiError) -> str:
    if isinstance(problem, ApiError):
        return f"{problem.meta.status} {problem.message}"
    return type(problem).__name__
