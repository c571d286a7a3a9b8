"""DATABASE_URL as psql reads it, given to asyncpg.

asyncpg understands most of a libpq URL, TLS among it. The rest is translated here, left out where it cannot matter, or refused: a parameter
that asyncpg does not know would be sent to the server as one of its settings.
"""

from __future__ import annotations

import os
import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, unquote, urlencode, urlsplit

from nljctl import tls
from nljctl.errors import ConfigurationError

CONNECT_SECONDS = 5.0
EXAMPLE = "It looks like postgresql://user:password@host:5432/database?sslmode=verify-full&sslrootcert=ca.pem"

SSL_MODES = ("disable", "allow", "prefer", "require", "verify-ca", "verify-full")
SYSTEM = "system"
"""`sslrootcert=system`: the authorities that the machine trusts."""

_FILES = ("sslrootcert", "sslcert", "sslkey", "sslcrl")
_ASYNCPG = frozenset(
    {*_FILES, "host", "port", "dbname", "user", "password", "passfile", "service", "sslmode", "sslpassword", "sslnegotiation", "target_session_attrs"}
    | {"ssl_min_protocol_version", "ssl_max_protocol_version", "krbsrvname", "gsslib", "options"}
)
_DRIVER = frozenset({"prepared_statement_cache_size", "statement_cache_size"})
"""SQLAlchemy's and asyncpg's own, for databases behind pgbouncer."""

_LEFT_OUT = frozenset(
    {"application_name", "fallback_application_name", "client_encoding", "gssdelegation", "sslcompression", "sslsni", "sslcertmode", "tcp_user_timeout"}
    | {"keepalives", "keepalives_idle", "keepalives_interval", "keepalives_count", "load_balance_hosts"}
)
_WITHOUT: Mapping[str, frozenset[str]] = {"channel_binding": frozenset({"disable", "prefer"}), "gssencmode": frozenset({"disable", "prefer"})}
"""What asyncpg cannot do, and the values that do not insist on it."""


@dataclass(frozen=True, slots=True)
class Address:
    """`shown` is host and port, for people. `dsn`, `arguments` go to `asyncpg.connect`, `caches` to SQLAlchemy."""

    shown: str
    dsn: str = field(repr=False)
    arguments: Mapping[str, Any]
    caches: Mapping[str, int]


def read(url: str) -> Address:
    """What to connect with.

    Raises:
        ConfigurationError: it is no Postgres URL, names a file that cannot be read, or asks for what asyncpg cannot do.
    """
    try:
        parts = urlsplit(url)
        asked = dict(parse_qsl(parts.query, strict_parsing=True)) if parts.query else {}
    except ValueError:  # whose words may repeat the URL
        raise ConfigurationError("DATABASE_URL is not a database URL", EXAMPLE) from None
    if not parts.scheme:
        raise ConfigurationError("DATABASE_URL is not a database URL", EXAMPLE)
    if parts.scheme.partition("+")[0] not in ("postgresql", "postgres"):
        raise ConfigurationError(f"DATABASE_URL names {parts.scheme}, but the platform's database is Postgres", EXAMPLE)
    asked = _translated(asked)
    arguments = {"timeout": _seconds(asked.pop("connect_timeout", None)), **_system_roots(asked)}
    caches = {name: _number(name, asked.pop(name)) for name in _DRIVER & set(asked)}
    if "statement_cache_size" in caches:
        arguments["statement_cache_size"] = caches.pop("statement_cache_size")
    dsn = parts._replace(scheme="postgresql", query=urlencode(asked), fragment="").geturl()
    return Address(_shown(parts.netloc, asked), dsn, arguments, caches)


def _translated(asked: Mapping[str, str]) -> dict[str, str]:
    kept: dict[str, str] = {}
    for name, value in asked.items():
        if name == "ssl":  # as SQLAlchemy's asyncpg dialect spells sslmode
            kept.setdefault("sslmode", {"true": "verify-full", "false": "disable"}.get(value.lower(), value))
        elif name in _WITHOUT:
            if value not in _WITHOUT[name]:
                raise ConfigurationError(
                    f"DATABASE_URL asks for {name}={value}, which nljctl's driver cannot do", f"Leave it out, or use sslmode={SSL_MODES[-1]}."
                )
        elif name in _ASYNCPG or name in _DRIVER or name == "connect_timeout":
            kept[name] = value
        elif name not in _LEFT_OUT:
            raise ConfigurationError(f"DATABASE_URL holds the parameter {name}, which psql does not know either", EXAMPLE)
    if kept.get("sslmode", "prefer") not in SSL_MODES:
        raise ConfigurationError(f"DATABASE_URL asks for sslmode={kept['sslmode']}", f"It is one of {', '.join(SSL_MODES)}.")
    for name in _FILES:
        if not (name == "sslrootcert" and kept.get(name) == SYSTEM):
            tls.readable(f"DATABASE_URL's {name}", kept.get(name))
    return kept


def _system_roots(asked: dict[str, str]) -> dict[str, ssl.SSLContext]:
    """libpq's `sslrootcert=system`, which asyncpg would take for a file. Nothing weaker than verify-full makes sense with it, says libpq."""
    if asked.get("sslrootcert") != SYSTEM:
        return {}
    if asked.pop("sslmode", "verify-full") != "verify-full":
        raise ConfigurationError("DATABASE_URL asks for a weak sslmode with sslrootcert=system", "Use sslmode=verify-full with it.")
    del asked["sslrootcert"]
    certificate, key, password = (asked.pop(name, None) for name in ("sslcert", "sslkey", "sslpassword"))
    return {"ssl": tls.client_context(("sslrootcert", None), ("DATABASE_URL's sslcert", certificate), ("DATABASE_URL's sslkey", key), password)}


def _seconds(value: str | None) -> float:
    """libpq waits at least two seconds, and for ever with 0, which nobody at a prompt wants."""
    return CONNECT_SECONDS if value is None or _number("connect_timeout", value) <= 0 else max(2.0, float(value))


def _number(name: str, value: str) -> int:
    try:
        return int(value)
    except ValueError:
        raise ConfigurationError(f"DATABASE_URL asks for {name}={value}", "It is a whole number.") from None


def _shown(netloc: str, asked: Mapping[str, str]) -> str:
    hosts = unquote(netloc.rpartition("@")[2]) or asked.get("host") or os.environ.get("PGHOST") or "localhost"
    port = asked.get("port") or os.environ.get("PGPORT") or "5432"
    return ",".join(host if host.startswith("/") or ":" in host.rpartition("]")[2] else f"{host}:{port}" for host in hosts.split(","))
