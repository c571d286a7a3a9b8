"""Ralph beside the shared stack, without the consumer of its own that a profile would start."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import pytest
from legacy_world import World, new_world
from stacks import Stack

from nljctl.settings import Settings
from nljctl.stack.choice import open_runtime
from nljctl.stack.names import RALPH


@pytest.fixture(scope="session")
def with_ralph(stack: Stack) -> Iterator[Settings]:
    runtime = open_runtime(stack.settings)
    started = asyncio.run(runtime.start([RALPH], timeout=300, notify=lambda *_: None))
    yield stack.settings
    if started:
        asyncio.run(runtime.stop([RALPH]))


@pytest.fixture
async def world(with_ralph: Settings) -> World:
    """A log of the test's own."""
    return await new_world(with_ralph)
