"""What a consumer waits for, and why: one reason per target, said once when it begins and once when it is over."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass

QUIET_SECONDS = 10.0
"""A target that fails again so soon after it was back (a cluster that refuses every other request) is still in the same trouble: one pause, said once."""


@dataclass(frozen=True, slots=True)
class Pause:
    reason: str
    since: float
    """Seconds since 1970."""


class Pressure:
    """Targets in trouble. While there is one, nothing is skipped: work waits, and the group membership is kept."""

    def __init__(self, log: logging.Logger, clock: Callable[[], float] = time.time) -> None:
        self._log = log
        self._clock = clock
        self._pauses: dict[str, Pause] = {}
        self._ended: dict[str, tuple[Pause, float]] = {}
        self._failed: dict[str, float] = {}
        self._unsteady: set[str] = set()
        self._ends: dict[str, asyncio.Event] = {}
        self.retries: Counter[str] = Counter()
        self.last_success: dict[str, float] = {}

    def began(self, target: str, reason: str) -> None:
        """An attempt failed."""
        now = self._clock()
        self.retries[target] += 1
        self._failed[target] = now
        if target in self._pauses:
            return
        before, ended = self._ended.get(target, (None, 0.0))
        if before is not None and now - ended < QUIET_SECONDS:
            self._pauses[target] = Pause(reason, before.since)
            self._unsteady.add(target)
        else:
            self._log.warning("waiting for %s: %s", target, reason)
            self._pauses[target] = Pause(reason, now)

    def over(self, target: str) -> None:
        """An attempt succeeded."""
        self.last_success[target] = self._clock()
        resting = self._ends.pop(target, None)
        if resting is not None:
            resting.set()
        if target in self._pauses:
            self._end(target)

    async def rest(self, target: str, seconds: float) -> None:
        """Waits before the next attempt: `seconds`, or until somebody else's attempt succeeded."""
        end = self._ends.setdefault(target, asyncio.Event())
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await end.wait()

    def settle(self) -> None:
        """Ends pauses of unsteady targets that have been quiet; called every now and then, for there may be no more attempts."""
        for target in list(self._unsteady):
            if self.last_success.get(target, 0.0) > self._failed[target]:
                self._end(target)

    def _end(self, target: str) -> None:
        now = self._clock()
        if target in self._unsteady and now - self._failed[target] < QUIET_SECONDS:
            return
        self._unsteady.discard(target)
        pause = self._pauses.pop(target)
        self._ended[target] = (pause, now)
        self._log.warning("%s is back after %.1f s", target, now - pause.since)

    @property
    def pauses(self) -> Mapping[str, Pause]:
        return self._pauses
