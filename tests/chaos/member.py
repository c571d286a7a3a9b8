"""One faststream consumer as a process: its pid, its log, and what it answers over HTTP."""

from __future__ import annotations

import re
import signal
import subprocess
import time
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import httpx
from aiokafka import TopicPartition
from stacks import PROGRAM

START_SECONDS = 60.0
POLL_SECONDS = 0.05
ASK_SECONDS = 3.0

HEALTHY = "healthy"

_ADDRESS = re.compile(rb"listening on (http://\S+)")
_MOMENT = re.compile(r"^\S+ ")
_NUMBER = re.compile(r"\d[\d.]*")


class Member:
    """A member of the consumer group, started now."""

    def __init__(self, env: Mapping[str, str], log: Path) -> None:
        self.log = log
        with log.open("wb") as stderr:
            command = [*PROGRAM, "consume", "faststream", "--port", "0"]
            self.process = subprocess.Popen(command, env=env, cwd=log.parent, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=stderr)
        self._url = ""
        self._client = httpx.Client(timeout=ASK_SECONDS, trust_env=False)

    @property
    def pid(self) -> int:
        return self.process.pid

    @property
    def runs(self) -> bool:
        return self.process.poll() is None

    def ask(self, path: str) -> dict[str, Any] | None:
        """Its answer to one of `/live`, `/ready`, `/health`, `/stats`, whatever its status; None where nobody answers."""
        if not self._url:
            found = _ADDRESS.search(self.log.read_bytes())
            if found is None:
                return None
            self._url = found[1].decode()
        try:
            answer = self._client.get(self._url + path).json()
        except (httpx.HTTPError, ValueError):
            return None
        return dict(answer)

    def well(self) -> bool:
        return well((self.ask("/health") or {}).get("components", {}))

    def positions(self) -> set[TopicPartition]:
        """The partitions that it holds now."""
        answer = self.ask("/stats") or {}
        return {TopicPartition(topic, int(number)) for topic, numbers in answer.get("positions", {}).items() for number in numbers}

    def until_ready(self) -> None:
        """Waits until it is a member and has its positions."""
        deadline = time.monotonic() + START_SECONDS
        while not (self.ask("/ready") or {}).get("ready"):
            assert self.runs, self.log.read_text()
            assert time.monotonic() < deadline, f"not ready after {START_SECONDS:.0f} s: {self.log.read_text()}"
            time.sleep(POLL_SECONDS)

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()

    def terminate(self, seconds: float) -> tuple[int, float]:
        """Asks it to end; gives its exit code and how long that took.

        Raises:
            subprocess.TimeoutExpired: it did not end within `seconds`.
        """
        begun = time.monotonic()
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(seconds), time.monotonic() - begun


def well(components: Mapping[str, Mapping[str, Any]]) -> bool:
    """Whether everything that a fault may hurt is healthy; the share of valid records is the load's matter. Pure."""
    return bool(components) and all(part["status"] == HEALTHY for name, part in components.items() if name != "xapi_validation")


def repeated(log: bytes) -> Counter[str]:
    """How often each warning or error was said, its time and its numbers aside. Pure."""
    said: Counter[str] = Counter()
    for line in log.decode(errors="replace").splitlines():
        words = _NUMBER.sub("#", _MOMENT.sub("", line))
        if words.startswith(("warning", "error", "critical")):
            said[words] += 1
    return said
