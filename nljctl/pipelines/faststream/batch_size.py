"""How many records to fetch at once: additive growth while full batches are written quickly, halved when a target is slow or refuses. Pure.

Sources: additive increase, multiplicative decrease (Chiu and Jain, 1989); Elasticsearch, "Tune for indexing speed": find the bulk size by
growing it until the rate stops to grow, and back off at 429.
"""

from __future__ import annotations

from dataclasses import dataclass

SMALLEST, FIRST, LARGEST = 50, 500, 800
STEP = 100
FULL = 0.8
"""A batch of at least so much of the limit was cut off by it (some records are no documents)."""
SLOW_SECONDS = 2.0
"""A bulk that takes longer is too large for what the cluster can do now."""


@dataclass(slots=True)
class BatchSize:
    """The present limit, in records."""

    limit: int = FIRST

    def written(self, records: int, seconds: float) -> None:
        """A batch of `records` was written in `seconds`, at the first attempt."""
        if seconds > SLOW_SECONDS:
            self.refused()
        elif records >= FULL * self.limit:
            self.limit = min(LARGEST, self.limit + STEP)

    def refused(self) -> None:
        """The target was slow, or said that it has too much to do or that the request was too large (429, 413)."""
        self.limit = max(SMALLEST, self.limit // 2)
