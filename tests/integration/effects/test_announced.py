"""What effects announce is in the log and read like any other record, and a consumer that is to stop at the end stops there."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any

import psutil
import pytest
from sqlalchemy import select
from stacks import Stack, new_stack

from nljctl.effects import database
from nljctl.effects.ledger_tables import applied, outbox

REQUESTS, OTHERS = 40, 60
PATIENCE_SECONDS = 60


@pytest.fixture(scope="module")
def caught_up() -> Iterator[tuple[Stack, dict[str, Any]]]:
    """faststream owns everything, and has read requests of generations among other events until nothing was left; its report."""
    with new_stack() as stack:
        stack.up("faststream")
        consumer = psutil.Process(stack.pids()["nlj-faststream-consumer"])
        consumer.terminate()
        consumer.wait(PATIENCE_SECONDS)
        for event, count in (("content.generation.requested", REQUESTS), ("learning.experienced", OTHERS)):
            assert stack.run("publish-test", "--event", event, "--count", str(count), "--json").code == 0
        answer = stack.run("consume", "faststream", "--until-caught-up", "--timeout", "120", "--port", "0", "--json")
        assert answer.code == 0, answer.stdout + answer.stderr
        yield stack, answer.document


def test_it_has_published_each_of_them_and_read_them(caught_up: tuple[Stack, dict[str, Any]]) -> None:
    _, report = caught_up
    assert report["announced"] == REQUESTS
    assert report["read"] == report["stored"] == REQUESTS + OTHERS + REQUESTS


def test_nothing_is_left_when_it_has_caught_up(caught_up: tuple[Stack, dict[str, Any]]) -> None:
    stack, _ = caught_up
    assert stack.run("status", "--json").document["lag"]["faststream"] == 0
    again = stack.run("consume", "faststream", "--until-caught-up", "--timeout", "60", "--port", "0", "--json")
    assert (again.code, again.document["read"], again.document["announced"]) == (0, 0, 0)


def test_each_was_applied_where_it_came_back_from_the_log(caught_up: tuple[Stack, dict[str, Any]]) -> None:
    stack, _ = caught_up

    async def read() -> tuple[set[str], set[tuple[str, str]]]:
        async with database.engine(stack.settings) as engine, engine.connect() as connection:
            announced = set((await connection.execute(select(outbox.c.id).where(outbox.c.published_at.is_not(None)))).scalars())
            known = await connection.execute(select(applied.c.role, applied.c.statement_id).where(applied.c.event == "content.generation.started"))
            return announced, {(row.role, row.statement_id) for row in known}

    announced, known = asyncio.run(read())
    assert len(announced) == REQUESTS
    assert known == {(role, id) for role in ("live", "shadow") for id in announced}
