"""A local stack with legacy and two faststream members under load, and an engineer who moves it, is killed, and tries again."""

from __future__ import annotations

import random
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil
from member import Member
from moving import begun, until_said
from rich.console import Console
from stacks import Stack, new_stack

MIX = ("--duplicates", "2", "--conflicts", "1", "--invalid", "1")
PATIENCE_SECONDS = 900.0
err = Console(stderr=True)


@dataclass
class Stage:
    """The stack, its second faststream member, and what has been measured on it."""

    stack: Stack
    folder: Path
    chance: random.Random
    second: Member | None = None
    began: float = field(default_factory=time.monotonic)
    figures: dict[str, float | int | str | None] = field(default_factory=dict)
    kills: list[str] = field(default_factory=list)
    published: int = 0
    _seeds: int = 0

    def say(self, what: str) -> None:
        err.print(f"{time.monotonic() - self.began:6.0f} s  {what}", markup=False)

    @contextmanager
    def load(self, rate: float) -> Iterator[None]:
        """Events of the catalogue keep coming meanwhile, in both contracts."""
        self._seeds += 1
        seed = self.chance.randrange(2**31)
        self.say(f"load: {rate:g} records a second, seed {seed}")
        with begun(self.stack, "publish-test", "--event", "all", "--count", "2000000", "--rate", f"{rate:g}", "--seed", str(seed), *MIX, "--json") as publisher:
            yield
            publisher.send_signal(signal.SIGINT)
            _, said = publisher.communicate(timeout=60)
            assert publisher.returncode in (0, 130), said[-500:]

    def rest(self, seconds: float) -> None:
        time.sleep(seconds)

    def start_second(self) -> None:
        """One more member of faststream's group, which no runtime knows."""
        if self.second is None or not self.second.runs:
            self.second = Member(self.stack.env, self.folder / f"second-{time.monotonic():.0f}.log")
            self.second.until_ready()

    def end_second(self) -> None:
        if self.second is not None and self.second.runs:
            self.second.terminate(30.0)
        self.second = None

    def kill_second(self) -> None:
        if self.second is not None:
            self.second.kill()
            self.kills.append("second faststream member")

    def kill_service(self, name: str) -> None:
        self.say(f"kill -9 {name}")
        psutil.Process(self.stack.pids()[name]).kill()
        self.kills.append(name)

    def done(self, *command: str, killed_at: str | None = None) -> dict[str, Any]:
        """Runs a command to its end. With `killed_at` it is killed first as soon as it says these words, then run again. A rollback finds one member only."""
        if killed_at is not None:
            with begun(self.stack, *command, "--yes", "--json") as process:
                until_said(process, killed_at)
                process.kill()
            self.kills.append(f"{command[0]} at {killed_at}")
            self.say(f"kill -9 of {command[0]} at '{killed_at}'")
        began = time.monotonic()
        if command[0] == "rollback":
            self.end_second()
        for _ in range(5):
            answer = self.stack.run(*command, "--yes", "--json")
            if answer.code == 0:
                break
            self.say(f"{command[0]} ended with {answer.code}: {answer.document}")
            time.sleep(10)
        assert answer.code == 0, answer.stdout + answer.stderr
        self.say(f"{' '.join(command)} in {time.monotonic() - began:.1f} s")
        return dict(answer.document)

    def status(self) -> dict[str, Any]:
        return dict(self.stack.run("status", "--json").document)

    def until(self, what: str, holds: Callable[[dict[str, Any]], bool]) -> None:
        """Waits until `status` says so."""
        began = time.monotonic()
        while not holds(found := self.status()):
            assert time.monotonic() - began < PATIENCE_SECONDS, f"not {what} after {PATIENCE_SECONDS:.0f} s: {found['lag']}, {found['backfill']}"
            time.sleep(3)
        self.say(f"{what} after {time.monotonic() - began:.0f} s")

    def legacy_near(self, records: int) -> None:
        self.until(f"legacy is within {records} records of the end", lambda found: (found["lag"]["legacy"] or 0) <= records)

    def faststream_near(self, records: int) -> None:
        self.until(f"faststream is within {records} records of the end", lambda found: (found["lag"]["faststream"] or 0) <= records)

    def filled(self) -> None:
        self.until("the legacy store is filled", lambda found: not found["backfill"])


@contextmanager
def new_stage(seed: int, folder: Path) -> Iterator[Stage]:
    with new_stack() as stack:
        stack.up("analytics", "faststream")
        stage = Stage(stack, folder, random.Random(seed))
        try:
            yield stage
        finally:
            if stage.second is not None and stage.second.runs:
                stage.second.kill()
