"""The platform's tables: made by revisions in a new database, checked and left alone in one that has them."""

from __future__ import annotations

import re
from pathlib import Path
from random import SystemRandom

import msgspec
import pytest
from effects_world import Log, new_database
from sqlalchemy import inspect, text
from sqlalchemy.ext.asyncio import AsyncEngine
from stacks import Stack

from nljctl.catalogue.samples import SampleRequest, generate
from nljctl.effects import migrations
from nljctl.effects.platform_tables import metadata
from nljctl.effects.registry import EFFECTS
from nljctl.effects.schema import ensure_schema, seed_users
from nljctl.errors import ConfigurationError

PLATFORM = (Path(migrations.__file__).parent / "versions" / "v0001_platform_tables.sql").read_text()


async def build(engine: AsyncEngine, sql: str) -> None:
    async with engine.begin() as connection:
        for statement in filter(str.strip, sql.split(";\n")):
            await connection.execute(text(statement))


async def names(engine: AsyncEngine, schema: str) -> set[str]:
    async with engine.connect() as connection:
        return set(await connection.run_sync(lambda plain: inspect(plain).get_table_names(schema=schema)))


SHAPE = """
SELECT table_name || '.' || column_name, concat_ws(' ', udt_name, character_maximum_length, numeric_precision, numeric_scale, is_nullable, column_default)
FROM information_schema.columns WHERE table_schema = 'public'
UNION SELECT conrelid::regclass || '.' || conname, pg_get_constraintdef(oid) FROM pg_constraint WHERE connamespace = 'public'::regnamespace
UNION SELECT tablename || '.' || indexname, indexdef FROM pg_indexes WHERE schemaname = 'public'
"""


async def shape(engine: AsyncEngine) -> dict[str, str]:
    """Columns, constraints and indexes of the tables in `public`, as Postgres has them."""
    async with engine.connect() as connection:
        return {row[0]: row[1] for row in await connection.execute(text(SHAPE))}


async def test_a_new_database_gets_every_revision_once(stack: Stack) -> None:
    async with new_database(stack) as engine:
        first, again = await ensure_schema(engine), await ensure_schema(engine)
        assert all(first.values())
        assert not any(again.values())
        async with engine.connect() as connection:
            assert (await connection.execute(text("SELECT version_num FROM nljctl.platform_version"))).scalar_one() == "0001"


async def test_the_revisions_make_what_the_code_knows(stack: Stack) -> None:
    async with new_database(stack) as by_revisions, new_database(stack) as by_code:
        await ensure_schema(by_revisions)
        async with by_code.begin() as connection:
            await connection.run_sync(metadata.create_all)
        made = await shape(by_revisions)
        assert "training_bookings.session_id" in made
        assert made == await shape(by_code)


async def test_a_platforms_own_tables_stay_and_only_missing_ones_are_made(stack: Stack) -> None:
    older = PLATFORM[: PLATFORM.index("CREATE TABLE public.nodes")] + PLATFORM[PLATFORM.index("CREATE TABLE public.training_programs") :]
    older = re.sub(r"CREATE TABLE public\.node_interactions.*?\n\);\n", "", older, flags=re.DOTALL)
    async with new_database(stack) as engine:
        await build(engine, older)
        await build(engine, "ALTER TABLE public.training_sessions ADD COLUMN colour text")
        made = await ensure_schema(engine)
        assert {name for name, new in made.items() if new and name.startswith("table public.")} == {"table public.nodes", "table public.node_interactions"}
        assert "platform_version" not in await names(engine, "nljctl")


async def test_a_table_that_does_not_fit_is_named_with_its_column(stack: Stack) -> None:
    async with new_database(stack) as engine:
        await build(engine, PLATFORM)
        await build(engine, "ALTER TABLE public.training_bookings DROP COLUMN registration_method")
        with pytest.raises(ConfigurationError, match=r"training_bookings\.registration_method is missing"):
            await ensure_schema(engine)
        assert "progress" not in await names(engine, "nljctl")


async def test_a_platform_whose_application_fills_in_the_defaults_is_served(stack: Stack) -> None:
    samples = list(generate(SampleRequest(200, tuple(EFFECTS), seed=SystemRandom().randrange(2**40))))
    async with new_database(stack) as engine:
        await build(engine, re.sub(r" DEFAULT (\S+?)(?=,?\n| NOT NULL)", "", PLATFORM))
        await ensure_schema(engine)
        await seed_users(engine)
        log = Log(engine)
        log.records += [(sample.topic, msgspec.json.decode(sample.value)) for sample in samples]
        result = await log.hand_over(0, len(samples))
        assert (result.effects.applied, result.effects.refused, result.effects.parked) == (len(samples), 0, 0)
