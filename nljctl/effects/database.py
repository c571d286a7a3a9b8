"""The one place where a Postgres engine is made, and where its absence gets words."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from nljctl.errors import UnreachableError
from nljctl.settings import Settings

CONNECT_SECONDS = 5.0

Unavailable = (OSError, TimeoutError, OperationalError, InterfaceError)
"""What SQLAlchemy and asyncpg raise when the server is away, rather than unwilling."""


@asynccontextmanager
async def engine(settings: Settings, *, name: str = "nljctl", pool_size: int = 5) -> AsyncIterator[AsyncEngine]:
    """An engine on the platform's database. `name` is its application_name: who holds a lock is said by it."""
    created = create_async_engine(
        settings.database_url(),
        pool_size=pool_size,
        pool_pre_ping=True,
        connect_args={"timeout": CONNECT_SECONDS, "server_settings": {"application_name": name}},
    )
    try:
        yield created
    finally:
        await created.dispose()


def unreachable(settings: Settings, problem: BaseException) -> UnreachableError:
    url = settings.database_url()
    cause = problem.orig if isinstance(problem, DBAPIError) and problem.orig else problem
    return UnreachableError(
        f"Postgres does not answer at {url.host}:{url.port or 5432}: {type(cause).__name__}",
        "Check DATABASE_URL and that the database runs (`nljctl status`, `nljctl up`).",
        code="database-unreachable",
    )
