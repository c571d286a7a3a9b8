"""How long a repair waits for a store that is away: it says so, tries again, and gives up after a minute. What was written until then stays."""

from __future__ import annotations

import asyncio
import time

from nljctl.errors import UnreachableError
from nljctl.migration.gather import Progress

PATIENCE_SECONDS = 60.0


class Patience:
    """The writer's watcher (store/writer.py)."""

    def __init__(self, report: Progress) -> None:
        self._report = report
        self._since: float | None = None

    def failed(self, reason: str) -> None:
        """Raises:
        UnreachableError: it has failed for a minute.
        """
        self._since = self._since or time.monotonic()
        self._report(f"waiting for Elasticsearch: {reason}")
        if time.monotonic() - self._since > PATIENCE_SECONDS:
            raise UnreachableError(
                f"Elasticsearch has taken nothing for {PATIENCE_SECONDS:.0f} s: {reason}",
                "What was repaired until now stays; see `nljctl health`, then repair again.",
                code="elasticsearch-unreachable",
            )

    def succeeded(self, documents: int, seconds: float) -> None:  # noqa: ARG002 - as the writer calls it
        self._since = None

    async def rest(self, seconds: float) -> None:
        await asyncio.sleep(seconds)

    def overloaded(self) -> None:
        self._report("waiting for Elasticsearch: it has too much to do")
