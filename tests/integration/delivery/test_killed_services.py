"""A running consumer outlives the death of each service it needs: it waits, goes on by itself, and nothing is lost or doubled."""

from __future__ import annotations

import time
from collections.abc import Iterator

import psutil
import pytest
from stacks import Stack, new_stack

PATIENCE_SECONDS = 120
CONSUMER = "nlj-faststream-consumer"


@pytest.fixture(scope="module")
def own_stack() -> Iterator[Stack]:
    with new_stack() as stack:
        stack.up("faststream")
        yield stack


@pytest.mark.parametrize("service", ["elasticsearch", "nlj-db", "redpanda"])
def test_a_service_killed_in_the_middle_costs_nothing(own_stack: Stack, service: str) -> None:
    consumer = own_stack.pids()[CONSUMER]
    before = own_stack.run("stats", "--json").document["total_validations"]
    sending = own_stack.begin("publish-test", "--event", "learning.experienced", "--count", "1500", "--rate", "600", "--json")
    time.sleep(2)
    psutil.Process(own_stack.pids()[service]).kill()
    time.sleep(2)
    own_stack.up()
    sent = sending.communicate(timeout=PATIENCE_SECONDS)
    published = 1500 if sending.returncode == 0 else None
    assert own_stack.run("publish-test", "--event", "learning.experienced", "--count", "20", "--wait", "processed", "--json").code == 0
    assert own_stack.run("health", "--wait", "healthy", "--timeout", str(PATIENCE_SECONDS), "--json").code == 0

    assert own_stack.pids()[CONSUMER] == consumer, "it had to be restarted"
    status = own_stack.run("status", "--json").document
    totals = own_stack.run("stats", "--json").document
    assert status["lag"]["faststream"] == 0
    if published is not None:
        assert totals["total_validations"] - before == published + 20, sent
    assert totals["total_validations"] == totals["by_outcome"]["stored"]
    compared = own_stack.run("compare-legacy", "--no-effects", "--json").document
    assert compared["ledger"]["faststream"] == {**dict.fromkeys(compared["ledger"]["faststream"], 0), "stored": totals["total_validations"]}
