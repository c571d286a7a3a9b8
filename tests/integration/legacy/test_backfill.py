"""Filling the legacy store from the log, on real services."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from legacy_world import World, kill

from nljctl.errors import TimedOutError


async def left_behind(world: World, values: list[Any], partition: int | None = None) -> None:
    """Publishes what the legacy consumer has passed by, and notes it for the backfill, as a rollback does."""
    await world.publish(values, partition)
    await world.run(start_from="latest")
    await world.leave_to_backfill(await world.ends())


async def test_the_store_is_filled_and_the_live_consumer_is_not_moved(world: World) -> None:
    await left_behind(world, world.statements(300))
    before = await world.dealt_with()
    report = await world.run()
    assert len(await world.documents()) == 300
    assert await world.unfilled() == 0
    assert (report.read, await world.dealt_with()) == (0, before)


async def test_a_statement_that_the_lrs_refuses_keeps_nothing_else_from_the_store(world: World) -> None:
    good = world.statements(20)
    await left_behind(world, [*good[:10], world.statement(id="no-uuid"), b"not json", *good[10:]], partition=0)
    await world.run()
    assert len(await world.documents()) == 20
    assert [(kind, reason) for kind, reason, _, _ in await world.outcomes()] == [("refused", "http-422"), ("unreadable", "not-json")]


async def test_an_id_that_comes_twice_is_stored_once(world: World) -> None:
    given = world.statement()
    await left_behind(world, [given, world.statement(), given], partition=0)
    await world.run()
    assert len(await world.documents()) == 2


async def test_a_killed_backfill_goes_on_where_it_was(world: World) -> None:
    await left_behind(world, world.statements(1_000))
    process = await world.start()
    async with asyncio.timeout(60):
        await world.until_stored(1)
    kill(process)
    await process.wait()
    await world.run()
    documents = await world.documents()
    assert len({document["id"] for document in documents}) == len(documents) == 1_000
    assert await world.outcomes() == []


async def test_a_store_that_takes_nothing_is_waited_for(world: World) -> None:
    await left_behind(world, world.statements(30), partition=0)
    async with world.write_protected(), asyncio.timeout(60):
        with pytest.raises(TimedOutError):
            await world.run(timeout=5.0)
    assert (await world.unfilled(), await world.outcomes()) == (30, [])
    await world.run()
    assert len(await world.documents()) == 30
