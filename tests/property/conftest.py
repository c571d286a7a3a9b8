"""The simulation's Postgres, without the rest of a stack."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import pytest
from own_postgres import simulation
from sqlalchemy.ext.asyncio import AsyncEngine


@pytest.fixture(scope="session")
def simulated() -> Iterator[tuple[asyncio.Runner, AsyncEngine]]:
    with simulation() as made:
        yield made
