"""A stack that the tests of this folder may kill and stop; each leaves it running."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from stacks import Stack, new_stack


@pytest.fixture(scope="module")
def own() -> Iterator[Stack]:
    with new_stack() as made:
        made.up()
        yield made
