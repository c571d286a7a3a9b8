"""Rows of both schemas are compared by what effects write, and not by what the platform's API writes meanwhile."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from random import SystemRandom
from typing import Any

import msgspec
import pytest
from effects_world import Log, attended, booking, checked_in, generation, new_database, new_id, program, session, tell
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine
from stacks import Stack

from nljctl.catalogue.samples import SampleRequest, generate
from nljctl.effects.plan import Pipeline, Role
from nljctl.effects.registry import EFFECTS
from nljctl.effects.schema import ensure_schema, seed_users
from nljctl.migration.effects_compared import compare_effects
from nljctl.migration.witnesses import WitnessFile


@pytest.fixture
async def empty(stack: Stack) -> AsyncIterator[AsyncEngine]:
    """A database of its own: a comparison looks at all rows."""
    async with new_database(stack) as engine:
        await ensure_schema(engine)
        await seed_users(engine)
        yield engine


class Comparison:
    """What is not the same: keys of rows with the columns that differ, and what each waiting effect waits for."""

    def __init__(self, same: Any, folder: Path) -> None:
        self.same = dict(same)
        self.rows = {row["key"]: row["columns"] for row in self._read(folder / "effect_row.ndjson")}
        self.waits = {row["waits_for"] for row in self._read(folder / "one_sided.ndjson")}

    @staticmethod
    def _read(file: Path) -> list[dict[str, Any]]:
        return [msgspec.json.decode(line) for line in file.read_bytes().splitlines()]


async def compare(engine: AsyncEngine, folder: Path) -> Comparison:
    with WitnessFile(folder, "effect_row") as rows, WitnessFile(folder, "one_sided") as one_sided:
        witness = await compare_effects(engine, rows, one_sided)
    assert witness.absent is None
    return Comparison(witness.same, folder)


async def both(engine: AsyncEngine, *records: Any) -> None:
    """Applies records to both schemas."""
    for role in Role:
        await tell(engine, *records, role=role)


async def alter(engine: AsyncEngine, sql: str) -> None:
    async with engine.begin() as connection:
        await connection.execute(text(sql))


async def test_the_same_records_leave_the_same_rows_in_every_table(empty: AsyncEngine, tmp_path: Path) -> None:
    samples = list(generate(SampleRequest(400, tuple(EFFECTS), seed=SystemRandom().randrange(2**40))))
    for log in (Log(empty), Log(empty, Pipeline.FASTSTREAM, Role.SHADOW)):
        log.records += [(sample.topic, msgspec.json.decode(sample.value)) for sample in samples]
        await log.hand_over(0, len(samples))
    found = await compare(empty, tmp_path)
    assert found.rows == {}
    assert all(count > 0 for count in found.same.values())


async def test_a_row_of_attendance_that_differs_is_named_with_its_columns(empty: AsyncEngine, tmp_path: Path) -> None:
    one, meeting = new_id(), new_id()
    await both(empty, program(one), session(meeting, one), booking(new_id(), meeting), checked_in(meeting))
    await alter(empty, "UPDATE public.attendance_records SET attended = false, engagement_notes = 'asked well'")
    [(key, columns)] = (await compare(empty, tmp_path)).rows.items()
    assert (key.partition(":")[0], columns) == ("attendance", "attended")


@pytest.mark.parametrize(("live", "differs"), [("pending", False), ("processing", False), ("cancelled", False), ("completed", True), ("failed", True)])
async def test_of_a_generation_only_its_end_is_compared(empty: AsyncEngine, tmp_path: Path, live: str, differs: bool) -> None:
    one = new_id()
    await both(empty, generation(one, "requested"))
    await alter(empty, f"UPDATE public.generation_sessions SET status = '{live}'")
    assert (await compare(empty, tmp_path)).rows == ({f"generation:{one}": "status"} if differs else {})


async def test_attendance_that_waits_in_one_schema_waits_for_the_booking_of_the_other(empty: AsyncEngine, tmp_path: Path) -> None:
    one, meeting, seat = new_id(), new_id(), new_id()
    came = attended(meeting, 90)
    await both(empty, program(one), session(meeting, one))
    await tell(empty, booking(seat, meeting), came, role=Role.SHADOW)
    await tell(empty, came)
    assert f"booking:{seat}" in (await compare(empty, tmp_path)).waits
