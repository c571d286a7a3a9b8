"""The faststream pipeline as a process: its parts put together, run until told to stop, and its report."""

from __future__ import annotations

import asyncio
import logging
import signal
import time
from collections.abc import Callable, Sequence
from contextlib import AsyncExitStack
from dataclasses import asdict, dataclass
from typing import Any

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import KafkaConnectionError
from faststream.asgi import AsgiFastStream
from faststream.kafka import KafkaBroker
from sqlalchemy.ext.asyncio import AsyncEngine

from nljctl.effects import database
from nljctl.effects.deadline import limit_commands
from nljctl.effects.plan import Pipeline, Role
from nljctl.effects.transaction import EffectsWriter
from nljctl.errors import TimedOutError
from nljctl.kafka.broker_security import broker_security
from nljctl.kafka.client import producer, unreachable
from nljctl.pipelines import http, memory
from nljctl.pipelines.announcing import LOOK_SECONDS, Announcing
from nljctl.pipelines.faststream.batch_size import BatchSize
from nljctl.pipelines.faststream.committer import Committer
from nljctl.pipelines.faststream.deadletters import DeadLetters
from nljctl.pipelines.faststream.flow import Flow
from nljctl.pipelines.faststream.health import SERVICE
from nljctl.pipelines.faststream.meter import Meter
from nljctl.pipelines.faststream.state import State, health_of, stats_of
from nljctl.pipelines.faststream.subscriber import Assignment, subscribe
from nljctl.pipelines.faststream.watch import ELASTICSEARCH, Watch
from nljctl.pipelines.identity import KafkaIdentity, guard
from nljctl.pipelines.metrics import Reading
from nljctl.pipelines.positions import Start, take_over
from nljctl.pipelines.preconditions import expect_no_position, expect_setup
from nljctl.pipelines.pressure import Pressure
from nljctl.pipelines.report import ConsumerReport
from nljctl.settings import Settings
from nljctl.store.client import elasticsearch
from nljctl.store.writer import StatementWriter

log = logging.getLogger("nljctl.faststream")

FASTSTREAM_LOG = logging.getLogger("nljctl.broker")
"""Not `faststream`, to which the library gives a handler of its own."""

FASTSTREAM_LOG.setLevel(logging.WARNING)

TICK_SECONDS = 0.5
TELL_SECONDS = 1.0
WATCH_SECONDS = 2.0
ENDING_SECONDS = 0.2
ANNOUNCE_SECONDS = 5.0
"""What the page of announcements under way gets when the consumer ends."""
NEAR = 5_000
"""Records from the end: so near to it, a consumer that is to stop there looks more often."""


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
    return await run_member(settings, options, None)


async def run_member(settings: Settings, options: FastStreamOptions, say: Callable[[State], bool] | None) -> ConsumerReport:
    """As `run_faststream`. With `say` it is a supervised member: that is told its state every second instead of answering over HTTP, and ends it by False."""
    settings.together()
    async with AsyncExitStack() as stack:
        engine = await stack.enter_async_context(database.engine(settings, name=SERVICE))
        limit_commands(engine)
        await expect_setup(engine)
        if options.start_from is not None and say is None:
            await expect_no_position(settings, engine, Pipeline.FASTSTREAM, settings.require("group"))
        client = await stack.enter_async_context(elasticsearch(settings))
        dead_letter_producer = await stack.enter_async_context(producer(settings, enable_idempotence=False))  # see deadletters.py
        consumer = FastStreamConsumer(settings, options, engine, client, dead_letter_producer)
        if say is not None:
            return await consumer.run(say)
        async with http.serve(consumer.app, options.host, options.port) as port:
            log.warning("listening on http://%s:%d", options.host, port)
            return await consumer.run()


