"""The one place where a Postgres engine is made, and where its absence gets words."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import asyncpg
from asyncpg import PostgresError
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError, ProgrammingError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from nljctl import tls
from nljctl.effects import libpq
from nljctl.effects.deadline import SERVER_SETTINGS
from nljctl.errors import ConfigurationError, NljctlError, UnreachableError
from nljctl.settings import Settings

CHECK_TLS = "Check sslmode, sslrootcert, sslcert and the host name in DATABASE_URL."
CHECK_CREDENTIALS = "Check the user, the database, and the password in DATABASE_URL, DATABASE_PASSWORD or its file."

Unavailable = (OSError, TimeoutError, OperationalError, InterfaceError)
"""What SQLAlchemy and asyncpg raise when the server is away, rather than unwilling."""


@asynccontextmanager
async def engine(settings: Settings, *, name: str = "nljctl", pool_size: int = 5) -> AsyncIterator[AsyncEngine]:
    """An engine on the platform's database. `name` is its application_name: who holds a lock is said by it.

    What a user of it does not handle leaves here in words:

    Raises:
        UnreachableError: Postgres does not answer.
        ConfigurationError: it refuses this user or its certificate is refused, it lacks nljctl's tables, or DATABASE_URL cannot be meant.
    """
    address = libpq.read(settings.require("database"))

    async def connect(*_: Any, **__: Any) -> Any:
        # By the URL as psql reads it, not by the parts that SQLAlchemy would make of it.
        return await asyncpg.connect(address.dsn, server_settings={"application_name": name, **SERVER_SETTINGS}, **address.arguments)

    created = create_async_engine("postgresql+asyncpg://", pool_size=pool_size, async_creator=connect, connect_args=dict(address.caches))
    try:
        yield created
    except Unavailable as problem:
        raise unreachable(settings, problem) from problem
    except (PostgresError, ProgrammingError) as problem:
        raise in_words(problem) from problem
    except DBAPIError as problem:
        if not _sqlstate(problem).startswith((*NOT_LET_IN, *NOT_NOW)):
            raise
        raise in_words(problem) from problem
    finally:
        await created.dispose()


NOT_ENCRYPTED = "no encryption"
"""How the server's sentence ends when only encrypted connections are let in."""

NO_TLS = "rejected SSL upgrade"
"""asyncpg's words for a server without certificate."""

NOT_LET_IN = ("28", "3D")
NOT_NOW = ("53", "57")
"""SQLSTATE classes: credentials or a database that the server does not have; one that starts, stops, or is full."""

UNDEFINED = ("42P01", "3F000", "42703")
"""SQLSTATEs of a table, schema or column that is not there."""


def in_words(problem: PostgresError | DBAPIError) -> NljctlError:
    """An error of the server as people see it."""
    cause = (problem.orig and problem.orig.__cause__) or problem.orig if isinstance(problem, DBAPIError) else problem
    sqlstate, words = _sqlstate(problem), str(cause).splitlines()[0]
    if sqlstate in UNDEFINED:
        return ConfigurationError("the database lacks nljctl's tables", "Run `nljctl setup`.", code="not-set-up")
    if sqlstate.startswith(NOT_NOW):
        return UnreachableError(f"Postgres cannot serve now ({sqlstate}): {words}", "Wait for it, or see its log.", code="database-unreachable")
    hint = CHECK_CREDENTIALS
    if NOT_ENCRYPTED in words:
        hint = "This server wants TLS: add sslmode=require, or verify-full and sslrootcert, to DATABASE_URL."
    return ConfigurationError(f"Postgres refuses ({sqlstate}): {words}", hint)


def _sqlstate(problem: PostgresError | DBAPIError) -> str:
    return str(getattr(problem.orig if isinstance(problem, DBAPIError) else problem, "sqlstate", None) or "")


def unreachable(settings: Settings, problem: BaseException) -> NljctlError:
    """An error of the connection: of its encryption, or nobody answers."""
    shown = libpq.read(settings.require("database")).shown
    cause = problem.orig if isinstance(problem, DBAPIError) and problem.orig else problem
    if NO_TLS in str(cause):
        return ConfigurationError(f"Postgres at {shown} does not speak TLS", "Leave sslmode out of DATABASE_URL, or give the server a certificate (ssl=on).")
    if isinstance(cause.__cause__, asyncpg.ClientConfigurationError):  # no root certificate, no user name: the driver did not even try
        return ConfigurationError(f"Postgres at {shown} cannot be reached so: {str(cause.__cause__).splitlines()[0]}", CHECK_TLS)
    if words := tls.in_words(cause):
        return ConfigurationError(f"Postgres at {shown} {words}", CHECK_TLS)
    return UnreachableError(
        f"Postgres does not answer at {shown}: {type(cause).__name__}",
        "Check DATABASE_URL and that the database runs (`nljctl status`, `nljctl up`).",
        code="database-unreachable",
    )
