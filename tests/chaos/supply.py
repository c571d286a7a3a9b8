"""Records that keep coming for as long as they are needed, whatever the machine takes for everything else."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from world import World

SLICE_SECONDS = 30.0
"""What one `publish-test` publishes: a supply ends at the end of a slice."""


class Supply:
    """Publishes slice after slice of a seeded mixture: slice n of seed s has seed s + n."""

    def __init__(self, world: World, seed: int, rate: float) -> None:
        self._world = world
        self._seed = seed
        self._rate = rate
        self._slice = max(1, round(rate * SLICE_SECONDS))
        self._enough = threading.Event()
        self._least = 0
        self._thread = threading.Thread(target=self._publish, name="supply")
        self.published = 0
        self.wrong: list[str] = []

    def start(self) -> None:
        self._thread.start()

    def end(self, least: int) -> None:
        """Waits until `least` records are published, and for the end of the slice."""
        self._least = least
        self._enough.set()
        self._thread.join()

    def _publish(self) -> None:
        number = 0
        while not self.wrong and not (self._enough.is_set() and self.published >= self._least):
            load = self._world.publish(self._seed + number, self._slice, self._rate)
            _, said = load.communicate()
            if load.returncode != 0:
                self.wrong.append(f"publish-test ended with {load.returncode}: {said[-500:]}")
            self.published += self._slice
            number += 1


@contextmanager
def supply(world: World, seed: int, rate: float) -> Iterator[Callable[[int], Supply]]:
    """Begins to publish; what it gives ends the supply after at least so many records. However it is left, nothing publishes any more."""
    running = Supply(world, seed, rate)
    running.start()

    def end(least: int) -> Supply:
        running.end(least)
        return running

    try:
        yield end
    finally:
        running.end(0)
