"""The faststream pipeline as a process: its parts put together, run until told to stop, and its report."""

from __future__ import annotations

import asyncio
import logging
import signal
import time
from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import Any

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import KafkaConnectionError, KafkaError
from faststream.asgi import AsgiFastStream
from faststream.kafka import KafkaBroker
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine

from nljctl.catalogue.topics import SUBSCRIBED
from nljctl.effects import database, progress
from nljctl.effects.plan import Pipeline, Role
from nljctl.effects.transaction import EffectsWriter
from nljctl.errors import TimedOutError, UsageError
from nljctl.kafka.client import producer, unreachable
from nljctl.kafka.offsets import spans
from nljctl.pipelines import http
from nljctl.pipelines.faststream.committer import Committer
from nljctl.pipelines.faststream.deadletters import DeadLetters
from nljctl.pipelines.faststream.flow import Flow
from nljctl.pipelines.faststream.health import SERVICE, Snapshot, health
from nljctl.pipelines.faststream.meter import Meter
from nljctl.pipelines.faststream.subscriber import Assignment, subscribe
from nljctl.pipelines.patience import away
from nljctl.pipelines.positions import Start, take_over
from nljctl.pipelines.preconditions import expect_no_position, expect_setup
from nljctl.pipelines.pressure import Pressure
from nljctl.pipelines.report import ConsumerReport
from nljctl.settings import Settings
from nljctl.store.client import elasticsearch
from nljctl.store.writer import StatementWriter, Trouble

log = logging.getLogger("nljctl.faststream")

TICK_SECONDS = 0.5
LAG_EVERY_SECONDS = 2.0


@dataclass(frozen=True, slots=True)
class FastStreamOptions:
    until_caught_up: bool = False
    timeout: float | None = None
    start_from: str | None = None
    workers: int = 1
    host: str = "127.0.0.1"
    port: int = 8080


async def run_faststream(settings: Settings, options: FastStreamOptions) -> ConsumerReport:
    """Consumes until SIGTERM or SIGINT, or until caught up; finishes what is under way and gives its report.

    Raises:
        UnreachableError: Kafka or Postgres does not answer at the start (later, both are waited for).
        TimedOutError: `options.timeout` seconds have passed.
        NljctlError: something that waiting cannot mend.
    """
    if options.workers != 1:
        raise UsageError("one process is one member of the group", "Start the command as often as you want members; partitions are shared among them.")
    settings.together()
    async with AsyncExitStack() as stack:
        engine = await stack.enter_async_context(database.engine(settings, name=SERVICE))
        await expect_setup(engine)
        if options.start_from is not None:
            await expect_no_position(settings, engine, Pipeline.FASTSTREAM, settings.require("group"))
        client = await stack.enter_async_context(elasticsearch(settings))
        dead_letter_producer = await stack.enter_async_context(producer(settings))
        consumer = FastStreamConsumer(settings, options, engine, client, dead_letter_producer)
        return await consumer.run()


