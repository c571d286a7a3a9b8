"""The one place where a Postgres engine is made, and where its absence gets words."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from asyncpg import PostgresError
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError, ProgrammingError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from nljctl.errors import ConfigurationError, NljctlError, UnreachableError
from nljctl.settings import Settings

CONNECT_SECONDS = 5.0

Unavailable = (OSError, TimeoutError, OperationalError, InterfaceError)
"""What SQLAlchemy and asyncpg raise when the server is away, rather than unwilling."""


@asynccontextmanager
async def engine(settings: Settings, *, name: str = "nljctl", pool_size: int = 5) -> AsyncIterator[AsyncEngine]:
    """An engine on the platform's database. `name` is its application_name: who holds a lock is said by it.

    What a user of it does not handle leaves here in words:

    Raises:
        UnreachableError: Postgres does not answer.
        ConfigurationError: it refuses this user, or lacks nljctl's tables.
    """
    created = create_async_engine(
        settings.database_url(),
        pool_size=pool_size,
        pool_pre_ping=True,
        connect_args={"timeout": CONNECT_SECONDS, "server_settings": {"application_name": name}},
    )
    try:
        yield created
    except Unavailable as problem:
        raise unreachable(settings, problem) from problem
    except (PostgresError, ProgrammingError) as problem:
        raise in_words(problem) from problem
    finally:
        await created.dispose()


UNDEFINED = ("42P01", "3F000", "42703")
"""SQLSTATEs of a table, schema or column that is not there."""


def in_words(problem: PostgresError | ProgrammingError) -> NljctlError:
    """An error of the server as people see it."""
    cause = problem.orig if isinstance(problem, ProgrammingError) else problem
    sqlstate = getattr(cause, "sqlstate", "") or ""
    if sqlstate in UNDEFINED:
        return ConfigurationError("the database lacks nljctl's tables", "Run `nljctl setup`.", code="not-set-up")
    return ConfigurationError(f"Postgres refuses ({sqlstate}): {str(cause).splitlines()[0]}", "Check the user, the password and the database in DATABASE_URL.")


def unreachable(settings: Settings, problem: BaseException) -> UnreachableError:
    url = settings.database_url()
    cause = problem.orig if isinstance(problem, DBAPIError) and problem.orig else problem
    return UnreachableError(
        f"Postgres does not answer at {url.host}:{url.port or 5432}: {type(cause).__name__}",
        "Check DATABASE_URL and that the database runs (`nljctl status`, `nljctl up`).",
        code="database-unreachable",
    )
