"""How every Kafka client of nljctl connects, and what it says when it cannot."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import KafkaConnectionError, KafkaError
from aiokafka.helpers import create_ssl_context

from nljctl.errors import ConfigurationError, NljctlError, UnreachableError
from nljctl.settings import Settings

REQUEST_TIMEOUT_MS = 15_000
STOP_SECONDS = 10.0
"""What a client gets to say goodbye; its sockets close with the process anyway."""
LARGEST_RECORD = 40 * 1024 * 1024
"""Bytes. Above what a topic takes, so that whatever the log holds can be read, and carried to the dead-letter topic whole."""


def connection(settings: Settings) -> dict[str, Any]:
    """Keyword arguments that aiokafka's consumer, producer and admin client share."""
    protocol = settings.kafka_security_protocol
    return {
        "bootstrap_servers": settings.kafka,
        "client_id": settings.kafka_client_id,
        "request_timeout_ms": REQUEST_TIMEOUT_MS,
        "security_protocol": protocol,
        "ssl_context": create_ssl_context() if protocol.endswith("SSL") else None,
        "sasl_mechanism": settings.kafka_sasl_mechanism or "PLAIN",
        "sasl_plain_username": settings.kafka_sasl_username,
        "sasl_plain_password": settings.kafka_sasl_password,
    }


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
    try:
        await client.start()
    except (KafkaError, ValueError) as problem:
        await client.stop()
        raise unreachable(settings, problem) from problem
    await asyncio.sleep(0)  # lets the client's own tasks begin: stopping one that has not begun raises CancelledError in aiokafka 0.14
    try:
        yield client
    finally:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(STOP_SECONDS):
                await client.stop()


@asynccontextmanager
async def producer(settings: Settings, **more: Any) -> AsyncIterator[AIOKafkaProducer]:
    """A started idempotent producer: what it acknowledges is in the log once, in order.

    Raises:
        NljctlError: no broker answers (UnreachableError), or it refuses this client.
    """
    client = AIOKafkaProducer(**connection(settings), **{"acks": "all", "enable_idempotence": True, "max_request_size": LARGEST_RECORD, **more})
    try:
        await client.start()
    except (KafkaError, ValueError) as problem:
        await client.stop()
        raise unreachable(settings, problem) from problem
    try:
        yield client
    finally:
        await client.stop()


@asynccontextmanager
async def admin(settings: Settings) -> AsyncIterator[AIOKafkaAdminClient]:
    """A started admin client.

    Raises:
        NljctlError: no broker answers (UnreachableError), or it refuses this client.
    """
    client = AIOKafkaAdminClient(**connection(settings))
    try:
        await client.start()
    except (KafkaError, ValueError) as problem:
        await client.close()
        raise unreachable(settings, problem) from problem
    try:
        yield client
    finally:
        await client.close()
