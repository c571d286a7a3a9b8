"""Containers as the engine's API tells of them, with only what a test says of them."""

from __future__ import annotations

from typing import Any

from nljctl.stack.compose.container import Container, read


def inspected(
    service: str,
    status: str = "running",
    *,
    health: str | None = "healthy",
    exit_code: int = 0,
    port: tuple[int, str] | None = None,
    number: int = 1,
    **told: Any,
) -> dict[str, Any]:
    """What `GET /containers/ID/json` answers, as far as it is read. `port`: the one inside, and what the compose file asks for outside."""
    running = status in ("running", "paused", "restarting")
    bound = {f"{port[0]}/tcp": [{"HostIp": "127.0.0.1", "HostPort": port[1]}]} if port else {}
    given = {inside: [{"HostIp": "127.0.0.1", "HostPort": at[0]["HostPort"].split("-")[0]}] for inside, at in bound.items()}
    return {
        "Id": f"{service}-{number}",
        "RestartCount": told.get("restarts", 0),
        "State": {
            "Status": status,
            "ExitCode": exit_code,
            "OOMKilled": told.get("out_of_memory", False),
            "Pid": 4_711 if running else 0,
            **({"Health": {"Status": health, "Log": [{"Output": told.get("probe", "")}]}} if health else {}),
        },
        "Config": {
            "Labels": {"com.docker.compose.service": service},
            "Image": "nljctl:0.1.0",
            "Env": [f"{name}={value}" for name, value in told.get("env", {}).items()],
        },
        "HostConfig": {"PortBindings": bound},
        "NetworkSettings": {"Ports": given if running else {}},
        "Mounts": [{"Destination": inside, "Source": source} for inside, source in told.get("mounts", {}).items()],
    }


def container(service: str, status: str = "running", **told: Any) -> Container:
    return read(inspected(service, status, **told))
