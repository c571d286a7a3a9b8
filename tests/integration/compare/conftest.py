"""One platform for all comparisons: its documents are changed by hand, so it is shared with nobody else."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from platform_of_both import Platform
from stacks import new_stack

BAD = ("--invalid", "5", "--duplicates", "4", "--conflicts", "2")


@pytest.fixture(scope="session")
def platform() -> Iterator[Platform]:
    """Both consumers have read 400 events of the catalogue: some broken, doubled or contradictory."""
    with new_stack() as stack:
        stack.up("analytics", "faststream")
        published = stack.run("publish-test", "--count", "400", "--event", "all", "--contract", "both", *BAD, "--seed", "11", "--json")
        assert published.code == 0, published.stdout
        yield Platform(stack)
