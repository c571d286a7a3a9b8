"""Publishes what effects have announced (effects/outbox.py), beside the consumer's work and without ever stopping it.

An announcement is a row that the live role of the effect's owner wrote, so there is one, whoever applies the event elsewhere or again. Both consumers
publish, side by side, each row by whoever holds its lock: so those of a pipeline that was stopped do not wait for it.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time

from aiokafka.errors import KafkaError
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine

from nljctl.backoff import Backoff
from nljctl.effects import database
from nljctl.effects.outbox import AT_ONCE, count_due, publish_due
from nljctl.errors import NljctlError
from nljctl.kafka.client import producer
from nljctl.pipelines.patience import away
from nljctl.pipelines.pressure import Pause
from nljctl.settings import Settings

LOOK_SECONDS = 1.0
STOP_SECONDS = 2.0
"""What a producer gets to say goodbye; nothing that it still holds is needed any more, for it would be sent again."""


def words(trouble: Pause, due: int | None, now: float) -> str:
    """What health says of announcements that wait. `now`: seconds since 1970."""
    return f"{'some' if due is None else due} announcements have not been published for {now - trouble.since:.0f} s: {trouble.reason}"


class Announcing:
    """The loop of one consumer. `trouble`: why nothing can be published, which pauses nothing else, and since when."""

    def __init__(self, settings: Settings, engine: AsyncEngine, log: logging.Logger, stop: asyncio.Event, look_seconds: float = LOOK_SECONDS) -> None:
        self._settings = settings
        self._engine = engine
        self._log = log
        self._stop = stop
        self._look_seconds = look_seconds
        self.published = 0
        self.due: int | None = None
        """Announcements that waited at the last look, of either pipeline."""
        self.trouble: Pause | None = None

    async def run(self) -> None:
        """Until told to stop, after the page under way."""
        backoff = Backoff()
        while not self._stop.is_set():
            try:
                if await self._look():
                    await self._publish(backoff)
            except (KafkaError, NljctlError, DBAPIError, *database.Unavailable) as problem:
                self._failed(problem)
                await self._rest(backoff.next())
            else:
                self._succeeded(backoff)
                await self._rest(self._look_seconds)

    async def settled(self) -> bool:
        """Whether there is nothing to publish, or nothing can be published now."""
        try:
            return self.trouble is not None or not await self._look()
        except (DBAPIError, *database.Unavailable) as problem:
            if away(problem) is None:
                raise
            return False

    async def _look(self) -> int:
        self.due = await count_due(self._engine)
        return self.due

    async def _publish(self, backoff: Backoff) -> None:
        """Publishes what is due, and what comes, until told to stop.

        The producer is an idempotent one, so that a lost answer does not make two records; it ends with the first failure, because a record that the
        broker refuses has used up its sequence number (see faststream/deadletters.py).
        """
        async with producer(self._settings, patience=STOP_SECONDS) as client:
            while not self._stop.is_set():
                sent = await publish_due(self._engine, client)
                self.published += sent
                self._succeeded(backoff)
                if sent < AT_ONCE:
                    await self._look()
                    await self._rest(self._look_seconds)

    def _failed(self, problem: Exception) -> None:
        if isinstance(problem, DBAPIError) and away(problem) is None:
            raise problem
        if self.trouble is None:
            reason = problem.message if isinstance(problem, NljctlError) else type(problem).__name__
            self.trouble = Pause(reason, time.time())
            self._log.warning("announcements are not published: %s", reason)

    def _succeeded(self, backoff: Backoff) -> None:
        backoff.reset()
        if self.trouble is not None:
            self._log.warning("announcements are published again after %.1f s", time.time() - self.trouble.since)
            self.trouble = None

    async def _rest(self, seconds: float) -> None:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._stop.wait()
