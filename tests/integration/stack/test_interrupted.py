"""What a start leaves behind that fails, is interrupted, or meets another one."""

from __future__ import annotations

import json
import signal
import time
from pathlib import Path

import pytest
from stacks import Stack

PATIENCE_SECONDS = 60


def _wait_for_processes(stack: Stack) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    record = stack.home / "stack.json"
    while not (record.exists() and json.loads(record.read_text())["pids"]):
        assert time.monotonic() < deadline, "nothing was started"
        time.sleep(0.05)


@pytest.mark.parametrize("interruption", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_up_stops_what_it_started(empty: Stack, interruption: signal.Signals) -> None:
    starting = empty.begin("up", "--json")
    _wait_for_processes(empty)
    starting.send_signal(interruption)
    stdout, _ = starting.communicate(timeout=PATIENCE_SECONDS)
    assert starting.returncode == 130
    assert json.loads(stdout)["error"]["code"] == "interrupted"
    assert empty.processes() == []


def test_two_ups_at_once_start_one_stack_and_down_can_delete_it(empty: Stack) -> None:
    both = [empty.begin("up", "--json") for _ in range(2)]
    answers = [json.loads(each.communicate()[0]) for each in both]
    assert [each.returncode for each in both] == [0, 0], answers
    first, second = ({service["name"]: service["pid"] for service in answer["services"]} for answer in answers)
    assert first == second
    data = (empty.home / "services" / "nlj-db").resolve()
    assert empty.run("down", "--volumes", "--yes", "--json").code == 0
    assert empty.processes() == []
    assert not empty.home.exists()
    assert not data.exists()


def test_a_start_that_fails_stops_what_it_started(empty: Stack, tmp_path: Path) -> None:
    broken = tmp_path / "jdk"
    (broken / "bin").mkdir(parents=True)
    (broken / "release").write_text('JAVA_VERSION="17.0.1"\n')
    for name in ("java", "javac"):
        (broken / "bin" / name).write_text("#!/bin/sh\nsleep 1\necho this virtual machine is broken\nexit 3\n")
        (broken / "bin" / name).chmod(0o755)
    answer = empty.run("up", "--json", env={"JAVA_HOME": str(broken)})
    assert answer.code == 2
    assert "this virtual machine is broken" in answer.document["error"]["message"]
    assert empty.processes() == []


def test_a_missing_maven_is_said_in_one_sentence(empty: Stack, tmp_path: Path) -> None:
    answer = empty.run("up", "--json", env={"NLJCTL_CACHE": str(tmp_path / "cache"), "PATH": str(tmp_path)})
    assert answer.code == 2
    assert answer.document["error"]["code"] == "maven-missing"
    assert "apt-get install maven" in answer.document["error"]["hint"]
    assert empty.processes() == []


def test_an_unknown_profile_is_bad_usage(empty: Stack) -> None:
    answer = empty.run("up", "--profile", "everything", "--json")
    assert answer.code == 2
    assert answer.document["error"]["code"] == "bad-usage"


def test_down_without_a_stack_has_nothing_to_do(empty: Stack) -> None:
    answer = empty.run("down", "--json")
    assert answer.code == 0
    assert answer.document["services"] == []
