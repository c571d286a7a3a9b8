"""Asks a consumer's services how they are while nothing else does, and takes back only what it said itself."""

from __future__ import annotations

import time

from nljctl.pipelines.pressure import Pressure


class Probe:
    """A service that answers a probe may still refuse the work: a pause that the work began is left to the work to end."""

    def __init__(self, pressure: Pressure) -> None:
        self._pressure = pressure
        self._mine: set[str] = set()

    def answers(self, target: str) -> None:
        if target in self._mine:
            self._mine.discard(target)
            self._pressure.over(target)
        elif target not in self._pressure.pauses:
            self._pressure.last_success[target] = time.time()

    def away(self, target: str, reason: str) -> None:
        if target not in self._pressure.pauses:
            self._mine.add(target)
            self._pressure.began(target, reason)
