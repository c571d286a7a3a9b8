"""Content generation in Postgres: created by a request, moved by the state machine, beside an API that changes rows by itself."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from effects_world import COACH, generation, new_id, rows, tell
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from nljctl.effects.effect import execute
from nljctl.effects.generations import Generate, _generation, generate
from nljctl.effects.ledger_tables import applied, outbox
from nljctl.effects.platform_tables import generation_sessions

AT = datetime(2026, 3, 1, 9, tzinfo=UTC)


async def status(engine: AsyncEngine, one: str) -> Any:
    return (await rows(engine, generation_sessions, ("status", "error_message"), id=one))[0]


async def test_a_run_from_request_to_end(engine: AsyncEngine) -> None:
    one = new_id()
    await tell(engine, generation(one, "requested"))
    assert await status(engine, one) == ("pending", None)
    await tell(engine, generation(one, "started"))
    assert await status(engine, one) == ("processing", None)
    await tell(engine, generation(one, "completed", tokens_used=700))
    assert await rows(engine, generation_sessions, ("status", "total_tokens_used"), id=one) == [("completed", 700)]


async def test_what_cannot_be_is_refused_with_a_reason_and_stops_nobody(engine: AsyncEngine) -> None:
    one, other = new_id(), new_id()
    late = generation(one, "failed")
    result = await tell(engine, generation(one, "requested"), generation(one, "completed"), late, generation(other, "requested"))
    assert (result.effects.applied, result.effects.refused) == (3, 1)
    refused = await rows(engine, applied, ("result", "sqlstate", "detail"), statement_id=late[1]["id"])
    assert refused == [("refused", "55000", "a generation session that is completed cannot be failed")]
    assert await status(engine, one) == ("completed", None)


async def test_a_start_before_its_request_waits_for_it(engine: AsyncEngine) -> None:
    one = new_id()
    waiting = await tell(engine, generation(one, "started"))
    await tell(engine, generation(one, "requested"))
    assert (waiting.effects.parked, await status(engine, one)) == (1, ("processing", None))


async def test_a_session_that_the_api_made_is_started_and_not_made_again(engine: AsyncEngine) -> None:
    one = new_id()
    async with engine.begin() as connection:
        made = {"id": one, "prompt_config": {"by": "api"}, "status": "processing", "user_id": COACH.id}
        await connection.execute(generation_sessions.insert().values(made))
    await tell(engine, generation(one, "requested"))
    assert await rows(engine, generation_sessions, ("status", "prompt_config"), id=one) == [("processing", {"by": "api"})]
    assert len(await rows(engine, outbox, ("id",), key=one)) == 1


async def test_what_the_api_cancelled_stays_cancelled(engine: AsyncEngine) -> None:
    one = new_id()
    await tell(engine, generation(one, "requested"))
    async with engine.begin() as connection:
        await connection.execute(generation_sessions.update().where(generation_sessions.c.id == one).values(status="cancelled"))
    result = await tell(engine, generation(one, "started"))
    assert (result.effects.refused, await status(engine, one)) == (1, ("cancelled", None))


@pytest.mark.parametrize("event", ["requested", "started", "completed", "failed"])
async def test_a_platform_whose_status_is_an_enum_of_capitals_is_served(engine: AsyncEngine, event: Any) -> None:
    async with engine.connect() as connection, connection.begin() as transaction:
        elsewhere = await newer_platform(connection)
        for step in ("requested", event) if event != "requested" else ("requested",):
            command = Generate(step, COACH.id, {"prompt_config": {}, "user_id": COACH.id} if step == "requested" else {}, AT)
            decision = generate(await _generation(elsewhere, command), command)
            assert isinstance(decision, list)
            await execute(elsewhere, decision, announcing=False)
        found = (await connection.execute(text("SELECT status::text FROM newer.generation_sessions"))).scalar_one()
        await transaction.rollback()
    assert found == {"requested": "PENDING", "started": "PROCESSING"}.get(event, event.upper())


async def newer_platform(connection: AsyncConnection) -> AsyncConnection:
    """The table as newer platforms have it, in a schema that is gone when the transaction is rolled back."""
    for statement in (
        "CREATE SCHEMA newer",
        "CREATE TYPE newer.generationstatus AS ENUM ('PENDING', 'PROCESSING', 'COMPLETED', 'FAILED', 'CANCELLED')",
        "SET LOCAL search_path TO newer, public",
        "CREATE TABLE newer.generation_sessions (LIKE public.generation_sessions INCLUDING DEFAULTS)",
        "ALTER TABLE newer.generation_sessions ALTER status TYPE newer.generationstatus USING status::newer.generationstatus",
    ):
        await connection.execute(text(statement))
    return await connection.execution_options(schema_translate_map={None: "newer"})
