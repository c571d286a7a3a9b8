"""Remembers an answer for a moment, so that ten open pages cost what one costs."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Generic, TypeVar

T = TypeVar("T")


class Memo(Generic[T]):
    """One question. Whoever asks while it is being asked waits for the same answer; a failure is remembered by nobody.

    Args:
        ask: finds the answer.
        seconds: how long an answer counts as present.
    """

    def __init__(self, ask: Callable[[], Awaitable[T]], seconds: float) -> None:
        self._ask = ask
        self._seconds = seconds
        self._lock = asyncio.Lock()
        self._answer: tuple[float, T] | None = None

    async def __call__(self) -> T:
        async with self._lock:
            if self._answer is None or time.monotonic() - self._answer[0] > self._seconds:
                found = await self._ask()
                self._answer = time.monotonic(), found
            return self._answer[1]
