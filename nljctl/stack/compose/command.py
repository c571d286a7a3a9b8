"""Runs `docker compose`: every change goes through it, as it would by hand. Its progress is read line by line."""

from __future__ import annotations

import asyncio
import json
import re
import shutil
from collections.abc import Callable
from contextlib import suppress

from nljctl.errors import ConfigurationError, StackError
from nljctl.stack.compose.project import Project

END_SECONDS = 10.0
TOLD = 3
"""Lines of its last words that an error repeats."""

Watch = Callable[[str, str], None]
"""Told what Compose works on ("Container nlj-redpanda-1", "Image …") and what it does to it ("Pulling", "Started")."""

HINTS = (
    (
        re.compile(r"port is already allocated|address already in use|ports are not available"),
        "Another program has this port. Choose one: docs/compose.md lists the variables.",
    ),
    (
        re.compile(r"unknown command: docker compose|is not a docker command|unknown shorthand flag: 'p'"),
        "Install Docker Compose v2: https://docs.docker.com/compose/install/",
    ),
    (
        re.compile(r"pull access denied|manifest unknown|no such host|failed to resolve reference"),
        "Is the image's name right, and its registry reachable? Each is a variable (docs/compose.md).",
    ),
    (re.compile(r"permission denied.*docker", re.IGNORECASE), "Your user may not speak to Docker: join the group docker, or use sudo."),
)


async def compose(project: Project, *arguments: str, watch: Watch = lambda _what, _does: None) -> None:
    """Runs it to its end. Cancelled, it is asked to end as by Ctrl-C.

    Raises:
        ConfigurationError: there is no `docker` here.
        StackError: it failed; with its last words.
    """
    docker = shutil.which("docker")
    if docker is None:
        raise ConfigurationError("there is no `docker` command here", "Install Docker with Compose v2, or use --runtime local.", code="docker-missing")
    process = await asyncio.create_subprocess_exec(
        docker, "compose", "--project-name", project.name, "--file", str(project.file), "--progress", "json", *arguments,
        cwd=project.folder, stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.PIPE,
        limit=1 << 20, start_new_session=True,
    )  # fmt: skip
    said: list[str] = []
    try:
        if process.stderr is not None:
            async for line in process.stderr:
                hear(line.decode("utf-8", errors="replace").strip(), watch, said)
        code = await process.wait()
    except BaseException:  # Ctrl-C too: no command goes on behind its caller's back, then it goes on up
        await _end(process)
        raise
    if code:
        words = " / ".join(said[-TOLD:]) or f"exit code {code}"
        hint = next((hint for pattern, hint in HINTS if pattern.search(words)), f"See: docker compose -p {project.name} ps -a")
        raise StackError(f"`docker compose {arguments[0]}` failed: {words}", hint, code="compose-failed")


def hear(line: str, watch: Watch, said: list[str]) -> None:
    """A line of progress is told on; any other is kept for the error that it may be."""
    try:
        event = json.loads(line)
    except ValueError:
        if line:
            said.append(line)
        return
    if not isinstance(event, dict):
        return
    if event.get("error"):
        said.append(str(event.get("message") or line))
    if event.get("id") and not event.get("parent_id"):
        watch(str(event["id"]), str(event.get("status") or event.get("text") or ""))


async def _end(process: asyncio.subprocess.Process) -> None:
    with suppress(ProcessLookupError):
        process.terminate()
    try:
        await asyncio.wait_for(process.wait(), END_SECONDS)
    except TimeoutError:
        with suppress(ProcessLookupError):
            process.kill()
        await process.wait()
