"""One real stack for all integration tests, and new ones for those that must not share."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from stacks import Answer, Stack, new_stack


@pytest.fixture(scope="session")
def stack() -> Iterator[Stack]:
    """The shared stack: Kafka, Postgres and Elasticsearch, set up. Whoever stops or kills something takes a stack of their own."""
    with new_stack() as made:
        made.up()
        yield made


@pytest.fixture(scope="session")
def nljctl(stack: Stack) -> Callable[..., Answer]:
    """Runs the program on the shared stack: `nljctl("status", "--json").document`."""
    return stack.run
