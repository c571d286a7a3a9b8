"""Several members of the group: under one supervisor, and with a static membership that outlives a restart."""

from __future__ import annotations

import json
import re
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import httpx
import psutil
import pytest
from stacks import Stack, new_stack

PATIENCE_SECONDS = 120


@pytest.fixture(scope="module")
def own_stack() -> Iterator[Stack]:
    with new_stack() as stack:
        stack.up()
        stack.run("setup", "--owner", "faststream", "--json")
        yield stack


class Running:
    """A consumer in the foreground, with its address."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.process = process
        self.said: list[str] = []
        assert process.stderr is not None
        for line in process.stderr:
            self.said.append(line)
            if found := re.search(r"listening on (http://\S+?)[,\s]", line):
                self.url = found[1]
                return
        raise AssertionError("".join(self.said))

    def get(self, path: str) -> httpx.Response:
        return httpx.get(f"{self.url}{path}", timeout=10)

    def members(self) -> list[psutil.Process]:
        """The processes below it that run Python (multiprocessing keeps a tracker beside them)."""
        return [child for child in psutil.Process(self.process.pid).children() if "spawn_main" in " ".join(child.cmdline())]


@contextmanager
def consuming(stack: Stack, *flags: str) -> Iterator[Running]:
    process = stack.begin("consume", "faststream", "--port", "0", *flags)
    try:
        yield Running(process)
    finally:
        if process.poll() is None:
            process.kill()
        process.communicate(timeout=PATIENCE_SECONDS)


def until(true: Callable[[], bool], what: str) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not true():
        assert time.monotonic() < deadline, what
        time.sleep(0.3)


def is_ready(running: Running) -> bool:
    return running.get("/ready").status_code == 200


def test_members_share_the_work_and_report_as_one(own_stack: Stack) -> None:
    own_stack.run("publish-test", "--event", "learning.experienced", "--count", "500", "--json")
    answer = own_stack.run("consume", "faststream", "--workers", "2", "--until-caught-up", "--timeout", "120", "--port", "0", "--json")
    assert answer.code == 0, answer.stderr
    totals = own_stack.run("stats", "--json").document
    assert answer.document["read"] == answer.document["stored"] == totals["total_validations"]


def test_a_killed_member_is_started_again_and_nothing_is_lost(own_stack: Stack) -> None:
    with consuming(own_stack, "--workers", "2", "--json") as running:
        until(lambda: is_ready(running), "both members are ready")
        killed = running.members()[0]
        killed.kill()
        own_stack.run("publish-test", "--event", "learning.experienced", "--count", "300", "--wait", "processed", "--json")
        until(lambda: len(running.members()) == 2 and killed not in running.members() and is_ready(running), "the killed member is back")
        assert running.get("/health").json()["components"]["faststream"]["members"] == 2
        assert b'nljctl_records_total{outcome="stored",pipeline="faststream",topic=' in running.get("/metrics").content
        running.process.terminate()
        output, _ = running.process.communicate(timeout=PATIENCE_SECONDS)
        assert running.process.returncode == 0
        assert json.loads(output)["command"] == "consume"
    assert own_stack.run("status", "--json").document["lag"]["faststream"] == 0


def test_members_end_with_their_supervisor(own_stack: Stack) -> None:
    with consuming(own_stack, "--workers", "2") as running:
        until(lambda: is_ready(running), "both members are ready")
        members = running.members()
        running.process.kill()
        gone, left = psutil.wait_procs(members, timeout=PATIENCE_SECONDS)
        assert (len(gone), left) == (2, [])


def test_a_reason_that_a_new_start_cannot_mend_ends_them_all(own_stack: Stack) -> None:
    answer = own_stack.run("consume", "faststream", "--workers", "2", "--from", "earliest", "--port", "0", "--json")
    assert (answer.code, answer.document["error"]["code"]) == (2, "has-position")


def test_a_static_member_comes_back_to_its_partitions_without_a_rebalance(own_stack: Stack) -> None:
    with consuming_as(own_stack, "one") as first, consuming_as(own_stack, "two") as second:
        until(lambda: is_ready(first) and is_ready(second) and 0 < partitions(first) < partitions(first) + partitions(second), "both have partitions")
        before = partitions(first), partitions(second)
        second.process.kill()
        second.process.communicate(timeout=PATIENCE_SECONDS)
        with consuming_as(own_stack, "two") as again:
            until(lambda: is_ready(again) and partitions(again) > 0, "it has partitions again")
            assert (partitions(first), partitions(again)) == before
        first.process.terminate()
        _, words = first.process.communicate(timeout=PATIENCE_SECONDS)
        assert "rebalanc" not in words.split("assigned")[-1], words


@contextmanager
def consuming_as(stack: Stack, instance: str) -> Iterator[Running]:
    named = Stack(stack.home, {**stack.env, "KAFKA_GROUP_INSTANCE_ID": f"nlj-faststream-consumer-{instance}"})
    with consuming(named) as running:
        yield running


def partitions(running: Running) -> int:
    return int(running.get("/health").json()["components"]["kafka"]["partitions"])
