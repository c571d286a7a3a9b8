"""Members killed at random moments: every statement once, every dead letter there, every total as the log has it."""

from __future__ import annotations

from collections.abc import Callable

from figures import FIGURES, line
from kills import run_kills
from proof import shown
from world import World

SEED = 20_260_302
KILLS = 6
RECORDS = 3_000
RATE = 60.0


def test_members_killed_at_random_moments_lose_and_double_nothing(world: World, record_property: Callable[[str, object], None]) -> None:
    run = run_kills(world, SEED, KILLS, RECORDS, RATE)
    record_property(FIGURES, f"kills, seed {run.seed}: {line(run.figures)}")
    assert not run.wrong, shown(run.wrong)