class FastStreamConsumer:
    """One member of the group `nlj-faststream-consumer`.

    It answers for itself over HTTP (pipelines/http.py) and is told how the writing goes (store/writer.py).
    """

    def __init__(self, settings: Settings, options: FastStreamOptions, engine: AsyncEngine, client: Any, dead_letter_producer: Any) -> None:
        self._settings = settings
        self._options = options
        self._engine = engine
        self._stop = asyncio.Event()
        self._failure: BaseException | None = None
        self._last_tick = time.monotonic()
        self.pressure = Pressure(log)
        self.meter = Meter()
        self._committer = Committer(self._kafka)
        self.watch = Watch(self._kafka, engine, client, settings.index, self.pressure)
        self._size = BatchSize()
        self._listener = Assignment(self._kafka, self._take_over, self.pressure, self._fail)
        self._announcing = Announcing(settings, engine, log, self._stop, ENDING_SECONDS if options.until_caught_up else LOOK_SECONDS)
        self._flow = Flow(
            self._kafka,
            StatementWriter(client, settings.index, self),
            DeadLetters(dead_letter_producer, settings.dead_letter_topic, self.pressure),
            EffectsWriter(engine, Pipeline.FASTSTREAM),
            EffectsWriter(engine, Pipeline.FASTSTREAM, Role.SHADOW),
            self._committer,
            self.pressure,
            self.meter,
            self._fail,
        )
        self._listener.flow = self._flow
        broker = KafkaBroker(
            settings.kafka,
            client_id=SERVICE,
            security=broker_security(settings),
            logger=FASTSTREAM_LOG,
            log_level=logging.DEBUG,
            apply_types=False,
            consumer_only=True,
        )
        self.app = AsgiFastStream(broker, asgi_routes=http.routes(self), asyncapi_path="/asyncapi", logger=FASTSTREAM_LOG)
        self._subscriber = subscribe(broker, settings, self._listener, self._flow.submit)

    async def run(self, say: Callable[[State], bool] | None = None) -> ConsumerReport:
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self._stop.set)
        try:
            await self.app.start()
        except KafkaConnectionError as problem:
            raise unreachable(self._settings, problem) from problem
        memory.settle()
        jobs = [self._committer.run(), self._tick(), self._watch(), self._ask_services(), self._guard()]
        if say is not None:
            jobs.append(self._tell(say))
        tasks = [asyncio.create_task(self._supervised(job)) for job in jobs]
        announcing = asyncio.create_task(self._supervised(self._announcing.run()))
        try:
            await self._until_told()
        finally:
            await self._close(tasks, announcing)
        if self._failure is not None:
            raise self._failure
        return self._report()

    async def _tell(self, say: Callable[[State], bool]) -> None:
        """Nobody there to be told any more means that the supervisor is gone, and with it the reason to run."""
        while True:
            if not say(self.state()):
                self._stop.set()
                return
            await asyncio.sleep(TELL_SECONDS)

    async def _until_told(self) -> None:
        try:
            async with asyncio.timeout(self._options.timeout):
                await self._stop.wait()
        except TimeoutError:
            raise TimedOutError(
                f"not caught up after {self._options.timeout:g} s; {self.watch.lag if self.watch.lag is not None else 'an unknown number of'} records are left",
                "Give it more time with --timeout, or see `nljctl health` for what it waits for.",
            ) from None

    async def _close(self, tasks: Sequence[asyncio.Task[None]], announcing: asyncio.Task[None]) -> None:
        self._stop.set()
        consumer = self._kafka()
        if consumer is not None:
            consumer.pause(*consumer.assignment())
        await asyncio.gather(self._flow.close(), asyncio.wait([announcing], timeout=ANNOUNCE_SECONDS))
        for task in (*tasks, announcing):
            task.cancel()
        await asyncio.gather(*tasks, announcing, return_exceptions=True)
        await self.app.stop()

    def _kafka(self) -> AIOKafkaConsumer | None:
        consumer: AIOKafkaConsumer | None = self._subscriber.consumer
        return consumer

    async def _take_over(self, consumer: AIOKafkaConsumer, tps: Sequence[TopicPartition]) -> Start:
        return await take_over(
            self._engine,
            consumer,
            KafkaIdentity(self._settings, consumer),
            Pipeline.FASTSTREAM,
            (Role.LIVE, Role.SHADOW),
            tps,
            self._options.start_from or "earliest",
        )

    def failed(self, reason: str) -> None:
        self.pressure.began(ELASTICSEARCH, reason)

    def succeeded(self, documents: int, seconds: float) -> None:
        self.pressure.over(ELASTICSEARCH)
        self.meter.bulk.observe(seconds)
        self._size.written(documents, seconds)
        self._subscriber.max_records = self._size.limit

    async def rest(self, seconds: float) -> None:
        await self.pressure.rest(ELASTICSEARCH, seconds)

    def overloaded(self) -> None:
        self._size.refused()
        self._subscriber.max_records = self._size.limit

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
            self.pressure.settle()
            await self._flow.tick()

    async def _watch(self) -> None:
        while True:
            await self.watch.positions()
            if self._options.until_caught_up and self._at_the_end and await self._announcing.settled():
                await self.watch.positions()  # what was announced meanwhile is in the log, and read
                if self._at_the_end:
                    self._stop.set()
            ending = self._options.until_caught_up and (self.watch.lag or 0) < NEAR
            await asyncio.sleep(ENDING_SECONDS if ending else WATCH_SECONDS)

    @property
    def _at_the_end(self) -> bool:
        return self.watch.lag == 0 and self._flow.idle

    async def _guard(self) -> None:
        consumer = self._kafka()
        if consumer is not None:
            await guard(consumer, self._engine, Pipeline.FASTSTREAM)

    async def _ask_services(self) -> None:
        while True:
            await self.watch.services()
            await asyncio.sleep(WATCH_SECONDS)

    def _report(self) -> ConsumerReport:
        meter = self.meter
        return ConsumerReport(
            pipeline=Pipeline.FASTSTREAM,
            read=meter.read,
            stored=meter.outcome("stored"),
            duplicates=meter.outcome("duplicate"),
            conflicts=meter.outcome("conflict"),
            dead_lettered=meter.outcome("dead_lettered"),
            repaired=meter.repaired,
            retries=self.pressure.retries.total(),
            announced=self._announcing.published,
            effects=meter.effects,
            seconds=time.monotonic() - meter.started,
            positions={tp: position.statements_next for tp, position in self._flow.positions.items()},
        )

    def live(self) -> bool:
        return time.monotonic() - self._last_tick < 10 * TICK_SECONDS

    def ready(self) -> bool:
        consumer = self._kafka()
        return self._failure is None and consumer is not None and set(consumer.assignment()) <= set(self._flow.positions) and self.watch.lag is not None

    def state(self) -> State:
        consumer = self._kafka()
        return State(
            self._report(),
            self.reading(),
            ready=self.ready(),
            assigned=len(consumer.assignment()) if consumer is not None else 0,
            rising=self.watch.rising,
            stalled_seconds=self.watch.stalled_seconds,
            per_second=self.meter.per_second(),
            window=self.meter.window(),
            pauses=dict(self.pressure.pauses),
            unpublished=self._announcing.trouble,
            failure=None if self._failure is None else str(self._failure),
        )

    def health(self) -> dict[str, Any]:
        return health_of(self.state(), time.time())

    def stats(self) -> dict[str, Any]:
        return stats_of(self.state())

    def reading(self) -> Reading:
        meter = self.meter
        return Reading(
            Pipeline.FASTSTREAM,
            records=meter.records,
            lag=self.watch.lag,
            committed={tp: position.statements_next for tp, position in self._flow.positions.items()},
            retries=self.pressure.retries,
            paused={target: pause.reason for target, pause in self.pressure.pauses.items()},
            last_success=self.pressure.last_success,
            failures=meter.failures,
            repairs=meter.repairs,
            effects=asdict(meter.effects),
            bulk=meter.bulk,
            in_flight=self._flow.in_flight,
            oldest_seconds=self._flow.oldest_seconds,
            batch_limit=self._size.limit,
            commits_refused=self._committer.refused,
            announced=self._announcing.published,
            announcements_due=self._announcing.due,
        )
