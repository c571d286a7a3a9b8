"""The Docker Engine, asked through its SDK. Nothing is changed here. Calls block: await them by `asyncio.to_thread`."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from nljctl.errors import ConfigurationError, UnreachableError
from nljctl.stack.compose.container import Container, read

if TYPE_CHECKING:
    from docker import DockerClient

ASK_SECONDS = 10
SOCKET = Path("/var/run/docker.sock")
PROJECT = "com.docker.compose.project"
VOLUME = "com.docker.compose.volume"
ONE_OFF = "com.docker.compose.oneoff"


def answers() -> bool:
    """Whether a Docker Engine answers here. Costs nothing where none is installed."""
    if not _may_answer():
        return False
    try:
        with _client() as client:
            return bool(client.ping())
    except (UnreachableError, ConfigurationError):
        return False


def containers(project: str) -> tuple[Container, ...]:
    """The project's containers, running or not, in the order of their names; without those of `docker compose run`.

    Raises:
        UnreachableError: no engine answers.
        ConfigurationError: the SDK is not installed.
    """
    from docker.errors import NotFound

    with _client() as client:
        found = []
        for listed in client.api.containers(all=True, filters={"label": [f"{PROJECT}={project}", f"{ONE_OFF}=False"]}):
            try:
                found.append((listed["Names"][0], read(client.api.inspect_container(listed["Id"]))))
            except NotFound:
                continue  # removed since it was listed
        return tuple(container for _, container in sorted(found, key=lambda pair: pair[0]))


def has_volume(project: str, volume: str) -> bool:
    """Whether the project has a volume of this name already.

    Raises:
        UnreachableError: no engine answers.
    """
    with _client() as client:
        return bool(client.volumes.list(filters={"label": [f"{PROJECT}={project}", f"{VOLUME}={volume}"]}))


def last(container: str, lines: int) -> list[str]:
    """A container's last lines.

    Raises:
        UnreachableError: no engine answers.
    """
    with _client() as client:
        text: bytes = client.api.logs(container, tail=lines)
    return text.decode("utf-8", errors="replace").splitlines()


def follow(container: str, lines: int) -> Iterator[str]:
    """A container's last lines, and what comes until it ends.

    Raises:
        UnreachableError: no engine answers.
    """
    with _client(None) as client:
        rest = b""
        for block in client.api.logs(container, tail=lines, stream=True, follow=True):
            *whole, rest = (rest + block).split(b"\n")
            yield from (line.decode("utf-8", errors="replace").rstrip("\r") for line in whole)
        if rest:
            yield rest.decode("utf-8", errors="replace")


@contextmanager
def _client(timeout: int | None = ASK_SECONDS) -> Iterator[DockerClient]:
    """A client of the engine that DOCKER_HOST, or else the current Docker context, names."""
    try:
        import docker
        from docker.context import ContextAPI
        from docker.errors import DockerException
        from requests.exceptions import RequestException
    except ModuleNotFoundError as missing:
        raise ConfigurationError(f"the Docker SDK is not installed: {missing}", "pip install 'nljctl[compose]'", code="docker-sdk-missing") from missing
    try:
        if os.environ.get("DOCKER_HOST"):
            client = docker.from_env(timeout=timeout)
        else:
            context = ContextAPI.get_current_context()
            client = docker.DockerClient(base_url=context.Host if context else None, timeout=timeout)
        try:
            yield client
        finally:
            client.close()
    except (DockerException, RequestException) as problem:
        raise UnreachableError(
            f"no Docker Engine answers: {problem}", "Start Docker, or say where it is by DOCKER_HOST; `--runtime local` needs none."
        ) from problem


def _may_answer() -> bool:
    """Something names an engine. Loading the SDK takes a tenth of a second, which most commands on most machines need not spend."""
    if os.environ.get("DOCKER_HOST") or os.environ.get("DOCKER_CONTEXT"):
        return True
    if SOCKET.exists():
        return True
    try:
        configured = json.loads((Path(os.environ.get("DOCKER_CONFIG") or Path.home() / ".docker") / "config.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    return bool(isinstance(configured, dict) and configured.get("currentContext"))
