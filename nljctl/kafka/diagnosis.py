"""Why Kafka did not let a client in. aiokafka says only that it could not bootstrap; this asks each broker once more, and listens."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace

from aiokafka.conn import AIOKafkaConnection, collect_hosts, create_conn
from aiokafka.errors import IllegalSaslStateError, KafkaConnectionError, KafkaError, SaslAuthenticationFailed, UnsupportedSaslMechanismError
from aiokafka.protocol.admin import SaslHandShakeRequest
from aiokafka.protocol.metadata import MetadataRequest

from nljctl import tls
from nljctl.errors import ConfigurationError
from nljctl.kafka.security import MECHANISMS, Security

SECONDS = 5.0
"""For all brokers together: whoever waits has waited for the client already."""

CLIENT = "nljctl"
CODE = "kafka-refused"


async def diagnose(bootstrap: str, security: Security) -> ConfigurationError | None:
    """What is wrong with the settings, by the first broker that tells; None if none does (it is away, or it answers by now)."""
    try:
        async with asyncio.timeout(SECONDS):
            for host, port, _ in collect_hosts(bootstrap, randomize=False):
                found = await _ask(host, port, security)
                if found is not None:
                    return found
    except TimeoutError:
        return None
    return None


async def _ask(host: str, port: int, security: Security) -> ConfigurationError | None:
    where = f"Kafka at {host}:{port}"
    try:
        async with _connected(host, port, security) as connection:
            await connection.send(MetadataRequest([]))
    except SaslAuthenticationFailed:
        return _refusal(f"{where} does not accept KAFKA_SASL_USERNAME {security.username} with its password", f"Check both, for {security.mechanism}.")
    except UnsupportedSaslMechanismError:
        return _other_mechanism(where, security, await _mechanisms(host, port, security))
    except IllegalSaslStateError:
        return _refusal(f"{where} asks for no user and password there", f"Set KAFKA_SECURITY_PROTOCOL to {_without_sasl(security)}, or name another port.")
    except (KafkaError, OSError, ValueError) as problem:
        return await _transport(host, port, security, problem)
    return None


async def _transport(host: str, port: int, security: Security, problem: Exception) -> ConfigurationError | None:
    where = f"Kafka at {host}:{port}"
    if security.context is not None and (words := tls.in_words(problem)):
        return _refusal(f"{where} {words}", _TLS_HINTS.get(words, "Check KAFKA_SSL_CAFILE, KAFKA_SSL_CERTFILE and the host name in KAFKA_BOOTSTRAP_SERVERS."))
    if not isinstance(problem, KafkaConnectionError | ConnectionError) or isinstance(problem, ConnectionRefusedError):
        return None
    if security.context is None and await tls.speaks_tls(host, port):
        wanted = "SASL_SSL" if security.mechanism else "SSL or SASL_SSL"
        return _refusal(
            f"{where} speaks TLS, and KAFKA_SECURITY_PROTOCOL is {security.protocol}", f"Set KAFKA_SECURITY_PROTOCOL to {wanted}, and KAFKA_SSL_CAFILE."
        )
    if security.context is not None and await _answers(host, port, Security("PLAINTEXT")):
        return _refusal(f"{where} does not speak TLS", _TLS_HINTS["does not speak TLS"])
    if security.mechanism is None and (offered := await _mechanisms(host, port, security)):
        return _refusal(
            f"{where} wants a user and a password ({', '.join(offered)})",
            f"Set KAFKA_SECURITY_PROTOCOL to SASL_{security.protocol}, KAFKA_SASL_MECHANISM, KAFKA_SASL_USERNAME and KAFKA_SASL_PASSWORD.",
        )
    return None


_TLS_HINTS = {"does not speak TLS": "Set KAFKA_SECURITY_PROTOCOL to PLAINTEXT or SASL_PLAINTEXT, or name the port that does."}


def _other_mechanism(where: str, security: Security, offered: Sequence[str]) -> ConfigurationError:
    usable = [name for name in offered if name in MECHANISMS]
    hint = f"Set KAFKA_SASL_MECHANISM to {' or '.join(usable)}." if usable else f"nljctl knows {', '.join(MECHANISMS)}; give the listener one of them."
    return _refusal(f"{where} does not offer {security.mechanism}, but {', '.join(offered) or 'nothing else'}", hint)


async def _mechanisms(host: str, port: int, security: Security) -> list[str]:
    """What the listener offers; empty where it does not authenticate."""
    try:
        async with _connected(host, port, replace(security, protocol=_without_sasl(security), mechanism=None)) as connection:
            return sorted((await connection.send(SaslHandShakeRequest("none"))).enabled_mechanisms)
    except (KafkaError, OSError):
        return []


async def _answers(host: str, port: int, security: Security) -> bool:
    try:
        async with _connected(host, port, security):
            return True
    except (KafkaError, OSError, ValueError):
        return False


@asynccontextmanager
async def _connected(host: str, port: int, security: Security) -> AsyncIterator[AIOKafkaConnection]:
    connection = await create_conn(host, port, client_id=CLIENT, request_timeout_ms=int(SECONDS * 1000), **security.arguments())
    try:
        yield connection
    finally:
        connection.close()


def _without_sasl(security: Security) -> str:
    return "PLAINTEXT" if security.context is None else "SSL"


def _refusal(message: str, hint: str) -> ConfigurationError:
    return ConfigurationError(message, hint, code=CODE)
