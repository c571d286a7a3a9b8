"""How every Kafka client of nljctl connects, and what it says when it cannot."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any, TypeVar

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import ClusterAuthorizationFailedError, GroupAuthorizationFailedError, KafkaConnectionError, KafkaError, TopicAuthorizationFailedError

from nljctl.errors import ConfigurationError, NljctlError, UnreachableError
from nljctl.kafka.diagnosis import diagnose
from nljctl.kafka.security import security
from nljctl.settings import Settings

Client = TypeVar("Client", AIOKafkaConsumer, AIOKafkaProducer, AIOKafkaAdminClient)

REQUEST_TIMEOUT_MS = 15_000
STOP_SECONDS = 10.0
"""What a client gets to say goodbye; its sockets close with the process anyway."""
LARGEST_RECORD = 40 * 1024 * 1024
"""Bytes. Above what a topic takes, so that whatever the log holds can be read, and carried to the dead-letter topic whole."""


NOT_ALLOWED = (ClusterAuthorizationFailedError, GroupAuthorizationFailedError, TopicAuthorizationFailedError)
"""What the broker's access lists say; no waiting changes it."""


def connection(settings: Settings) -> dict[str, Any]:
    """Keyword arguments that aiokafka's consumer, producer and admin client share. FastStream's broker has kafka/broker_security.py.

    Raises:
        ConfigurationError: the security settings contradict each other.
    """
    return {
        "bootstrap_servers": settings.kafka,
        "client_id": settings.kafka_client_id,
        "request_timeout_ms": REQUEST_TIMEOUT_MS,
        **security(settings).arguments(),
    }


async def refusal(settings: Settings, problem: Exception) -> NljctlError:
    """As `unreachable`, for a client that did not get in at all: the broker is asked why."""
    if isinstance(problem, KafkaConnectionError):
        return await diagnose(settings.kafka, security(settings)) or unreachable(settings, problem)
    return unreachable(settings, problem)


def unreachable(settings: Settings, problem: Exception) -> NljctlError:
    """What a Kafka client's failure means to people."""
    if isinstance(problem, ValueError):
        return ConfigurationError(f"{settings.kafka} names no Kafka: {problem}", "KAFKA_BOOTSTRAP_SERVERS looks like host:9092, or host:9092,other:9092.")
    if isinstance(problem, KafkaError) and not isinstance(problem, KafkaConnectionError):
        return NljctlError(
            f"Kafka at {settings.kafka} refuses: {type(problem).__name__}",
            "Check KAFKA_SECURITY_PROTOCOL, KAFKA_SASL_* and the rights of that user.",
            code="kafka-refused",
        )
    return UnreachableError(
        f"Kafka does not answer at {settings.kafka}: {type(problem).__name__}",
        "Check KAFKA_BOOTSTRAP_SERVERS and that the broker runs (`nljctl status`, `nljctl up`).",
        code="kafka-unreachable",
    )


@asynccontextmanager
async def consumer(settings: Settings, **more: Any) -> AsyncIterator[AIOKafkaConsumer]:
    """A started consumer without group unless `more` names one.

    Raises:
        NljctlError: no broker answers (UnreachableError), or it refuses this client.
    """
    arguments = {"enable_auto_commit": False, "auto_offset_reset": "none", "max_partition_fetch_bytes": 4 * 1024 * 1024, **more}
    client = AIOKafkaConsumer(**connection(settings), **arguments)
    async with _started(settings, client, client.stop):
        await asyncio.sleep(0)  # lets the client's own tasks begin: stopping one that has not begun raises CancelledError in aiokafka 0.14
        yield client


@asynccontextmanager
async def producer(settings: Settings, *, patience: float | None = None, **more: Any) -> AsyncIterator[AIOKafkaProducer]:
    """A started idempotent producer: what it acknowledges is in the log once, in order.

    Args:
        settings: where Kafka is.
        patience: seconds for what it still holds when it is stopped; None waits until that is sent or has failed.
        more: of aiokafka's arguments.

    Raises:
        NljctlError: no broker answers (UnreachableError), or it refuses this client.
    """
    client = AIOKafkaProducer(**connection(settings), **{"acks": "all", "enable_idempotence": True, "max_request_size": LARGEST_RECORD, **more})
    async with _started(settings, client, client.stop, patience):
        yield client


@asynccontextmanager
async def admin(settings: Settings) -> AsyncIterator[AIOKafkaAdminClient]:
    """A started admin client.

    Raises:
        NljctlError: no broker answers (UnreachableError), or it refuses this client.
    """
    client = AIOKafkaAdminClient(**connection(settings))
    async with _started(settings, client, client.close, patience=None):
        yield client


@asynccontextmanager
async def _started(settings: Settings, client: Client, stop: Callable[[], Awaitable[None]], patience: float | None = STOP_SECONDS) -> AsyncIterator[None]:
    """Starts a client and stops it in the end, for which it gets `patience` seconds."""
    try:
        await client.start()
    except (KafkaError, ValueError) as problem:
        await stop()
        raise await refusal(settings, problem) from problem
    try:
        yield
    except NOT_ALLOWED as problem:
        raise unreachable(settings, problem) from problem
    finally:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(patience):
                await stop()
