"""What a consumer waits for, and why: one reason per target, said once when it begins and once when it is over."""

from __future__ import annotations

import logging
import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Pause:
    reason: str
    since: float
    """Seconds since 1970."""


class Pressure:
    """Targets in trouble. While there is one, nothing is skipped: work waits, and the group membership is kept."""

    def __init__(self, log: logging.Logger) -> None:
        self._log = log
        self._pauses: dict[str, Pause] = {}
        self.retries: Counter[str] = Counter()
        self.last_success: dict[str, float] = {}

    def began(self, target: str, reason: str) -> None:
        self.retries[target] += 1
        if target not in self._pauses:
            self._log.warning("waiting for %s: %s", target, reason)
            self._pauses[target] = Pause(reason, time.time())

    def over(self, target: str) -> None:
        self.last_success[target] = time.time()
        pause = self._pauses.pop(target, None)
        if pause is not None:
            self._log.warning("%s is back after %.1f s", target, time.time() - pause.since)

    @property
    def pauses(self) -> Mapping[str, Pause]:
        return self._pauses
