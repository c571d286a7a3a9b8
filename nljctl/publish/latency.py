"""How long a statement takes from being published to being found by a search of the new index."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from itertools import islice
from time import monotonic

from elasticsearch import AsyncElasticsearch

from nljctl.publish.record import Outgoing
from nljctl.store.client import Unavailable

POLL_SECONDS = 0.2
_AT_ONCE = 1_000
_MOST_PENDING = 5_000


class LatencyProbe:
    """Notes when statements go out and asks the index, again and again, for the oldest that it has not found yet.

    Above `_MOST_PENDING` it samples: statements that go out while so many are pending are not measured.
    """

    def __init__(self, client: AsyncElasticsearch, index: str) -> None:
        self._client = client.options(request_timeout=5, max_retries=0)
        self._index = index
        self._pending: dict[str, float] = {}
        self._seconds: list[float] = []
        self._began = datetime.now(UTC).isoformat()
        self.unavailable = ""

    @property
    def pending(self) -> int:
        return len(self._pending)

    def sending(self, record: Outgoing) -> None:
        """A record goes out now. Only those that can become a document of their own are measured."""
        if record.id is not None and record.kind in (None, "plain") and len(self._pending) < _MOST_PENDING:
            self._pending.setdefault(record.id.lower(), monotonic())

    def forget(self, ids: Iterable[str]) -> None:
        """Statements that became no document of their own."""
        for statement_id in ids:
            self._pending.pop(statement_id.lower(), None)

    def percentiles(self) -> Mapping[str, float] | None:
        """Seconds; None if nothing was measured."""
        if not self._seconds:
            return None
        ordered = sorted(self._seconds)
        return {f"p{percent}": round(ordered[min(len(ordered) - 1, len(ordered) * percent // 100)], 3) for percent in (50, 95, 99)}

    @property
    def measured(self) -> int:
        return len(self._seconds)

    async def poll(self) -> None:
        """Looks once."""
        wanted = list(islice(self._pending, _AT_ONCE))
        if not wanted:
            return
        try:
            answer = await self._client.search(index=self._index, query={"ids": {"values": wanted}}, size=len(wanted), source_includes=["stored"])
        except Unavailable as problem:
            self.unavailable = type(problem).__name__
            return
        now = monotonic()
        self.unavailable = ""
        for hit in answer["hits"]["hits"]:
            sent = self._pending.pop(hit["_id"])
            # One that was stored before this run began is an old acquaintance: the run repeats a seed.
            if str(hit["_source"].get("stored", "")) >= self._began[:19]:
                self._seconds.append(now - sent)

    @asynccontextmanager
    async def running(self) -> AsyncIterator[LatencyProbe]:
        """Polls in the background meanwhile."""
        task = asyncio.create_task(self._poll_forever())
        try:
            yield self
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    async def _poll_forever(self) -> None:
        while True:
            await self.poll()
            await asyncio.sleep(POLL_SECONDS)
