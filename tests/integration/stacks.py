"""A local stack of a test's own, driven as a person drives it: through the program."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil

from nljctl import settings as configuration
from nljctl.settings import SETTINGS, Settings

PROGRAM = (sys.executable, "-m", "nljctl")
PATIENCE_SECONDS = 600
QUICK_JVM = {"JAVA_TOOL_OPTIONS": "-XX:TieredStopAtLevel=1"}
"""The first compiler only: a test's services live for seconds, and start in half the CPU time with it."""


@dataclass(frozen=True)
class Answer:
    """What one run of the program gave. `document` is its JSON, None without `--json`."""

    code: int
    document: Any
    stdout: str
    stderr: str


@dataclass(frozen=True)
class Stack:
    """A stack's home, and the environment in which the program acts on it."""

    home: Path
    env: dict[str, str] = field(repr=False)

    def run(self, *arguments: str, env: dict[str, str] | None = None, stdin: str = "") -> Answer:
        """Runs `nljctl …` to its end; `env` is added to the stack's own."""
        done = subprocess.run(
            [*PROGRAM, *arguments],
            env={**self.env, **(env or {})},
            cwd=self.home.parent,
            input=stdin,
            capture_output=True,
            text=True,
            timeout=PATIENCE_SECONDS,
        )
        document = json.loads(done.stdout) if "--json" in arguments and "--watch" not in arguments else None
        return Answer(done.returncode, document, done.stdout, done.stderr)

    def begin(self, *arguments: str) -> subprocess.Popen[str]:
        """Starts `nljctl …` and does not wait for it."""
        return subprocess.Popen([*PROGRAM, *arguments], env=self.env, cwd=self.home.parent, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)

    def up(self, *profiles: str) -> Answer:
        """Starts the stack; fails the test if it does not start."""
        answer = self.run("up", "--json", *(word for profile in profiles for word in ("--profile", profile)))
        assert answer.code == 0, answer.stdout + answer.stderr
        return answer

    def services(self) -> dict[str, dict[str, Any]]:
        """The services of `nljctl status`, by name."""
        return {service["name"]: service for service in self.run("status", "--json").document["services"]}

    def pids(self) -> dict[str, int]:
        return {name: service["pid"] for name, service in self.services().items() if service["pid"]}

    @property
    def endpoints(self) -> dict[str, str]:
        return dict(json.loads((self.home / "stack.json").read_text())["endpoints"])

    @property
    def settings(self) -> Settings:
        return configuration.load(environment=self.env, directory=self.home.parent)

    def processes(self) -> list[psutil.Process]:
        """Every process that has to do with this home: by its command, its folder, or what it was told."""
        found = []
        for process in psutil.process_iter():
            with suppress(psutil.Error, OSError):
                mentions = " ".join([*process.cmdline(), process.cwd(), process.environ().get("NLJCTL_HOME", "")])
                if str(self.home) in mentions and process.pid != os.getpid() and process.status() != psutil.STATUS_ZOMBIE:
                    found.append(process)
        return found


@contextmanager
def new_stack(**env: str) -> Iterator[Stack]:
    """An empty home, and nothing left of it afterwards."""
    told = {setting.variable for setting in SETTINGS}
    folder = Path(tempfile.mkdtemp(prefix="nljctl-test-"))
    inherited = {name: value for name, value in os.environ.items() if name not in told}
    stack = Stack(folder / "home", {**inherited, **QUICK_JVM, "NLJCTL_HOME": str(folder / "home"), "NLJCTL_RUNTIME": "local", **env})
    try:
        yield stack
    finally:
        try:
            gone = stack.run("down", "--volumes", "--yes", "--json")
            assert gone.code == 0, gone.stdout + gone.stderr
        finally:
            shutil.rmtree(folder)
