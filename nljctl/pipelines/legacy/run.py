"""`run_legacy`: opens what the legacy consumer talks to, runs it until told to stop, and gives its report."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import signal
from collections.abc import Iterator
from contextlib import AsyncExitStack

from aiokafka import AIOKafkaConsumer
from aiokafka.errors import KafkaError

from nljctl.effects import database
from nljctl.effects.deadline import limit_commands
from nljctl.effects.plan import Pipeline
from nljctl.kafka.client import consumer, unreachable
from nljctl.pipelines import http
from nljctl.pipelines.legacy.health import SERVICE
from nljctl.pipelines.legacy.membership import WAIT_SECONDS
from nljctl.pipelines.legacy.process import LegacyOptions, LegacyProcess
from nljctl.pipelines.legacy.ralph import ralph
from nljctl.pipelines.preconditions import expect_no_position, expect_setup
from nljctl.pipelines.report import ConsumerReport
from nljctl.settings import Settings

log = logging.getLogger("nljctl.legacy")

AUTO_COMMIT_MS = 5_000
LEAVE_SECONDS = 3.0
NEVER_IDLE_MS = 24 * 3600 * 1000
"""aiokafka leaves the group when nobody polls for so long. This consumer keeps its place while it waits for a service."""


async def run_legacy(settings: Settings, options: LegacyOptions) -> ConsumerReport:
    """Consumes until SIGTERM or SIGINT, or until caught up; finishes the record in hand and gives its report.

    Raises:
        ConfigurationError: Ralph is not configured, or `setup` has not been run.
        UnreachableError: Kafka or Postgres does not answer at the start (later, both are waited for, and Ralph always is).
        UsageError: `start_from` is given, and there is a position already.
        TimedOutError: `options.timeout` seconds have passed.
    """
    settings.together("kafka", "database", "ralph")
    stop = asyncio.Event()
    async with AsyncExitStack() as stack:
        stack.enter_context(_signals(stop))
        client = await stack.enter_async_context(ralph(settings))
        engine = await stack.enter_async_context(database.engine(settings, name=SERVICE))
        limit_commands(engine)
        await expect_setup(engine)
        if options.start_from is not None:
            await expect_no_position(settings, engine, Pipeline.LEGACY, settings.require("legacy_group"), options.routes.topics)
        kafka = await stack.enter_async_context(
            consumer(
                settings,
                group_id=settings.require("legacy_group"),
                enable_auto_commit=True,
                auto_commit_interval_ms=AUTO_COMMIT_MS,
                auto_offset_reset="earliest",
                max_poll_interval_ms=NEVER_IDLE_MS,
                rebalance_timeout_ms=int(2 * WAIT_SECONDS * 1000),
            )
        )
        process = LegacyProcess(settings, options, engine, client, kafka, stop)
        port = await stack.enter_async_context(http.serve(http.application(process), options.host, options.port))
        log.info("listening on http://%s:%d", options.host, port)
        try:
            return await process.run()
        except KafkaError as problem:
            raise unreachable(settings, problem) from problem
        finally:
            await _leave(kafka)


async def _leave(kafka: AIOKafkaConsumer) -> None:
    """Leaves the group. Without a broker to say it to, that would take for ever: the broker then finds out by itself."""
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(LEAVE_SECONDS):
            await kafka.stop()


@contextlib.contextmanager
def _signals(stop: asyncio.Event) -> Iterator[None]:
    """SIGTERM and SIGINT set `stop`, and nothing else."""
    loop = asyncio.get_running_loop()
    numbers = (signal.SIGTERM, signal.SIGINT)
    for number in numbers:
        loop.add_signal_handler(number, stop.set)
    try:
        yield
    finally:
        for number in numbers:
            loop.remove_signal_handler(number)
