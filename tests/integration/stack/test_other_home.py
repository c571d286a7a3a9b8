"""Two homes are two stacks."""

from __future__ import annotations

import asyncpg
from stacks import Stack


def test_no_port_and_no_process_is_shared(stack: Stack, own: Stack) -> None:
    own.up()
    assert not set(stack.pids().values()) & set(own.pids().values())
    assert not {value for value in stack.endpoints.values() if value} & {value for value in own.endpoints.values() if value}


async def test_what_one_stack_holds_the_other_does_not(stack: Stack, own: Stack) -> None:
    own.up()
    ours = await asyncpg.connect(own.endpoints["database"])
    await ours.execute("CREATE TABLE IF NOT EXISTS ours ()")
    await ours.close()
    theirs = await asyncpg.connect(stack.endpoints["database"])
    assert await theirs.fetchval("SELECT to_regclass('ours')") is None
    await theirs.close()
