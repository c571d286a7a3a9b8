"""Whatever breaks between the consumer and its services: nothing is lost, nothing comes twice, health says so, and nobody restarts it."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from fault_run import run_fault
from faults import FAULTS, Fault
from figures import FIGURES, line
from proof import shown
from world import World

SEED = 20_260_301


@pytest.mark.parametrize("fault", [fault for fault in FAULTS if fault.short], ids=lambda fault: fault.name)
def test_a_fault_costs_nothing_and_shows(world: World, fault: Fault, record_property: Callable[[str, object], None]) -> None:
    run = run_fault(world, fault, SEED + FAULTS.index(fault))
    record_property(FIGURES, f"{run.name}, seed {run.seed}: {line(run.figures)}")
    assert not run.wrong, shown(run.wrong)
