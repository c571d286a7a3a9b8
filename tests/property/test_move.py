"""Both pipelines' own code on a real Postgres, through random histories. The long form: scripts/property."""

from __future__ import annotations

import asyncio

from hypothesis.stateful import run_state_machine_as_test
from move_machine import Move
from moves import RUNS, histories
from sqlalchemy.ext.asyncio import AsyncEngine


def test_each_effect_happens_once_whatever_happens_to_whom(simulated: tuple[asyncio.Runner, AsyncEngine]) -> None:
    runner, engine = simulated
    with histories(runner, engine) as told:
        run_state_machine_as_test(Move, settings=told(RUNS))
    assert Move.finished >= RUNS
