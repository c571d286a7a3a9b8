"""How many histories are told, how long they are, and how fast the simulated time of a few waits passes in them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from unittest.mock import patch

from hypothesis import HealthCheck, Phase, settings
from move_machine import Move
from sqlalchemy.ext.asyncio import AsyncEngine

RUNS = 200
"""In the suite."""

STEPS = 16

WAITS = {
    "nljctl.pipelines.legacy.consumer.PROBE_SECONDS": 0.0,
    "nljctl.pipelines.legacy.membership.WAIT_SECONDS": 0.02,
    "nljctl.pipelines.faststream.flow.DRAIN_SECONDS": 0.02,
    "nljctl.migration.settle.PATIENCE_SECONDS": 0.0,
}
"""What consumers and commands wait for in seconds, nobody here needs to."""


@contextmanager
def histories(runner: asyncio.Runner, engine: AsyncEngine) -> Iterator[Callable[[int], settings]]:
    """Lets the machine run; gives what says how often."""
    Move.runner, Move.engine, Move.finished = runner, engine, 0
    with ExitStack() as stack:
        for name, seconds in WAITS.items():
            stack.enter_context(patch(name, seconds))
        yield lambda runs: settings(
            max_examples=runs,
            stateful_step_count=STEPS,
            deadline=None,
            database=None,
            print_blob=True,
            suppress_health_check=list(HealthCheck),
            phases=(Phase.explicit, Phase.generate, Phase.shrink),
        )
