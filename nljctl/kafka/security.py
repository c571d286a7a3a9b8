"""How a client of Kafka is encrypted and authenticated: KAFKA_SECURITY_PROTOCOL and what belongs to it, checked and in one value."""

from __future__ import annotations

import ssl
from dataclasses import dataclass, field
from typing import Any

from nljctl import tls
from nljctl.errors import ConfigurationError
from nljctl.settings import Settings

PROTOCOLS = ("PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL")
MECHANISMS = ("PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512")

_OF_SASL = ("kafka_sasl_mechanism", "kafka_sasl_username", "kafka_sasl_password")
_OF_TLS = ("kafka_ssl_cafile", "kafka_ssl_certfile", "kafka_ssl_keyfile", "kafka_ssl_key_password")


@dataclass(frozen=True, slots=True)
class Security:
    """`context` is None without TLS; `mechanism`, `username` and `password` are None without SASL."""

    protocol: str
    context: ssl.SSLContext | None = None
    mechanism: str | None = None
    username: str | None = None
    password: str | None = field(default=None, repr=False)

    def arguments(self) -> dict[str, Any]:
        """Keyword arguments of aiokafka's clients."""
        return {
            "security_protocol": self.protocol,
            "ssl_context": self.context,
            "sasl_mechanism": self.mechanism or "PLAIN",
            "sasl_plain_username": self.username,
            "sasl_plain_password": self.password,
        }


def security(settings: Settings) -> Security:
    """What the settings ask for.

    Raises:
        ConfigurationError: an unknown protocol or mechanism, something that is missing, or something that the protocol does not use.
    """
    protocol = _one_of(settings, "kafka_security_protocol", PROTOCOLS)
    mechanism = username = password = None
    if protocol.startswith("SASL"):
        mechanism = _one_of(settings, "kafka_sasl_mechanism", MECHANISMS, default="PLAIN")
        username, password = settings.kafka_sasl_username, settings.kafka_sasl_password
        if missing := [name for name in ("kafka_sasl_username", "kafka_sasl_password") if not settings.values[name]]:
            raise ConfigurationError(
                f"KAFKA_SECURITY_PROTOCOL={protocol} needs {_named(settings, missing)}", "A password may also be in a file: KAFKA_SASL_PASSWORD_FILE."
            )
    else:
        _unused(settings, protocol, _OF_SASL, "SASL_PLAINTEXT or SASL_SSL")
    if not protocol.endswith("SSL"):
        _unused(settings, protocol, _OF_TLS, "SSL or SASL_SSL")
    return Security(protocol, _context(settings) if protocol.endswith("SSL") else None, mechanism, username, password)


def _context(settings: Settings) -> ssl.SSLContext:
    if settings.kafka_ssl_keyfile and not settings.kafka_ssl_certfile:
        raise ConfigurationError("KAFKA_SSL_KEYFILE needs KAFKA_SSL_CERTFILE", "Set both, or neither.")
    named = {name: (settings.variables[name], settings.values[name]) for name in _OF_TLS}
    return tls.client_context(named["kafka_ssl_cafile"], named["kafka_ssl_certfile"], named["kafka_ssl_keyfile"], settings.kafka_ssl_key_password)


def _one_of(settings: Settings, name: str, allowed: tuple[str, ...], default: str | None = None) -> str:
    value = (settings.values[name] or default or "").upper()
    if value not in allowed:
        raise ConfigurationError(f"{settings.variables[name]} is {settings.values[name]!r}", f"It is one of {', '.join(allowed)}.")
    return value


def _unused(settings: Settings, protocol: str, names: tuple[str, ...], wanted: str) -> None:
    """What is set and would not be used was meant for another protocol: going on in the clear would be the wrong guess."""
    if given := [name for name in names if settings.values[name]]:
        raise ConfigurationError(f"KAFKA_SECURITY_PROTOCOL={protocol} does not use {_named(settings, given)}", f"Set KAFKA_SECURITY_PROTOCOL to {wanted}.")


def _named(settings: Settings, names: list[str]) -> str:
    return " and ".join(settings.variables[name] for name in names)
