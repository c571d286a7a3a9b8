"""Through which runtime a platform's services may be started and stopped: the one that it was started with, which its database remembers."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncEngine

from nljctl.effects import database
from nljctl.effects.ledger_tables import stack
from nljctl.errors import RefusedError
from nljctl.settings import Settings
from nljctl.stack.runtime import Runtime


async def remember(engine: AsyncEngine, runtime: str, location: str) -> None:
    """The platform was started with this runtime. The first one stays."""
    async with engine.begin() as connection:
        if (await connection.execute(select(stack.c.runtime).limit(1))).first() is None:
            await connection.execute(insert(stack).values(runtime=runtime, location=location).on_conflict_do_nothing())


async def expect(settings: Settings, runtime: Runtime) -> None:
    """Refuses to act on a platform through a runtime that does not run it.

    Raises:
        RefusedError: another runtime started it, or the endpoints are not those of the stack that this runtime would act on.
        ConfigurationError: nothing is set up.
        UnreachableError: Postgres does not answer.
    """
    async with database.engine(settings, name="nljctl runtime") as engine, engine.connect() as connection:
        started = (await connection.execute(select(stack.c.runtime))).scalars().all()
    if started and runtime.name not in started:
        raise RefusedError(
            f"this platform was started by the runtime {started[0]}, and {runtime.name} would start and stop services elsewhere",
            f"Use --runtime {started[0]} where it runs.",
            code="other-runtime",
        )
    own = runtime.endpoints().get("kafka")
    if own is not None and not settings.own_stack and own != settings.kafka:
        raise RefusedError(
            f"the stack of this runtime has its Kafka at {own}, but the settings name {settings.kafka}",
            "Take the endpoints out of flags, environment and nljctl.toml, or set NLJCTL_HOME to the stack that is meant.",
            code="other-stack",
        )
