"""What this consumer has done since it started, and how fast lately: its own counters, for the report, `/health` and `/stats`."""

from __future__ import annotations

import time
from collections import Counter, deque
from collections.abc import Iterable

from nljctl.effects.batch import EffectCounts, Entry
from nljctl.judgement import Verdict
from nljctl.pipelines.metrics import Durations

WINDOW_SECONDS = 60.0


class Meter:
    """Counts records as their batches are done."""

    def __init__(self) -> None:
        self.started = time.monotonic()
        self.read = 0
        self.records: Counter[tuple[str, str]] = Counter()
        self.failures: Counter[str] = Counter()
        self.repairs: Counter[str] = Counter()
        self.bulk = Durations()
        self.repaired = 0
        self.effects = EffectCounts()
        self.last_batch: float | None = None
        self._recent: deque[tuple[float, int, int]] = deque()

    def count(self, entries: Iterable[Entry]) -> None:
        total = failed = 0
        for entry in entries:
            total += 1
            judgement = entry.judgement
            self.records[entry.tp.topic, entry.outcome.kind if entry.outcome else "stored"] += 1
            if judgement.verdict is Verdict.REPAIRED:
                self.repaired += 1
                self.repairs.update(judgement.repairs)
            elif judgement.verdict is Verdict.REJECTED:
                failed += 1
                self.failures[judgement.errors[0].rule if judgement.errors else judgement.reason or ""] += 1
        self.read += total
        now = time.monotonic()
        self.last_batch = now
        self._recent.append((now, total, failed))
        self._forget(now)

    def outcome(self, kind: str) -> int:
        """Records of all topics that came to it."""
        return sum(count for (_, outcome), count in self.records.items() if outcome == kind)

    def window(self) -> tuple[int, int]:
        """Records and rejected records of the last minute."""
        self._forget(time.monotonic())
        return sum(total for _, total, _ in self._recent), sum(failed for _, _, failed in self._recent)

    def per_second(self) -> float:
        records, _ = self.window()
        return records / min(WINDOW_SECONDS, max(time.monotonic() - self.started, 1.0))

    def _forget(self, now: float) -> None:
        while self._recent and now - self._recent[0][0] > WINDOW_SECONDS:
            self._recent.popleft()
