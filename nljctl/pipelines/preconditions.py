"""What must be true before a consumer reads its first record."""

from __future__ import annotations

from collections.abc import Collection

from aiokafka.errors import KafkaError
from sqlalchemy.ext.asyncio import AsyncEngine

from nljctl.catalogue.topics import SUBSCRIBED
from nljctl.effects import plans, progress
from nljctl.effects.plan import Pipeline
from nljctl.errors import ConfigurationError, UsageError
from nljctl.kafka.client import admin, unreachable
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


async def expect_no_position(settings: Settings, engine: AsyncEngine, pipeline: Pipeline, group: str, topics: Collection[str] = SUBSCRIBED) -> None:
    """For `--from`: raises if the pipeline, or its group, has a position in one of its topics.

    Raises:
        UsageError: it has one; starting elsewhere would skip records or read them again.
        UnreachableError: Kafka does not answer.
    """
    async with engine.begin() as connection:
        known = set(await progress.read(connection, pipeline))
    async with admin(settings) as client:
        try:
            known |= set(await committed(client, group))
        except KafkaError as problem:
            raise unreachable(settings, problem) from problem
    if any(tp.topic in topics for tp in known):
        raise UsageError(
            f"{pipeline} has a position already, so --from says nothing",
            "Leave --from out: the consumer goes on where it stood. Records before it are the business of `nljctl repair`.",
            code="has-position",
        )
