"""Reads the services' log files: the last lines, and what comes."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from pathlib import Path

POLL_SECONDS = 0.2
BLOCK = 64 * 1024


def last(path: Path, lines: int) -> list[str]:
    """The last lines of a file that may be large, or none where there is no file."""
    return _tail(path, lines)[0]


def _tail(path: Path, lines: int) -> tuple[list[str], int]:
    """The last whole lines, and the position behind them."""
    try:
        with path.open("rb") as file:
            position = end = file.seek(0, 2)
            content = b""
            while position > 0 and content.count(b"\n") <= lines:
                step = min(BLOCK, position)
                position -= step
                file.seek(position)
                content = file.read(step) + content
    except FileNotFoundError:
        return [], 0
    return content.decode("utf-8", errors="replace").splitlines()[-lines:] if lines > 0 else [], end


async def read(files: Mapping[str, Path], *, lines: int, follow: bool) -> AsyncIterator[tuple[str, str]]:
    """Names and lines, file after file; with `follow` on and on, also of files that are yet to come."""
    positions: dict[str, int] = {}
    for name, path in files.items():
        found, positions[name] = _tail(path, lines)
        for line in found:
            yield name, line
    while follow:
        await asyncio.sleep(POLL_SECONDS)
        for name, path in files.items():
            fresh, positions[name] = _new(path, positions[name])
            for line in fresh:
                yield name, line


def _new(path: Path, position: int) -> tuple[list[str], int]:
    """The whole lines behind a position; from the start where the file became shorter."""
    try:
        with path.open("rb") as file:
            size = file.seek(0, 2)
            file.seek(position if position <= size else 0)
            content = file.read()
            whole = content.rfind(b"\n") + 1
            return content[:whole].decode("utf-8", errors="replace").splitlines(), file.tell() - len(content) + whole
    except FileNotFoundError:
        return [], 0
