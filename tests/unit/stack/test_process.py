"""Processes are recognised by more than their number."""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path

import psutil

from nljctl.stack.local import process
from nljctl.stack.local.process import Launch, Place
from nljctl.stack.local.record import Started


def _spawn(folder: Path, *code: str) -> Started:
    return process.spawn(Launch((sys.executable, "-c", "\n".join(code)), folder, dict(os.environ)), folder / "log")


def test_a_pid_that_the_system_used_again_does_not_count() -> None:
    ours = psutil.Process().create_time()
    assert process.is_alive(Started(os.getpid(), ours))
    assert not process.is_alive(Started(os.getpid(), ours - 100))


async def test_a_process_that_ends_when_asked_has_drained(tmp_path: Path) -> None:
    started = _spawn(tmp_path, "import time", "time.sleep(60)")
    assert await process.stop(started, Place(tmp_path, "python"), signal.SIGTERM, 10) == "drained"
    assert not process.is_alive(started)


async def test_a_process_that_will_not_end_is_killed(tmp_path: Path) -> None:
    started = _spawn(tmp_path, "import signal, time", "signal.signal(signal.SIGTERM, signal.SIG_IGN)", "print('deaf', flush=True)", "time.sleep(60)")
    while "deaf" not in (tmp_path / "log").read_text():
        pass
    assert await process.stop(started, Place(tmp_path, "python"), signal.SIGTERM, 0.2) == "killed"
    assert not process.is_alive(started)


async def test_children_that_outlive_their_parent_are_ended_too(tmp_path: Path) -> None:
    grandchild = "import subprocess, sys, time; print(subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)']).pid, flush=True); time.sleep(60)"
    started = _spawn(tmp_path, grandchild)
    while not (lines := [line for line in (tmp_path / "log").read_text().splitlines() if line.isdecimal()]):
        pass
    orphan = psutil.Process(int(lines[0]))
    psutil.Process(started.pid).kill()
    await process.stop(started, Place(tmp_path, "python"), signal.SIGTERM, 1)
    assert not orphan.is_running() or orphan.status() == psutil.STATUS_ZOMBIE


async def test_a_process_whose_pid_was_never_written_down_is_found_by_its_folder(tmp_path: Path) -> None:
    lost = _spawn(tmp_path, "import time", "time.sleep(60)")
    assert await process.stop(None, Place(tmp_path, "python"), signal.SIGTERM, 1) == "already"
    assert not process.is_alive(lost)


async def test_another_program_at_work_in_the_folder_is_left_alone(tmp_path: Path) -> None:
    visitor = _spawn(tmp_path, "import time", "time.sleep(60)")
    await process.stop(None, Place(tmp_path, "java"), signal.SIGTERM, 1)
    assert process.is_alive(visitor)
    await process.stop(visitor, Place(tmp_path, "python"), signal.SIGKILL, 1)
