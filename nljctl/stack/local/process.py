"""Processes that outlive the command that started them: start, recognise, stop."""

from __future__ import annotations

import asyncio
import os
import pwd
import signal
import subprocess
import time
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

import psutil

from nljctl.stack.local.record import Started

POLL_SECONDS = 0.05
RELATIVES_SECONDS = 2.0
KILL_SECONDS = 10.0
CLOCK_SECONDS = 1.0
"""Times of creation are computed from the wall clock: a correction of the clock moves them a little."""


@dataclass(frozen=True, slots=True)
class Launch:
    """How a service is started: by which account (None: ours), where, with which environment."""

    arguments: tuple[str, ...]
    directory: Path
    environment: Mapping[str, str]
    user: str | None = None


_children: dict[int, subprocess.Popen[bytes]] = {}
"""Those that this very process started: a parent must collect them when they end."""


def spawn(launch: Launch, log: Path) -> Started:
    """Starts a process that no terminal's signal, closing or hang-up reaches; what it prints is appended to `log`.

    Raises:
        OSError: the program cannot be started.
    """
    with log.open("ab") as output:
        output.write(f"--- {datetime.now(UTC).isoformat(timespec='seconds')} started by nljctl\n".encode())
        output.flush()
        child = subprocess.Popen(  # noqa: S603 - a fixed program of the service table, no shell
            launch.arguments,
            cwd=launch.directory,
            env=launch.environment,
            user=launch.user,
            group=None if launch.user is None else _group(launch.user),
            extra_groups=None if launch.user is None else (),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            close_fds=True,
        )
    _children[child.pid] = child
    return Started(child.pid, psutil.Process(child.pid).create_time())


def _group(user: str) -> int:
    return pwd.getpwnam(user).pw_gid


def find(started: Started | None) -> psutil.Process | None:
    """The process, if it still is that one and has not ended."""
    if started is None:
        return None
    if child := _children.get(started.pid):
        child.poll()
    try:
        process = psutil.Process(started.pid)
        if abs(process.create_time() - started.created) > CLOCK_SECONDS or process.status() in (psutil.STATUS_ZOMBIE, psutil.STATUS_DEAD):
            return None
    except psutil.NoSuchProcess:
        return None
    return process


def is_alive(started: Started | None) -> bool:
    return find(started) is not None


@dataclass(frozen=True, slots=True)
class Place:
    """Where a service works and how its program is called."""

    directory: Path
    program: str


def kin(started: Started | None, place: Place) -> list[psutil.Process]:
    """What belongs to a service besides its own process: members of its session, and its program at work in its folder.

    Both are needed: Postgres gives each of its workers a session, and a service may be lost before its pid was written down.
    """
    leader = find(started)
    # While anything of a session lives its number is given to nobody else; a live stranger with this pid means that ours is long gone.
    session = started.pid if started is not None and (leader is not None or not psutil.pid_exists(started.pid)) else None
    found = []
    for process in psutil.process_iter():
        with suppress(psutil.Error, OSError):
            belongs = os.getsid(process.pid) == session or _works_in(process, place)
            if belongs and process != leader and process.status() != psutil.STATUS_ZOMBIE:
                found.append(process)
    return found


def _works_in(process: psutil.Process, place: Place) -> bool:
    working = Path(process.cwd())
    return process.name().startswith(place.program) and (working == place.directory or place.directory in working.parents)


Ending = Literal["already", "drained", "killed"]


async def stop(started: Started | None, place: Place, ask: signal.Signals, patience: float) -> Ending:
    """Ends a service and all that belongs to it: asks, waits, kills."""
    process = find(started)
    ending: Ending = "already"
    relatives = kin(started, place)
    if process is not None:
        with suppress(psutil.NoSuchProcess):
            process.send_signal(ask)
        ending = "drained" if await _gone(lambda: not is_alive(started), patience) else "killed"
        if ending == "killed":
            _kill([process])
            await _gone(lambda: not is_alive(started), KILL_SECONDS)
    relatives += kin(started, place)
    # Workers end by themselves within moments when their parent does; whoever does not is killed.
    if not await _gone(lambda: not any(_runs(one) for one in relatives), RELATIVES_SECONDS):
        _kill(relatives)
        await _gone(lambda: not any(_runs(one) for one in relatives), KILL_SECONDS)
    return ending


async def _gone(condition: Callable[[], bool], seconds: float) -> bool:
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        await asyncio.sleep(POLL_SECONDS)
    return True


def _runs(process: psutil.Process) -> bool:
    try:
        return bool(process.is_running()) and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def _kill(processes: Iterable[psutil.Process]) -> None:
    for process in processes:
        with suppress(psutil.NoSuchProcess):
            process.kill()
