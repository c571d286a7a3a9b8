"""The move itself as the API tells it: what `status`, `stats`, `health` and `dlq list` find, asked once for everybody who looks."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import select

from nljctl.api.memo import Memo
from nljctl.effects import database, plans
from nljctl.effects.ledger_tables import comparison
from nljctl.errors import NljctlError
from nljctl.migration.dlq.listing import list_letters, list_parked
from nljctl.migration.health import health
from nljctl.migration.statistics import statistics
from nljctl.migration.status import status
from nljctl.settings import Settings
from nljctl.stack.choice import open_runtime

STATUS_SECONDS = 2.0
HEALTH_SECONDS = 10.0
LETTERS_SECONDS = 15.0
"""A listing reads the whole dead-letter topic."""

MOST_LETTERS = 100
SAMPLES = 1_800
"""An hour at the rate of one page that is kept open."""


class Move:
    """Answers about the migration.

    Args:
        load: gives the settings as they are now: a local stack's consumers come and go.
    """

    def __init__(self, load: Callable[[], Settings]) -> None:
        self._load = load
        self._samples: deque[Mapping[str, Any]] = deque(maxlen=SAMPLES)
        self._health = Memo(lambda: health(load()), HEALTH_SECONDS)
        self._letters = Memo(lambda: list_letters(load(), reason=None, topic=None, limit=MOST_LETTERS), LETTERS_SECONDS)
        self.status = Memo(self._status, STATUS_SECONDS)

    async def _status(self) -> dict[str, Any]:
        """What `nljctl status` tells, `validation` as `nljctl stats`, `health` as `nljctl health`, and how it was while somebody looked (`samples`)."""
        settings = self._load()
        now = datetime.now(UTC).isoformat(timespec="milliseconds")
        found, validation, components = await asyncio.gather(self._overview(settings), self._validation(settings), self._health())
        live = (validation or {}).get("live") or {}
        self._samples.append({"at": now, "lag": found["lag"], "share": found["ownership"]["share"], "per_second": live.get("per_second")})
        return {"at": now, **found, "validation": validation, "health": components, "samples": list(self._samples)}

    async def _overview(self, settings: Settings) -> dict[str, Any]:
        try:
            runtime = open_runtime(settings)
            found, services = await status(settings, runtime)
            profiles = list(runtime.profiles())
        except NljctlError:  # a container has no engine to ask: what the services themselves tell is known all the same
            found, services = await status(settings, None)
            profiles = []
        return {"runtime": settings.runtime or "local", "profiles": profiles, "services": [asdict(service) for service in services], **found}

    @staticmethod
    async def _validation(settings: Settings) -> dict[str, Any] | None:
        try:
            return await statistics(settings)
        except NljctlError:  # the overview's `why` says it
            return None

    async def dead_letters(self, *, reason: str | None, topic: str | None, limit: int, parked: bool) -> dict[str, Any]:
        """As `nljctl dlq list`: `count` and `by_reason` are of all that match.

        Raises:
            UnreachableError: Kafka or Postgres does not answer.
        """
        if parked:
            return await list_parked(self._load(), topic=topic, limit=limit)
        if reason is None and topic is None:
            found = await self._letters()
            return {**found, "items": found["items"][:limit]}
        return await list_letters(self._load(), reason=reason, topic=topic, limit=limit)

    async def history(self) -> list[dict[str, Any]]:
        """Every decision about who owns the effects, oldest first.

        Raises:
            UnreachableError: Postgres does not answer.
        """
        async with database.engine(self._load(), name="nljctl api") as engine, engine.connect() as connection:
            return await plans.history(connection)

    async def comparisons(self, limit: int) -> list[dict[str, Any]]:
        """Past comparisons, newest first: what `compare-legacy --json` answered, in short: ten differences, and of analytics the platform's figures.

        Raises:
            UnreachableError: Postgres does not answer.
        """
        newest = select(comparison).order_by(comparison.c.at.desc()).limit(limit)
        async with database.engine(self._load(), name="nljctl api") as engine, engine.connect() as connection:
            return [_short(row._mapping) for row in await connection.execute(newest)]


DIFFERENCES = 10
_KEPT = ("verdict", "required", "log", "ledger", "effects", "difference_counts", "analytics_counts", "asked", "seconds", "evidence")


def _short(row: Mapping[Any, Any]) -> dict[str, Any]:
    """What a list shows of a comparison: a summary may hold figures of thousands of learners. Pure."""
    summary = row["summary"]
    overview = (summary.get("analytics") or {}).get("overview") or {}
    return {
        "id": row["id"],
        "at": row["at"].isoformat(timespec="seconds"),
        **{key: summary.get(key) for key in _KEPT},
        "analytics": {metric: figures for metric, figures in overview.items() if not isinstance(figures.get("log"), dict | list)},
        "differences": (summary.get("differences") or [])[:DIFFERENCES],
    }
