"""The Docker Engine of these tests: the one that answers here, or one of their own that may be restarted and killed."""

from __future__ import annotations

import fcntl
import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import psutil
import pytest

ROOT = Path(__file__).parents[2]
LOOK_SECONDS = 60
READY_SECONDS = 60
CANNOT = 3

STAND_INS = {
    "NLJ_DB_IMAGE": "nljctl-test/postgres:15",
    "REDPANDA_IMAGE": "nljctl-test/kafka:4.1.1",
    "ELASTICSEARCH_IMAGE": "nljctl-test/elasticsearch:8.19.21",
    "RALPH_IMAGE": "nljctl-test/ralph:5.1.0",
}
"""Where no image registry can be reached (tests/compose/images)."""


@dataclass
class Engine:
    """`env` is what a program needs to speak to it, and the images that are there. `place` is None where it is somebody else's."""

    place: Path | None
    env: dict[str, str] = field(default_factory=dict)
    _folder: Path | None = None
    _process: subprocess.Popen[bytes] | None = None

    @property
    def own(self) -> bool:
        return self.place is not None

    def start(self) -> None:
        assert self.place is not None
        assert self._folder is not None
        log = (self._folder / "dockerd.log").open("ab")
        where = ["--data-root", str(self.place / "data"), "--exec-root", str(self._folder / "exec"), "--pidfile", str(self._folder / "pid")]
        self._process = subprocess.Popen(["dockerd", *where, "-H", self.env["DOCKER_HOST"]], stdout=log, stderr=log)
        deadline = time.monotonic() + READY_SECONDS
        while subprocess.run(["docker", "info"], env=self.env, capture_output=True).returncode:
            assert self._process.poll() is None, (self._folder / "dockerd.log").read_text()[-2_000:]
            assert time.monotonic() < deadline, f"no engine after {READY_SECONDS} s"
            time.sleep(0.2)

    def stop(self) -> None:
        """As the machine's service manager does it."""
        self._end(signal.SIGTERM)

    def kill(self) -> None:
        """Nothing is said to anybody: as after a loss of power."""
        assert self._process is not None
        family = [psutil.Process(self._process.pid), *psutil.Process(self._process.pid).children(recursive=True)]
        for process in family:
            process.kill()
        psutil.wait_procs(family)
        self._process.wait()
        assert self._folder is not None
        (self._folder / "pid").unlink(missing_ok=True)

    def restart(self) -> None:
        self.stop()
        self.start()

    def _end(self, how: signal.Signals) -> None:
        assert self._process is not None
        self._process.send_signal(how)
        self._process.wait(READY_SECONDS)


@contextmanager
def prepared() -> Iterator[Engine]:
    """An engine that answers, with Compose v2; skips where scripts/compose-engine has not prepared one."""
    done = subprocess.run([ROOT / "scripts" / "compose-engine", "--prepared"], capture_output=True, text=True, timeout=LOOK_SECONDS)
    if done.returncode == CANNOT:
        pytest.skip(done.stderr.strip().splitlines()[-1])
    assert done.returncode == 0, done.stderr
    if not done.stdout.strip():
        yield Engine(None, dict(os.environ))
        return
    place = Path(done.stdout.strip())
    folder = Path(tempfile.mkdtemp(prefix="nljctl-engine-"))
    env = {
        **os.environ,
        **STAND_INS,
        "DOCKER_HOST": f"unix://{folder}/docker.sock",
        "DOCKER_CONFIG": str(place / "config"),
        "DOCKER_BUILDKIT": "1",
        # Debian's client drives the engine's own BuildKit; a newer one would want a plugin for it.
        "PATH": f"/usr/bin:{os.environ['PATH']}",
    }
    engine = Engine(place, env, folder)
    with (place / "use.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # two engines cannot share a data folder
        try:
            engine.start()
            yield engine
        finally:
            engine.stop()
            shutil.rmtree(folder, ignore_errors=True)
