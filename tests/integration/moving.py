"""A command that moves effects, watched line by line, and killed where a test wants it killed; and what the database holds."""

from __future__ import annotations

import hashlib
import subprocess
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from sqlalchemy import text
from stacks import Answer, Stack

from nljctl.effects import database

PATIENCE_SECONDS = 120.0


@contextmanager
def begun(stack: Stack, *arguments: str) -> Iterator[subprocess.Popen[str]]:
    """The command, running; killed if it still runs in the end."""
    process = stack.begin(*arguments)
    try:
        yield process
    finally:
        process.kill()
        process.wait()
        for stream in (process.stdout, process.stderr):
            if stream is not None and not stream.closed:
                stream.close()


def until_said(process: subprocess.Popen[str], words: str) -> None:
    """Reads what it says of its steps until a line holds `words`."""
    assert process.stderr is not None
    watchdog = threading.Timer(PATIENCE_SECONDS, process.kill)
    watchdog.start()
    heard = []
    try:
        for line in process.stderr:
            heard.append(line)
            if words in line:
                return
    finally:
        watchdog.cancel()
    raise AssertionError(f"it ended without saying {words!r}: {''.join(heard)}")


def killed_after(stack: Stack, words: str, *arguments: str) -> None:
    """Runs a command and kills it, as `kill -9` does, as soon as it has said `words`."""
    with begun(stack, *arguments) as process:
        until_said(process, words)
        process.kill()


def done(answer: Answer) -> dict[str, Any]:
    """The document of a run that must have succeeded."""
    assert answer.code == 0, answer.stdout + answer.stderr
    return dict(answer.document)


def ownership(stack: Stack) -> dict[str, Any]:
    return dict(stack.run("status", "--json").document["ownership"])


def history(stack: Stack) -> list[dict[str, Any]]:
    return list(stack.run("status", "--history", "--json").document["history"])


def until(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not holds():
        assert time.monotonic() < deadline, f"not so after {PATIENCE_SECONDS:.0f} s"
        time.sleep(0.5)


def caught_up(stack: Stack) -> bool:
    """Both pipelines have read everything, and no store lacks anything."""
    status = stack.run("status", "--json").document
    return status["lag"] == {"faststream": 0, "legacy": 0} and not status["backfill"]


async def dump(stack: Stack) -> Mapping[str, str]:
    """A digest of every table's rows."""
    tables = "SELECT format('%I.%I', schemaname, tablename) FROM pg_tables WHERE schemaname IN ('public', 'nljctl', 'nljctl_shadow') ORDER BY 1"
    found: dict[str, str] = {}
    async with database.engine(stack.settings) as engine, engine.connect() as connection:
        for name in (await connection.execute(text(tables))).scalars().all():
            rows = (await connection.execute(text(f"SELECT row::text FROM {name} AS row ORDER BY 1"))).scalars().all()
            found[name] = hashlib.sha256("\n".join(rows).encode()).hexdigest()
    return found
