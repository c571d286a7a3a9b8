"""One platform for all repairs: they write into both indices, so it is shared with nobody else."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from platform_of_both import Platform
from stacks import new_stack


@pytest.fixture(scope="module")
def platform() -> Iterator[Platform]:
    """Both consumers have read 200 statements."""
    with new_stack() as stack:
        stack.up("analytics", "faststream")
        published = stack.run(*("publish-test", "--count", "200", "--event", "learning.experienced", "--event", "survey.completed", "--seed", "3", "--json"))
        assert published.code == 0, published.stdout
        made = Platform(stack)
        assert made.statements().code == 0
        yield made
