"""One stack with a running faststream for all tests of dead letters: they count what a topic holds."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from stacks import Stack, new_stack


@pytest.fixture(scope="session")
def refusing() -> Iterator[Stack]:
    with new_stack() as stack:
        stack.up("faststream")
        yield stack
