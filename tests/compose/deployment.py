"""One deployment of the compose file, driven as a person drives it: `docker compose …` and `nljctl …`, typed in a fresh clone."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from engine import ROOT, Engine

from nljctl import settings as configuration
from nljctl.settings import SETTINGS, Settings
from nljctl.stack.found import find_stack
from nljctl.stack.local import ports

PATIENCE_SECONDS = 300
PUBLISHED = ("NLJ_DB_PORT", "REDPANDA_PORT", "ELASTICSEARCH_PORT", "NLJ_API_PORT", "RALPH_PORT", "NLJ_FASTSTREAM_PORT", "XAPI_CONSUMER_PORT")
LABEL = "com.docker.compose"


@dataclass(frozen=True)
class Answer:
    """What one command gave. `document` is its JSON, None without `--json`."""

    code: int
    document: Any
    stdout: str
    stderr: str


@dataclass(frozen=True)
class Deployment:
    """A clone, the name of its project, and the environment of whoever works in it."""

    clone: Path
    project: str
    env: dict[str, str] = field(repr=False)

    def type(self, command: str, **env: str) -> Answer:
        """Runs a line as it would be typed."""
        done = subprocess.run(
            ["bash", "-c", command], cwd=self.clone, env={**self.env, **env}, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=PATIENCE_SECONDS
        )
        document = json.loads(done.stdout) if "--json" in command and command.startswith("nljctl") else None
        return Answer(done.returncode, document, done.stdout, done.stderr)

    def does(self, command: str, **env: str) -> Answer:
        """The same; it must succeed."""
        answer = self.type(command, **env)
        assert answer.code == 0, f"{command}: {answer.code}\n{answer.stdout}\n{answer.stderr}"
        return answer

    def begin(self, *arguments: str) -> subprocess.Popen[str]:
        """Starts `nljctl …` and does not wait for it."""
        return subprocess.Popen(["nljctl", *arguments], cwd=self.clone, env=self.env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)

    def containers(self) -> list[dict[str, Any]]:
        """What the engine knows of the project's containers, whoever made them."""
        listed = self.does(f"docker ps --all --quiet --filter label={LABEL}.project={self.project}").stdout.split()
        return json.loads(self.does(f"docker inspect {' '.join(listed)}").stdout) if listed else []

    def running(self) -> dict[str, str]:
        """The running services, each with its health."""
        return {service(each): (each["State"].get("Health") or {}).get("Status", "none") for each in self.containers() if each["State"]["Status"] == "running"}

    def pid(self, name: str) -> int:
        return int(next(each["State"]["Pid"] for each in self.containers() if service(each) == name and each["State"]["Running"]))

    def kill(self, name: str) -> None:
        """`kill -9` of the service's first process; `docker kill` would count as a stop by hand."""
        os.kill(self.pid(name), signal.SIGKILL)

    @property
    def settings(self) -> Settings:
        return configuration.load(environment=self.env, directory=self.clone, find_stack=find_stack)


def service(container: Mapping[str, Any]) -> str:
    return str(container["Config"]["Labels"][f"{LABEL}.service"])


def until(holds: Callable[[], bool], what: str) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not holds():
        assert time.monotonic() < deadline, f"not so after {PATIENCE_SECONDS} s: {what}"
        time.sleep(0.5)


def copy_of_the_checkout() -> Path:
    """What `git clone` would give, with what is not committed yet."""
    clone = Path(tempfile.mkdtemp(prefix="nljctl-compose-")) / "clone"
    listed = subprocess.run(["git", "ls-files", "--cached", "--others", "--exclude-standard"], cwd=ROOT, capture_output=True, text=True, check=True)
    for name in listed.stdout.splitlines():
        if (ROOT / name).is_file():
            (clone / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, clone / name)
    return clone


@contextmanager
def deployed(engine: Engine, image: str, name: str) -> Iterator[Deployment]:
    """An empty deployment on free ports; nothing is left of it afterwards."""
    clone = copy_of_the_checkout()
    told = {setting.variable for setting in SETTINGS} | {"NLJCTL_HOME", "COMPOSE_PROFILES"}
    chosen = {variable: str(port) for variable, port in ports.choose(PUBLISHED).items()}
    project = f"nljtest-{name}-{os.getpid()}"
    env = {
        **{variable: value for variable, value in engine.env.items() if variable not in told},
        **chosen,
        "COMPOSE_PROJECT_NAME": project,
        "NLJCTL_IMAGE": image,
        "PATH": f"{Path(sys.executable).parent}:{engine.env['PATH']}",
    }
    made = Deployment(clone, project, env)
    try:
        yield made
    finally:
        gone = made.type("docker compose --profile '*' down --volumes --remove-orphans --timeout 1")
        shutil.rmtree(clone.parent)
        assert gone.code == 0, gone.stderr
