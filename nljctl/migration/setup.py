"""`nljctl setup`: topics, indices, alias, tables, the first epoch. Idempotent; what exists stays as it is."""

from __future__ import annotations

import getpass
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from sqlalchemy.ext.asyncio import AsyncEngine

from nljctl.catalogue.topics import SUBSCRIBED, TOPICS
from nljctl.effects import database, plans
from nljctl.effects.locks import own_plan
from nljctl.effects.plan import Pipeline
from nljctl.effects.schema import ensure_schema, has_users, seed_users
from nljctl.effects.shadow import WHOLE, begin_from_rows
from nljctl.kafka.client import admin
from nljctl.kafka.offsets import partitions
from nljctl.kafka.topics import TopicSpec, dead_letters, ensure_topics
from nljctl.migration.acting import remember
from nljctl.migration.fencing import ensure_positions
from nljctl.migration.shares import require
from nljctl.migration.states import State
from nljctl.settings import Settings
from nljctl.store.client import elasticsearch
from nljctl.store.index import ensure_indices, move_reads

PLAN_LOCK_SECONDS = 30.0

Samples: TypeAlias = Literal["always", "new", "none"]


@dataclass(slots=True)
class SetupReport:
    """What was made now and what was there, each as `kind name`."""

    created: list[str] = field(default_factory=list)
    existing: list[str] = field(default_factory=list)

    def note(self, made: dict[str, bool]) -> None:
        for name, is_new in made.items():
            (self.created if is_new else self.existing).append(name)


async def setup(settings: Settings, *, owner: Pipeline | None = Pipeline.LEGACY, samples: Samples = "none", from_rows: bool = False) -> SetupReport:
    """Makes all that is missing.

    Args:
        settings: endpoints and names.
        owner: who owns all effects in the first epoch, if there is none yet; None leaves that to a later setup.
        samples: whether the people of the samples become users: always, or only in a database that has no user yet, or not at all.
        from_rows: the shadow begins with the platform's present rows; before faststream has ever run.

    Raises:
        UnreachableError: Kafka, Postgres or Elasticsearch does not answer.
        RefusedError: `from_rows`, and no position says which effects the rows hold.
    """
    settings.together()
    report = SetupReport()
    topics = [TopicSpec(topic.name, topic.partitions, topic.retention_days) for topic in TOPICS.values()]
    made = await ensure_topics(settings, [*topics, dead_letters(settings.dead_letter_topic)])
    report.note({f"topic {name}": is_new for name, is_new in made.items()})
    reads = settings.index if owner is Pipeline.FASTSTREAM else settings.legacy_index
    async with elasticsearch(settings) as client:
        report.note(await ensure_indices(client, settings, reads=reads))
    async with database.engine(settings, name="nljctl setup") as engine:
        report.note(await ensure_schema(engine))
        if samples == "always" or (samples == "new" and not await has_users(engine)):
            report.note({"seeded users": await seed_users(engine)})
        if settings.runtime:
            await remember(engine, settings.runtime, str(settings.home))
        if owner is not None:
            report.note({"first epoch": await _first_epoch(engine, owner)})
        if from_rows:
            report.note({"shadow of the present rows": await _begin_shadow(settings, engine)})
    if owner is not None and "first epoch" in report.created:
        async with elasticsearch(settings) as client:
            await move_reads(client, reads)  # an earlier setup may have left the owner open
    return report


async def _first_epoch(engine: AsyncEngine, owner: Pipeline) -> bool:
    """Decides who owns all effects; False if that was decided before."""
    async with engine.begin() as connection:
        await own_plan(connection, PLAN_LOCK_SECONDS)
        share, state = (100, State.CUT_OVER) if owner is Pipeline.FASTSTREAM else (0, State.LEGACY)
        number = await plans.write_epoch(
            connection,
            share=share,
            salt="1",
            kind="initial",
            state=state,
            by=getpass.getuser(),
            reason=f"first setup, owner {owner}",
            fences={},
            after=None,
        )
    return number > 0


async def _begin_shadow(settings: Settings, engine: AsyncEngine) -> bool:
    """Begins the shadow with the platform's rows, at the position of who owns everything; False if there is one."""
    async with admin(settings) as client:
        tps = await partitions(client, SUBSCRIBED)
    async with engine.connect() as connection:
        newest = require(await plans.read_plan(connection))
    await ensure_positions(settings, engine, WHOLE.get(newest.share, Pipeline.LEGACY), tps)
    return await begin_from_rows(engine, PLAN_LOCK_SECONDS)
