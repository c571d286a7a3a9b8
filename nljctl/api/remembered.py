"""Answers about the index, kept as long as what they were counted from has not changed.

Dashboards ask the same things again and again, and most of the time nothing has happened since. An answer is good while the index behind the alias is the
same one, has been refreshed no more often, and holds as many documents as when it was counted: only a refresh can show a search anything new.
"""

from __future__ import annotations

import asyncio
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from elasticsearch import AsyncElasticsearch, NotFoundError

from nljctl.api.answers import encode
from nljctl.api.memo import Memo

MOST = 1_000
LARGEST = 64_000
"""Questions that are kept, and bytes of an answer: together at most 64 MB."""

LONGEST_SECONDS = 10.0
"""What depends on the clock (a streak, the last 30 days) may be so old; and an index that nobody has searched for half a minute is not refreshed until
somebody does."""

STAMP_SECONDS = 0.05

Stamp: TypeAlias = tuple[tuple[str, str, int, int, int], ...] | None


@dataclass(slots=True)
class _Entry:
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    stamp: Stamp = None
    at: float = 0.0
    answer: bytes | None = None


class Remembered:
    """Encoded answers by question.

    Args:
        client: asks Elasticsearch.
        index: the alias that all answers are read through.
    """

    def __init__(self, client: AsyncElasticsearch, index: str) -> None:
        self._client = client
        self._index = index
        self._entries: OrderedDict[tuple[Any, ...], _Entry] = OrderedDict()
        self._stamp = Memo(self._look, STAMP_SECONDS)

    async def __call__(self, question: tuple[Any, ...], ask: Callable[[], Awaitable[Any]]) -> bytes:
        """The answer as JSON, asked for only if it is not known. Who asks the same at once waits for one answer."""
        entry = self._entries.setdefault(question, _Entry())
        self._entries.move_to_end(question)
        while len(self._entries) > MOST:
            self._entries.popitem(last=False)
        async with entry.lock:
            stamp = await self._stamp()
            if entry.answer is not None and stamp is not None and entry.stamp == stamp and time.monotonic() - entry.at < LONGEST_SECONDS:
                return entry.answer
            answer = encode(await ask())
            entry.stamp, entry.at, entry.answer = stamp, time.monotonic(), answer if len(answer) <= LARGEST else None
            return answer

    async def _look(self) -> Stamp:
        """What tells one state of the index from another; None where there is none to tell."""
        try:
            found = await self._client.indices.stats(index=self._index, metric=["docs", "refresh"], filter_path="indices.*.uuid,indices.*.primaries")
        except NotFoundError:
            return None
        return tuple(sorted((name, each["uuid"], *_counts(each["primaries"])) for name, each in found.get("indices", {}).items())) or None


def _counts(primaries: dict[str, Any]) -> tuple[int, int, int]:
    return primaries["refresh"]["external_total"], primaries["docs"]["count"], primaries["docs"]["deleted"]
