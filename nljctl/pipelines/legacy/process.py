"""The legacy consumer as one process: loop, backfill and watch side by side, and what it answers about itself."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import KafkaError
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine

from nljctl.backoff import Backoff
from nljctl.effects import database
from nljctl.effects.plan import Pipeline, Role
from nljctl.effects.transaction import EffectsWriter
from nljctl.errors import TimedOutError
from nljctl.pipelines.announcing import LOOK_SECONDS, Announcing
from nljctl.pipelines.identity import KafkaIdentity, guard
from nljctl.pipelines.legacy import marks
from nljctl.pipelines.legacy.backfill import Backfill
from nljctl.pipelines.legacy.consumer import LegacyConsumer, Takeover
from nljctl.pipelines.legacy.counts import STORED
from nljctl.pipelines.legacy.doubt import Doubt
from nljctl.pipelines.legacy.health import SERVICE, Snapshot, health
from nljctl.pipelines.legacy.lag import ends, lag
from nljctl.pipelines.legacy.membership import Membership
from nljctl.pipelines.legacy.ralph import NAME, Kind, Ralph
from nljctl.pipelines.legacy.reads import follow_rollback
from nljctl.pipelines.legacy.routes import INTENDED, Edition
from nljctl.pipelines.legacy.sender import FILTERED, UNREADABLE, Sender
from nljctl.pipelines.metrics import Reading
from nljctl.pipelines.patience import KAFKA, POSTGRES, away
from nljctl.pipelines.positions import take_over
from nljctl.pipelines.pressure import Pressure
from nljctl.pipelines.report import ConsumerReport
from nljctl.settings import Settings

log = logging.getLogger("nljctl.legacy")

WATCH_SECONDS = 2.0
CATCH_UP_SECONDS = 0.2
ANSWER_SECONDS = 5.0
DRAIN_SECONDS = 10.0
"""The record in hand has so long to finish after SIGTERM. Cut short, it counts as not dealt with, and is read again."""


@dataclass(frozen=True, slots=True)
class LegacyOptions:
    """`routes`: an edition (routes.py). `start_from`: earliest, latest, or milliseconds since 1970 as digits; None (earliest) unless somebody asked for one."""

    routes: Edition = INTENDED
    until_caught_up: bool = False
    timeout: float | None = None
    start_from: str | None = None
    host: str = "127.0.0.1"
    port: int = 8080


class LegacyProcess:
    """One member of the legacy group, and what it answers about itself (pipelines/http.py)."""

    def __init__(self, settings: Settings, options: LegacyOptions, engine: AsyncEngine, client: Ralph, kafka: AIOKafkaConsumer, stop: asyncio.Event) -> None:
        self._settings = settings
        self._options = options
        self._edition = options.routes
        self._engine = engine
        self._ralph = client
        self._kafka = kafka
        self._stop = stop
        self._identity = KafkaIdentity(settings, kafka)
        self._open = asyncio.Event()
        self._lag: int | None = None
        self._ends: Mapping[TopicPartition, int] = {}
        self._heartbeat: str | None = None
        self._pressure = Pressure(log)
        self._membership = Membership()
        sender, writer = Sender(self._edition, client), EffectsWriter(engine, Pipeline.LEGACY)
        self._backfill = Backfill(settings, engine, sender, client)
        self._announcing = Announcing(settings, engine, log, stop, CATCH_UP_SECONDS if options.until_caught_up else LOOK_SECONDS)
        self._consumer = LegacyConsumer(kafka, self._membership, self, sender, writer, self._pressure, stop)

    async def run(self) -> ConsumerReport:
        self._kafka.subscribe(list(self._edition.topics), listener=self._membership)
        guarding = guard(self._kafka, self._engine, Pipeline.LEGACY)
        jobs = [asyncio.create_task(job) for job in (self._consume(), self._announcing.run(), self._watch(), self._fill(), self._move_reads(), guarding)]
        waiting = asyncio.create_task(self._stop.wait())
        try:
            await asyncio.wait([*jobs, waiting], timeout=self._options.timeout, return_when=asyncio.FIRST_COMPLETED)
            timed_out = not self._stop.is_set() and not any(job.done() for job in jobs)
            self._stop.set()
            await asyncio.wait(jobs[:2], timeout=DRAIN_SECONDS)
        finally:
            for task in (*jobs, waiting):
                task.cancel()
            ended = await asyncio.gather(*jobs, return_exceptions=True)
        for problem in ended:
            if isinstance(problem, Exception):
                raise problem
        if timed_out:
            raise TimedOutError(
                f"not caught up after {self._options.timeout:g} s; {'an unknown number of' if self._lag is None else self._lag} records are left",
                "Give it more time with --timeout, or see `nljctl health` for what it waits for.",
            )
        return self._report()

    async def _consume(self) -> None:
        if await self._until_ralph_answers():
            self._open.set()
            await self._consumer.run()

    async def _fill(self) -> None:
        await self._open.wait()
        await self._backfill.run()

    async def _move_reads(self) -> None:
        await follow_rollback(self._settings, self._engine)

    async def _until_ralph_answers(self) -> bool:
        """Waits for the LRS before the first poll: what it missed it would fail, and the original would not send again."""
        backoff = Backoff(longest=5.0)
        while trouble := await self._beat():
            self._pressure.began(NAME, trouble)
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(backoff.next()):
                    await self._stop.wait()
            if self._stop.is_set():
                return False
            self._consumer.turned = time.monotonic()
        self._pressure.over(NAME)
        return not self._stop.is_set()

    async def _beat(self) -> str:
        self._heartbeat = await self._ralph.heartbeat()
        if not self._heartbeat:
            self._pressure.last_success[NAME] = time.time()
        return self._heartbeat

    async def _watch(self) -> None:
        """Asks each service how it is, measures the lag, and ends the run when nothing is left and that was asked for."""
        beaten = 0.0
        while not self._stop.is_set():
            self._pressure.settle()
            try:
                await self._measure()
                if self._options.until_caught_up and self._at_the_end and await self._announcing.settled():
                    await self._measure()  # what was announced meanwhile is in the log, and read
                    if self._at_the_end:
                        self._stop.set()
            except (KafkaError, DBAPIError, *database.Unavailable) as problem:
                if away(problem) is None:
                    raise
            if self._open.is_set() and time.monotonic() - beaten > WATCH_SECONDS:
                await self._beat()
                beaten = time.monotonic()
            await asyncio.sleep(CATCH_UP_SECONDS if self._options.until_caught_up else WATCH_SECONDS)

    async def _measure(self) -> None:
        async with asyncio.timeout(ANSWER_SECONDS):
            self._ends = await ends(self._kafka, self._edition.topics)
        self._pressure.last_success[KAFKA] = time.time()
        async with asyncio.timeout(ANSWER_SECONDS):
            self._lag = await lag(self._engine, Pipeline.LEGACY, self._ends)
        self._pressure.last_success[POSTGRES] = time.time()

    @property
    def _at_the_end(self) -> bool:
        return self._lag == 0 and self._consumer.is_at(self._ends) and self._backfill.left == 0

    async def take_over(self, tps: Sequence[TopicPartition]) -> Takeover:
        start = await take_over(self._engine, self._kafka, self._identity, Pipeline.LEGACY, (Role.LIVE,), tps, self._options.start_from or "earliest")
        async with self._engine.connect() as connection:
            in_hand, now = await marks.read(connection, tps)
        return Takeover(start, Doubt(in_hand, now))

    async def mark(self, ends: Mapping[TopicPartition, int], since: Mapping[TopicPartition, datetime]) -> bool:
        async with self._engine.begin() as connection:
            await marks.write(connection, ends, since)
        return True

    def _report(self) -> ConsumerReport:
        counts, outcomes = self._consumer.counts, self._consumer.counts.outcomes
        return ConsumerReport(
            pipeline=Pipeline.LEGACY,
            read=counts.read,
            stored=outcomes[STORED],
            duplicates=outcomes[Kind.DUPLICATE],
            conflicts=outcomes[Kind.CONFLICT],
            filtered=outcomes[FILTERED],
            refused=outcomes[Kind.REFUSED],
            failed=outcomes[Kind.FAILED],
            unreadable=outcomes[UNREADABLE],
            retries=self._pressure.retries.total(),
            announced=self._announcing.published,
            effects=counts.effects,
            seconds=counts.seconds,
            positions={tp: position.statements_next for tp, position in self._consumer.positions.items()},
        )

    def live(self) -> bool:
        return bool(self._pressure.pauses) or self.health()["components"]["legacy"]["status"] != "unhealthy"

    def ready(self) -> bool:
        return self._consumer.member and not self._pressure.pauses and not self._stop.is_set()

    def health(self) -> dict[str, Any]:
        return health(
            Snapshot(
                now=time.time(),
                member=self._consumer.member,
                assigned=len(self._consumer.positions),
                turn_seconds=time.monotonic() - self._consumer.turned,
                lag=self._lag,
                pauses=self._pressure.pauses,
                answered=self._pressure.last_success,
                ralph=self._heartbeat,
                failed=self._consumer.counts.failed_lately(),
                backfill=self._backfill.left,
                unpublished=self._announcing.trouble,
                announcements_due=self._announcing.due,
            )
        )

    def reading(self) -> Reading:
        counts = self._consumer.counts
        return Reading(
            Pipeline.LEGACY,
            records=counts.records,
            lag=self._lag,
            committed={tp: position.statements_next for tp, position in self._consumer.positions.items()},
            retries=self._pressure.retries,
            paused={target: pause.reason for target, pause in self._pressure.pauses.items()},
            last_success=self._pressure.last_success,
            effects=asdict(counts.effects),
            announced=self._announcing.published,
            announcements_due=self._announcing.due,
        )

    def stats(self) -> dict[str, Any]:
        counts = self._consumer.counts
        report = self._report().document()
        return {
            **{name: value for name, value in report.items() if name not in ("positions", "statements_per_second")},
            "service": SERVICE,
            "routes": self._edition.name,
            "by_topic": dict(sorted(counts.by_topic.items())),
            "effects": asdict(counts.effects),
            "lag": self._lag,
            "announcements_due": self._announcing.due,
            "backfill": {"left": self._backfill.left, "filled": self._backfill.filled},
            "live": {"per_second": round(counts.per_second(), 1)},
        }
