"""One month in two indices of the shared Elasticsearch: as faststream stores it, and as Ralph does, whose mapping is dynamic."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from typing import Any

import pytest
from elasticsearch.helpers import async_bulk
from indices import Indices
from month import month
from stacks import Stack

from nljctl.judge import judge
from nljctl.judgement import Origin
from nljctl.store.client import elasticsearch
from nljctl.store.documents import document
from nljctl.store.index import SETTINGS, STATEMENT

STORED = "2025-04-01T00:00:00.000+00:00"


@pytest.fixture(scope="session")
def indices(stack: Stack) -> Iterator[Indices]:
    made = Indices(stack, "analytics-new", "analytics-legacy", month())
    asyncio.run(_fill(made))
    yield made
    asyncio.run(_remove(made))


async def _fill(made: Indices) -> None:
    async with elasticsearch(made.stack.settings) as client:
        await client.indices.create(index=made.new, mappings=STATEMENT, settings=SETTINGS)
        await client.indices.create(index=made.legacy, settings={"number_of_replicas": 0})
        await async_bulk(client, ({"_index": made.new, "_id": source["id"], "_source": source} for source in map(_new, made.statements)), refresh=True)
        for statement in made.of_legacy:  # the first ones decide the mapping, so they come alone, as Ralph posts them
            await client.index(index=made.legacy, id=statement["id"], document=_raw(statement))
            if statement["id"] == made.of_legacy[9]["id"]:
                break
        await async_bulk(client, ({"_index": made.legacy, "_id": statement["id"], "_source": _raw(statement)} for statement in made.of_legacy), refresh=True)


async def _remove(made: Indices) -> None:
    async with elasticsearch(made.stack.settings) as client:
        await client.indices.delete(index=[made.new, made.legacy])


def _new(statement: dict[str, Any]) -> dict[str, Any]:
    origin = Origin("xapi-events", 0, 0, 1_741_000_000_000)
    judgement = judge(json.dumps(statement).encode(), origin)
    assert judgement.body, judgement.errors
    return json.loads(document(judgement, origin, STORED.encode()).source)


def _raw(statement: dict[str, Any]) -> dict[str, Any]:
    """What Ralph adds to a statement; nothing of it is repaired."""
    return {**statement, "stored": STORED, "authority": {"mbox": "mailto:nljctl@example.org", "objectType": "Agent"}}
