"""The shared stack's Postgres."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine
from stacks import Stack

from nljctl.effects import database


@pytest.fixture
async def engine(stack: Stack) -> AsyncIterator[AsyncEngine]:
    async with database.engine(stack.settings) as created:
        yield created
