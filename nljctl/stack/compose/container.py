"""One container of the project, as the engine tells of it: a value."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

RUNNING = frozenset({"running", "restarting", "paused"})
KILLED = 137
"""Exit code of a process that SIGKILL ended: 128 + 9."""


@dataclass(frozen=True, slots=True)
class Container:
    """`ports` maps a port of the container to the one on this machine, also while it is stopped; `mounts` a path inside to the path that it comes from."""

    id: str
    service: str
    status: str
    """created, running, paused, restarting, removing, exited or dead."""
    health: str | None
    """healthy, starting, unhealthy; None without a health check. What it says of a container that does not run means nothing."""
    probe: str
    """What its last health check printed."""
    exit_code: int
    out_of_memory: bool
    restarts: int
    pid: int
    image: str
    environment: Mapping[str, str]
    ports: Mapping[int, int]
    mounts: Mapping[str, str]

    @property
    def runs(self) -> bool:
        return self.status in RUNNING


def read(inspected: Mapping[str, Any]) -> Container:
    """From what `GET /containers/ID/json` answers."""
    state, configured = inspected["State"], inspected["Config"]
    health = state.get("Health") or {}
    checks = health.get("Log") or []
    return Container(
        id=inspected["Id"],
        service=configured["Labels"]["com.docker.compose.service"],
        status=state["Status"],
        health=health.get("Status") if health.get("Status") != "none" else None,
        probe=" ".join(checks[-1]["Output"].split())[-200:] if checks else "",
        exit_code=state["ExitCode"],
        out_of_memory=state["OOMKilled"],
        restarts=inspected["RestartCount"],
        pid=state["Pid"],
        image=configured["Image"],
        environment=dict(entry.partition("=")[::2] for entry in configured.get("Env") or ()),
        ports=_ports(inspected),
        mounts={mount["Destination"]: mount.get("Source", "") for mount in inspected.get("Mounts") or ()},
    )


def _ports(inspected: Mapping[str, Any]) -> dict[int, int]:
    """The ports in force; of a stopped container the first that it would be given."""
    bound = {
        **(inspected["HostConfig"].get("PortBindings") or {}),
        **{inside: at for inside, at in (inspected["NetworkSettings"].get("Ports") or {}).items() if at},
    }
    found: dict[int, int] = {}
    for inside, at in bound.items():
        first = re.match(r"\d+", at[0].get("HostPort") or "") if at else None
        if first:
            found[int(inside.partition("/")[0])] = int(first[0])
    return found
