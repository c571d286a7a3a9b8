"""Where a repair takes content from: the log, or the index of the other side."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import msgspec
from aiokafka import TopicPartition
from elasticsearch import AsyncElasticsearch

from nljctl.judge import document_digests
from nljctl.kafka import client as kafka
from nljctl.kafka.offsets import Span, spans
from nljctl.kafka.reader import read
from nljctl.migration.repair.decide import Present
from nljctl.migration.repair.need import Need
from nljctl.settings import Settings

_OF_A_STORE = ("stored", "nljctl")
GONE = "the log does not hold it any more; another --from may"


@dataclass(frozen=True, slots=True)
class Content:
    """A statement's bytes, with the key of its record; `stored` is when the index that it comes from took it."""

    value: bytes | None
    key: bytes | None = None
    timestamp: int = 0
    stored: str | None = None


class Source(Protocol):
    """Gives the content of needs, by their place in the list; those that it has not are left out."""

    missing: str
    """Why it has one not."""

    async def fetch(self, needs: Sequence[Need]) -> dict[int, Content]: ...


class LogSource:
    """Reads records by their coordinates."""

    missing = GONE

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    async def fetch(self, needs: Sequence[Need]) -> dict[int, Content]:
        """Raises:
        UnreachableError: no broker answers.
        """
        tp = needs[0].tp
        if tp is None:
            return {}
        places = {need.offset: number for number, need in enumerate(needs)}
        held = await self._held(tp)
        begin, end = max(held.begin, needs[0].offset), min(held.end, needs[-1].offset + 1)
        found: dict[int, Content] = {}
        async for records in read(self._settings, {tp: Span(begin, end)}):
            found.update({places[r.offset]: Content(r.value, r.key, r.timestamp) for r in records if r.offset in places})
        return found

    async def _held(self, tp: TopicPartition) -> Span:
        async with kafka.consumer(self._settings) as client:
            return (await spans(client, [tp]))[tp]


class IndexSource:
    """Reads documents of an index by their ids, without what the index's own writer put into them."""

    missing = "the other index does not hold it any more"

    def __init__(self, client: AsyncElasticsearch, index: str) -> None:
        self._client = client
        self._index = index

    async def fetch(self, needs: Sequence[Need]) -> dict[int, Content]:
        """Raises:
        UnreachableError: Elasticsearch does not answer.
        """
        found = await documents(self._client, self._index, [need.id for need in needs if need.id])
        return {
            number: Content(_bytes({name: value for name, value in source.items() if name not in _OF_A_STORE}), stored=_text(source.get("stored")))
            for number, need in enumerate(needs)
            if (source := found.get(need.id or "", {}).get("_source")) is not None
        }


async def documents(client: AsyncElasticsearch, index: str, ids: Sequence[str]) -> dict[str, Mapping[str, Any]]:
    """What an index holds under these ids, in real time, with the version of each."""
    if not ids:
        return {}
    answer = await client.mget(index=index, ids=sorted(set(ids)), realtime=True)
    return {entry["_id"]: entry for entry in answer["docs"] if entry.get("found")}


async def present(client: AsyncElasticsearch, index: str, ids: Sequence[str]) -> dict[str, Present]:
    """The same, digested."""
    found = {}
    for id_, entry in (await documents(client, index, ids)).items():
        digests = document_digests(entry["_source"])
        found[id_] = Present(digests.digest, digests.content_digest, entry["_seq_no"], entry["_primary_term"])
    return found


def _bytes(statement: Mapping[str, Any]) -> bytes:
    try:
        return msgspec.json.encode(statement)
    except UnicodeEncodeError:  # a lone surrogate, which an index may hold; the judge says so
        return json.dumps(statement).encode()


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) else None
