"""A stack that the tests of this folder may kill and stop. Each brings up what it needs; that costs nothing where it runs."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from stacks import Stack, new_stack


@pytest.fixture(scope="session")
def own() -> Iterator[Stack]:
    with new_stack() as made:
        made.up("faststream")
        yield made


@pytest.fixture
def empty() -> Iterator[Stack]:
    """A home in which nothing was ever started."""
    with new_stack() as made:
        yield made
