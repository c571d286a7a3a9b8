"""What the legacy consumer counts: outcomes of the run by kind, and the rate of the last minute."""

from __future__ import annotations

import time
from collections import Counter, deque
from collections.abc import Sequence

from nljctl.effects.batch import EffectCounts
from nljctl.pipelines.legacy.ralph import Kind

WINDOW_SECONDS = 60.0
STORED = "stored"


class Counts:
    """Each record once: those that were read again for their effects alone are not counted."""

    def __init__(self) -> None:
        self.began = time.monotonic()
        self.outcomes: Counter[str] = Counter()
        self.by_topic: Counter[str] = Counter()
        self.records: Counter[tuple[str, str]] = Counter()
        self.effects = EffectCounts()
        self._recent: deque[tuple[float, int, int]] = deque()

    def turn(self, kinds: Sequence[tuple[str, str]]) -> None:
        """Counts the records of a turn: topic and outcome of each."""
        for topic, kind in kinds:
            self.outcomes[kind] += 1
            self.by_topic[topic] += 1
            self.records[topic, kind] += 1
        self._recent.append((time.monotonic(), len(kinds), sum(kind == Kind.FAILED for _, kind in kinds)))
        while self._recent and self._recent[0][0] < time.monotonic() - WINDOW_SECONDS:
            self._recent.popleft()

    @property
    def read(self) -> int:
        return self.outcomes.total()

    @property
    def seconds(self) -> float:
        return time.monotonic() - self.began

    def per_second(self) -> float:
        """Records a second over the last minute, or since the beginning if that is less."""
        return sum(records for at, records, _ in self._recent if self._is_recent(at)) / max(min(WINDOW_SECONDS, self.seconds), 1.0)

    def failed_lately(self) -> int:
        """Statements that the LRS failed to take in the last minute."""
        return sum(failed for at, _, failed in self._recent if self._is_recent(at))

    def _is_recent(self, at: float) -> bool:
        return at >= time.monotonic() - WINDOW_SECONDS
