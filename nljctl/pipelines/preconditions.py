"""What must be true before a consumer reads its first record."""

from __future__ import annotations

from sqlalchemy.ext.asyncio import AsyncEngine

from nljctl.effects import plans, progress
from nljctl.effects.plan import Pipeline
from nljctl.errors import ConfigurationError, UsageError
from nljctl.kafka.client import admin
from nljctl.kafka.offsets import committed
from nljctl.settings import Settings


async def expect_setup(engine: AsyncEngine) -> None:
    """Raises unless the plan exists (the engine itself says it when Postgres does not answer, or lacks the tables).

    Raises:
        ConfigurationError: there is no first epoch.
    """
    async with engine.begin() as connection:
        if not await plans.read_plan(connection):
            raise ConfigurationError("the platform has no first epoch: nobody owns the effects yet", "Run `nljctl setup`.", code="not-set-up")


async def expect_no_position(settings: Settings, engine: AsyncEngine, pipeline: Pipeline, group: str) -> None:
    """For `--from`: raises if the pipeline, or its group, has a position.

    Raises:
        UsageError: it has one; starting elsewhere would skip records or read them again.
        UnreachableError: Kafka does not answer.
    """
    async with engine.begin() as connection:
        known = bool(await progress.read(connection, pipeline))
    if not known:
        async with admin(settings) as client:
            known = bool(await committed(client, group))
    if known:
        raise UsageError(
            f"{pipeline} has a position already, so --from says nothing",
            "Leave --from out: the consumer goes on where it stood. Records before it are the business of `nljctl repair`.",
            code="has-position",
        )
