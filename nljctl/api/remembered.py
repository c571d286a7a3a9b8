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
from typing import Any

from elasticsearch import AsyncElasticsearch

from nljctl.api.answers import encode
from nljctl.api.memo import Memo
from nljctl.api.stamp import Stamp, look

MOST = 1_000
LARGEST = 64_000
"""Questions that are kept, and bytes of an answer: together at most 64 MB."""

LONGEST_SECONDS = 10.0
"""What depends on the clock (a streak, the last 30 days) may be so old; and an index that nobody has searched for half a minute is not refreshed until
somebody does."""

STAMP_SECONDS = 0.05


@dataclass(slots=True)
class _Entry:
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    stamp: Stamp | None = None
    at: float = 0.0
    answer: bytes | None = None


class Remembered:
    """Encoded answers by question.

    Args:
        client: asks Elasticsearch.
        index: the alias that all answers are read through.
    """

    def __init__(self, client: AsyncElasticsearch, index: str) -> None:
        self._entries: OrderedDict[tuple[Any, ...], _Entry] = OrderedDict()
        self.stamp = Memo(lambda: look(client, index), STAMP_SECONDS)

    async def __call__(self, question: tuple[Any, ...], ask: Callable[[], Awaitable[Any]]) -> bytes:
        """The answer as JSON, asked for only if it is not known. Who asks the same at once waits for one answer."""
        entry = self._entries.setdefault(question, _Entry())
        self._entries.move_to_end(question)
        while len(self._entries) > MOST:
            self._entries.popitem(last=False)
        async with entry.lock:
            stamp = await self.stamp()
            if entry.answer is not None and stamp is not None and entry.stamp == stamp and time.monotonic() - entry.at < LONGEST_SECONDS:
                return entry.answer
            answer = encode(await ask())
            entry.stamp, entry.at, entry.answer = stamp, time.monotonic(), answer if len(answer) <= LARGEST else None
            return answer
