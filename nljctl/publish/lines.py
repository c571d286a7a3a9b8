"""Reads a file of JSON lines as a stream: plain, gzipped, or standard input; memory does not depend on its size."""

from __future__ import annotations

import asyncio
import gzip
import zlib
from collections.abc import AsyncIterator
from io import BufferedIOBase

from nljctl.errors import UsageError

STDIN = "-"
_CHUNK = 1024 * 1024


async def lines(name: str) -> AsyncIterator[bytes]:
    """The lines of a file (`-`: standard input; `.gz`: unpacked), without their line ends. Reading happens beside the event loop.

    Raises:
        UsageError: the file cannot be read.
    """
    rest = b""
    try:
        with _opened(name) as stream:
            while chunk := await asyncio.to_thread(stream.read1, _CHUNK):
                *complete, rest = (rest + chunk).split(b"\n")
                for line in complete:
                    yield line
    except (OSError, EOFError, zlib.error) as problem:
        raise _unreadable(name, problem) from problem
    if rest:
        yield rest


def check_readable(name: str) -> None:
    """Says at once, before anything is connected, that a file cannot be read.

    Raises:
        UsageError: it cannot.
    """
    try:
        if name != STDIN:
            _opened(name).close()
    except OSError as problem:
        raise _unreadable(name, problem) from problem


def _unreadable(name: str, problem: Exception) -> UsageError:
    cause = problem.strerror if isinstance(problem, OSError) and problem.strerror else problem
    return UsageError(f"{name} cannot be read: {cause}", "Name a readable file of JSON lines; `.gz` is unpacked, `-` is standard input.")


def _opened(name: str) -> BufferedIOBase:
    if name == STDIN:
        return open(0, "rb", closefd=False)
    return gzip.open(name, "rb") if name.endswith(".gz") else open(name, "rb")
