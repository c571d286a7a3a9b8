"""A replay that is killed: whoever runs it again finds what was sent, sends the rest, and nothing twice."""

from __future__ import annotations

import asyncio
import json
import random
import subprocess
from collections import Counter

import pytest
from letters_world import document, records, refused, statement
from sqlalchemy import func, select
from stacks import Stack

from nljctl.effects import database
from nljctl.migration.dlq import attempts
from nljctl.migration.dlq.recover import replay_of

LETTERS = 1_200
"""More than two batches."""


@pytest.mark.parametrize("noted", [1, 501], ids=["in its first batch", "in its second batch"])
async def test_a_killed_replay_is_finished_by_the_next_one(refusing: Stack, noted: int) -> None:
    refusing.run("dlq", "replay", "--yes", "--json")
    async with database.engine(refusing.settings) as engine, attempts.alone(engine):
        """The book is there now, and nobody else's letters are left."""
    statements = [statement() for _ in range(LETTERS)]
    origins = await refused(refusing, [json.dumps(each).encode() for each in statements])

    killed = refusing.begin("dlq", "replay", "--yes", "--json")
    await until_noted(refusing, killed, noted)
    killed.kill()
    killed.communicate()
    first = Counter(replay_of(record) for record in await records(refusing))
    again = refusing.run("dlq", "replay", "--yes", "--timeout", "120", "--json")

    sent_by_the_first = sum(first[origin] for origin in origins)
    assert noted - 1 <= sent_by_the_first < LETTERS
    assert again.document["outcomes"]["stored"] == again.document["replayed"] == LETTERS - sent_by_the_first
    both = Counter(replay_of(record) for record in await records(refusing))
    assert {both[origin] for origin in origins} == {1}
    assert refusing.run("dlq", "replay", "--yes", "--json").document["replayed"] == 0
    for each in random.Random(noted).sample(statements, 20):
        assert await document(refusing, each["id"]) is not None


async def until_noted(stack: Stack, process: subprocess.Popen[str], count: int) -> None:
    """Returns as soon as so many more attempts are in the book than before."""
    async with database.engine(stack.settings) as engine:
        before = None
        while True:
            async with engine.connect() as connection:
                now = (await connection.execute(select(func.count()).select_from(attempts.replay))).scalar_one()
            before = now if before is None else before
            if now >= before + count:
                return
            assert process.poll() is None, "it ended before it could be killed"
            await asyncio.sleep(0.005)
