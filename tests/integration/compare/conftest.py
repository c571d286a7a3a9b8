"""One platform for all comparisons: its documents are changed by hand, so it is shared with nobody else."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from planted import rich
from platform_of_both import EVENTS, RICH, Platform
from stacks import new_stack

BAD = ("--invalid", "5", "--duplicates", "4", "--conflicts", "2")


@pytest.fixture(scope="session")
def platform() -> Iterator[Platform]:
    """Both consumers have read events of the catalogue, some broken, doubled or contradictory, and statements in which everything can be changed."""
    with new_stack() as stack:
        stack.up("analytics", "faststream")
        published = stack.run("publish-test", "--count", str(EVENTS), "--event", "all", "--contract", "both", *BAD, "--seed", "11", "--json")
        assert published.code == 0, published.stdout
        lines = "\n".join(json.dumps(rich(number)) for number in range(RICH))
        assert stack.run("publish-test", "--from", "-", "--topic", "xapi-events", "--json", stdin=lines).code == 0
        made = Platform(stack)
        made.settle()
        yield made
