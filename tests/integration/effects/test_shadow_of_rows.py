"""A shadow that begins with the platform's rows instead of the log's start."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from random import SystemRandom

import msgspec
import pytest
from effects_world import Log, new_database
from sqlalchemy.ext.asyncio import AsyncEngine
from stacks import Stack

from nljctl.catalogue.samples import SampleRequest, generate
from nljctl.effects import plans
from nljctl.effects.plan import Pipeline, Role
from nljctl.effects.registry import EFFECTS
from nljctl.effects.schema import ensure_schema, seed_users
from nljctl.effects.shadow import begin_from_rows
from nljctl.errors import RefusedError
from nljctl.migration.effects_compared import compare_effects
from nljctl.migration.states import State
from nljctl.migration.witnesses import WitnessFile


@pytest.fixture
async def running(stack: Stack) -> AsyncIterator[AsyncEngine]:
    """A platform whose effects are all legacy's."""
    async with new_database(stack) as engine:
        await ensure_schema(engine)
        await seed_users(engine)
        await decide(engine, 0)
        yield engine


async def decide(engine: AsyncEngine, share: int) -> None:
    async with engine.begin() as connection:
        newest = await plans.newest(connection)
        await plans.write_epoch(connection, share=share, salt="1", kind="shift", state=State.SHIFTING, by="", reason="", fences={}, after=newest)


async def test_what_comes_after_the_snapshot_leaves_the_same_rows(running: AsyncEngine, tmp_path: Path) -> None:
    samples = list(generate(SampleRequest(300, tuple(EFFECTS), seed=SystemRandom().randrange(2**40), duplicates=5)))
    legacy = Log(running)
    legacy.records += [(sample.topic, msgspec.json.decode(sample.value)) for sample in samples]
    await legacy.hand_over(0, 150)
    assert await begin_from_rows(running, 5.0)
    await legacy.hand_over(150, len(samples))
    shadow = Log(running, Pipeline.FASTSTREAM, Role.SHADOW)
    shadow.tp, shadow.records = legacy.tp, legacy.records
    await shadow.hand_over(150, len(samples))
    with WitnessFile(tmp_path, "effect_row") as rows, WitnessFile(tmp_path, "one_sided") as one_sided:
        found = await compare_effects(running, rows, one_sided)
    assert [line for name in ("effect_row", "one_sided") for line in (tmp_path / f"{name}.ndjson").read_bytes().splitlines()] == []
    assert all(count > 0 for count in found.same.values())


async def test_a_second_snapshot_changes_nothing(running: AsyncEngine) -> None:
    legacy = Log(running)
    legacy.records += [(sample.topic, msgspec.json.decode(sample.value)) for sample in generate(SampleRequest(10, tuple(EFFECTS), seed=1))]
    await legacy.hand_over(0, 10)
    assert await begin_from_rows(running, 5.0)
    assert not await begin_from_rows(running, 5.0)


async def test_while_effects_are_shared_no_position_says_what_the_rows_hold(running: AsyncEngine) -> None:
    await decide(running, 10)
    with pytest.raises(RefusedError):
        await begin_from_rows(running, 5.0)
