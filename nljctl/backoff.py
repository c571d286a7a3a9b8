"""The retry policy, once: exponential backoff with full jitter, bounded per wait, unbounded in number.

Source: "Exponential Backoff And Jitter", AWS Architecture Blog, 2015 (full jitter).
"""

from __future__ import annotations

import random
from dataclasses import dataclass, field

FIRST_SECONDS = 0.2
LONGEST_SECONDS = 20.0
"""Below the 30 seconds within which a consumer must be healthy again after its target is."""


@dataclass(slots=True)
class Backoff:
    """Waits of one stretch of trouble. `next` gives the seconds to sleep; `reset` begins anew after a success."""

    first: float = FIRST_SECONDS
    longest: float = LONGEST_SECONDS
    attempts: int = 0
    _random: random.Random = field(default_factory=random.Random)

    def next(self) -> float:
        ceiling = min(self.longest, self.first * 2 ** min(self.attempts, 16))
        self.attempts += 1
        return self._random.uniform(0, ceiling)

    def reset(self) -> None:
        self.attempts = 0