class FastStreamConsumer:
    """One member of the group `nlj-faststream-consumer`. Answers for itself over HTTP (pipelines/http.py)."""

    def __init__(self, settings: Settings, options: FastStreamOptions, engine: AsyncEngine, client: Any, dead_letter_producer: Any) -> None:
        self._settings = settings
        self._options = options
        self._engine = engine
        self._stop = asyncio.Event()
        self._failure: BaseException | None = None
        self._lag: int | None = None
        self._last_tick = time.monotonic()
        self.pressure = Pressure(log)
        self.meter = Meter()
        self._committer = Committer(self._kafka)
        trouble = Trouble(lambda reason: self.pressure.began("Elasticsearch", reason), lambda: self.pressure.over("Elasticsearch"))
        self._listener = Assignment(self._kafka, self._take_over, self.pressure, self._fail)
        self._flow = Flow(
            self._kafka,
            StatementWriter(client, settings.index, trouble),
            DeadLetters(dead_letter_producer, settings.dead_letter_topic, self.pressure),
            EffectsWriter(engine, Pipeline.FASTSTREAM),
            EffectsWriter(engine, Pipeline.FASTSTREAM, Role.SHADOW),
            self._committer,
            self.pressure,
            self.meter,
            self._fail,
        )
        self._listener.flow = self._flow
        self._broker = KafkaBroker(settings.kafka, client_id=SERVICE, logger=log, log_level=logging.DEBUG, apply_types=False, consumer_only=True)
        self._subscriber = subscribe(self._broker, settings, self._listener, self._flow.submit)

    async def run(self) -> ConsumerReport:
        app = AsgiFastStream(self._broker, asgi_routes=http.routes(self), asyncapi_path="/asyncapi", logger=log)
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self._stop.set)
        async with http.serve(app, self._options.host, self._options.port) as port:
            log.warning("listening on http://%s:%d", self._options.host, port)
            try:
                await app.start()
            except KafkaConnectionError as problem:
                raise unreachable(self._settings, problem) from problem
            tasks = [asyncio.create_task(self._supervised(job)) for job in (self._committer.run(), self._tick(), self._watch_lag())]
            try:
                await self._until_told()
            finally:
                await self._close(app, tasks)
        if self._failure is not None:
            raise self._failure
        return self._report()

    async def _until_told(self) -> None:
        try:
            async with asyncio.timeout(self._options.timeout):
                await self._stop.wait()
        except TimeoutError:
            raise TimedOutError(
                f"not caught up after {self._options.timeout:g} s; {self._lag if self._lag is not None else 'an unknown number of'} records are left",
                "Give it more time with --timeout, or see `nljctl health` for what it waits for.",
            ) from None

    async def _close(self, app: AsgiFastStream, tasks: Sequence[asyncio.Task[None]]) -> None:
        consumer = self._kafka()
        if consumer is not None:
            consumer.pause(*consumer.assignment())
        await self._flow.close()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await app.stop()

    def _kafka(self) -> AIOKafkaConsumer | None:
        consumer: AIOKafkaConsumer | None = self._subscriber.consumer
        return consumer

    async def _take_over(self, consumer: AIOKafkaConsumer, tps: Sequence[TopicPartition]) -> Start:
        return await take_over(self._engine, consumer, Pipeline.FASTSTREAM, (Role.LIVE, Role.SHADOW), tps, self._options.start_from or "earliest")

    def _fail(self, problem: BaseException) -> None:
        """Ends the consumer with `problem`; FastStream itself would swallow what a handler raises."""
        if self._failure is None:
            self._failure = problem
        self._stop.set()

    async def _supervised(self, job: Any) -> None:
        try:
            await job
        except Exception as problem:  # noqa: BLE001  # a task that dies silently would leave the consumer half alive: this ends it
            self._fail(problem)

    async def _tick(self) -> None:
        while True:
            await asyncio.sleep(TICK_SECONDS)
            self._last_tick = time.monotonic()
            await self._flow.tick()

    async def _watch_lag(self) -> None:
        while True:
            try:
                self._lag = await self._lag_of_pipeline()
            except (KafkaError, DBAPIError, *database.Unavailable) as problem:
                if away(problem) is None:
                    raise
            else:
                if self._options.until_caught_up and self._lag == 0 and self._flow.idle:
                    self._stop.set()
            await asyncio.sleep(0.2 if self._options.until_caught_up else LAG_EVERY_SECONDS)

    async def _lag_of_pipeline(self) -> int | None:
        """Log end minus live progress over all topics and members; None until all partitions have a position."""
        consumer = self._kafka()
        if consumer is None:
            return None
        tps = [TopicPartition(topic, number) for topic in SUBSCRIBED for number in consumer.partitions_for_topic(topic) or ()]
        async with self._engine.connect() as connection:
            positions = await progress.read(connection, Pipeline.FASTSTREAM)
        if not tps or any(tp not in positions for tp in tps):
            return None
        ends = await spans(consumer, tps)
        return sum(max(0, ends[tp].end - positions[tp].statements_next) for tp in tps)

    def _report(self) -> ConsumerReport:
        meter, outcomes = self.meter, self.meter.outcomes
        return ConsumerReport(
            pipeline=Pipeline.FASTSTREAM,
            read=meter.read,
            stored=outcomes["stored"],
            duplicates=outcomes["duplicate"],
            conflicts=outcomes["conflict"],
            dead_lettered=outcomes["dead_lettered"],
            repaired=meter.repaired,
            retries=self.pressure.retries.total(),
            effects=meter.effects,
            seconds=time.monotonic() - meter.started,
            positions={tp: position.statements_next for tp, position in self._flow.positions.items()},
        )

    def live(self) -> bool:
        return time.monotonic() - self._last_tick < 10 * TICK_SECONDS

    def ready(self) -> bool:
        consumer = self._kafka()
        return self._failure is None and consumer is not None and set(consumer.assignment()) <= set(self._flow.positions) and self._lag is not None

    def health(self) -> dict[str, Any]:
        consumer = self._kafka()
        assignment = consumer.assignment() if consumer is not None else frozenset()
        return health(
            Snapshot(
                now=time.time(),
                assigned=len(assignment),
                member=self._lag is not None,
                lag=self._lag,
                pauses=self.pressure.pauses,
                oldest_batch_seconds=self._flow.oldest_seconds,
                window=self.meter.window(),
                failure=None if self._failure is None else str(self._failure),
            )
        )

    def stats(self) -> dict[str, Any]:
        records, rejected = self.meter.window()
        return {
            **self._report().document(),
            "lag": self._lag,
            "live": {"per_second": round(self.meter.per_second(), 1), "last_minute": {"records": records, "rejected": rejected}},
            "paused": {target: pause.reason for target, pause in self.pressure.pauses.items()},
        }
