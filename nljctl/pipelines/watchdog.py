"""Sees a consumer that has work and does not move, although it waits for nothing that it could name. Pure.

aiokafka has states without a signal in which a member keeps its partitions and reads nothing (aiokafka issues 703, 712, 718, 1037). Nothing
but a new process helps then, so the consumer ends itself and its supervisor starts it again.
"""

from __future__ import annotations

from dataclasses import dataclass

STALLED_SECONDS = 120.0


@dataclass(slots=True)
class Watchdog:
    """Looked at every few seconds with what the consumer knows of itself."""

    _done: int = -1
    _since: float | None = None

    def look(self, now: float, done: int, lag: int, *, waiting: bool) -> float:
        """Seconds without movement.

        Args:
            now: any clock that does not go back, in seconds.
            done: the sum of the positions of what the consumer is assigned (of the whole pipeline, if it is assigned nothing).
            lag: records left in those partitions.
            waiting: it waits for a target and says so.
        """
        if done != self._done or lag == 0 or waiting:
            self._done, self._since = done, None
            return 0.0
        if self._since is None:
            self._since = now
        return now - self._since
