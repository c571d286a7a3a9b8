"""A run of samples leaves what it tells of: nothing refused, nothing parked, and the shadow holds the same rows."""

from __future__ import annotations

from random import SystemRandom
from typing import Any

import msgspec
import pytest
from effects_world import Log, rows
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncEngine

from nljctl.catalogue.samples import SampleRequest, generate
from nljctl.effects.ledger_tables import applied, outbox
from nljctl.effects.plan import Pipeline, Role
from nljctl.effects.registry import EFFECTS
from nljctl.migration.effects_compared import COMPARED

COUNT = 600


@pytest.mark.parametrize("contract", ["old", "new", "both"])
async def test_every_event_with_effects_has_one_in_either_contract(engine: AsyncEngine, contract: Any) -> None:
    samples = list(generate(SampleRequest(COUNT, tuple(EFFECTS), contract=contract, seed=SystemRandom().randrange(2**40))))
    live, shadow = Log(engine), Log(engine, Pipeline.FASTSTREAM, Role.SHADOW)
    for log in (live, shadow):
        log.records += [(sample.topic, msgspec.json.decode(sample.value)) for sample in samples]
        result = await log.hand_over(0, len(samples))
        done = (result.effects.applied, result.effects.shadowed)
        assert (done, result.effects.refused, result.effects.parked) == ((len(samples), 0) if log is live else (0, len(samples)), 0, 0), await refusals(log)
    assert {sample.event for sample in samples} == set(EFFECTS)
    for table, _, columns in COMPARED:
        live_rows, shadow_rows = [{row[0]: row for row in await rows(engine, table, ("id", *columns), role)} for role in (Role.LIVE, Role.SHADOW)]
        both = live_rows.keys() & shadow_rows.keys()
        assert both
        assert {key: live_rows[key] for key in both} == {key: shadow_rows[key] for key in both}


async def test_the_shadow_announces_nothing(engine: AsyncEngine) -> None:
    samples = list(generate(SampleRequest(20, ("content.generation.requested",), seed=SystemRandom().randrange(2**40))))
    log = Log(engine, Pipeline.FASTSTREAM, Role.SHADOW)
    log.records += [(sample.topic, msgspec.json.decode(sample.value)) for sample in samples]
    await log.hand_over(0, len(samples))
    assert not await rows(engine, outbox, ("id",), topic="nlj.content.generation", key=samples[0].key)


async def refusals(log: Log) -> list[Any]:
    async with log.engine.connect() as connection:
        c = applied.c
        found = await connection.execute(select(c.event, c.sqlstate, c.detail).where(c.topic == log.tp.topic, c.result == "refused").limit(5))
        return [tuple(row) for row in found]
