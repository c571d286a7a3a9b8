"""Services of their own, without the rest of a stack, and one event loop for all runs."""

from __future__ import annotations

import asyncio
import shutil
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

import platform_rows
from doom import watch
from sqlalchemy.ext.asyncio import AsyncEngine

from nljctl import settings as configuration
from nljctl.effects import database
from nljctl.effects.schema import ensure_schema, seed_users
from nljctl.settings import Settings
from nljctl.stack.choice import open_runtime
from nljctl.stack.names import DATABASE

START_SECONDS = 300.0


@asynccontextmanager
async def services(home: Path, *names: str) -> AsyncIterator[Settings]:
    """Some services of a local stack, without the rest of it; gone afterwards."""
    told = {"NLJCTL_HOME": str(home), "NLJCTL_RUNTIME": "local"}
    runtime = open_runtime(configuration.load(environment=told, directory=home.parent))
    try:
        await runtime.start(names, timeout=START_SECONDS, notify=lambda _, __: None)
        yield configuration.load(environment=told, directory=home.parent)
    finally:
        await runtime.remove()


@asynccontextmanager
async def platform(settings: Settings) -> AsyncIterator[AsyncEngine]:
    """A Postgres with the platform's tables and people, and the witness of what happens in it."""
    async with database.engine(settings, name="property", pool_size=10) as engine:
        await ensure_schema(engine)
        await seed_users(engine)
        await platform_rows.prepare(engine)
        await engine.dispose()  # what `prepare` has set counts for new sessions
        yield engine


@asynccontextmanager
async def new_postgres(home: Path) -> AsyncIterator[AsyncEngine]:
    """A Postgres alone, in which dooms strike."""
    async with services(home, DATABASE) as settings, platform(settings) as engine:
        watch(engine)
        yield engine


@contextmanager
def simulation() -> Iterator[tuple[asyncio.Runner, AsyncEngine]]:
    """A loop and a Postgres in it."""
    folder = Path(tempfile.mkdtemp(prefix="nljctl-property-"))
    with asyncio.Runner() as runner:
        postgres = new_postgres(folder / "home")
        try:
            yield runner, runner.run(postgres.__aenter__())
        finally:
            runner.run(postgres.__aexit__(None, None, None))
            shutil.rmtree(folder, ignore_errors=True)
