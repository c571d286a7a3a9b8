"""Follows the logs of several containers at once, as one stream of lines."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Collection
from contextlib import suppress

from nljctl.errors import NljctlError
from nljctl.stack.compose import engine
from nljctl.stack.compose.container import Container

Line = tuple[str, str]
"""The service and what it printed."""


async def follow(containers: Collection[Container], lines: int) -> AsyncIterator[Line]:
    """The last `lines` of each, then what comes, until all of them have ended.

    Raises:
        UnreachableError: no engine answers.
    """
    loop = asyncio.get_running_loop()
    heard: asyncio.Queue[Line | NljctlError | None] = asyncio.Queue()

    def read(container: Container) -> None:
        said: NljctlError | None = None
        # The loop ends before the reader where somebody has seen enough.
        with suppress(RuntimeError):
            try:
                for line in engine.follow(container.id, lines):
                    loop.call_soon_threadsafe(heard.put_nowait, (container.service, line))
            except NljctlError as problem:
                said = problem
            loop.call_soon_threadsafe(heard.put_nowait, said)

    for container in containers:
        # Daemons: what blocks in a read must not keep the program from ending.
        threading.Thread(target=read, args=(container,), name=f"log of {container.service}", daemon=True).start()
    left = len(containers)
    while left:
        match await heard.get():
            case None:
                left -= 1
            case NljctlError() as problem:
                raise problem
            case (service, line):
                yield service, line
