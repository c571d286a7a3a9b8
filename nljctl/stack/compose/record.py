"""What the engine cannot tell and nljctl must remember of a compose stack: which services should run. In `stack.json`, beside what readers outside want."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from nljctl.errors import StackError
from nljctl.stack.lock import locked

FILE = "stack.json"


@dataclass(frozen=True, slots=True)
class Record:
    """`wanted` holds the services that should run."""

    project: str
    file: Path
    wanted: frozenset[str]


def read(home: Path) -> Record | None:
    """The compose stack that was started from this home, or None.

    Raises:
        StackError: the file is there and cannot be understood.
    """
    path = home / FILE
    try:
        stored = json.loads(path.read_text(encoding="utf-8"))
        return Record(stored["project"], Path(stored["file"]), frozenset(stored["wanted"])) if stored["runtime"] == "compose" else None
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, TypeError) as problem:
        raise StackError(f"{path} cannot be read: {type(problem).__name__}: {problem}", "Move the file away; the containers are found without it.") from problem


def change(home: Path, initial: Record, do: Callable[[Record], Record]) -> None:
    """Reads it (or begins with `initial`), changes it and writes it, under a lock."""
    with locked(home / "locks" / "record"):
        write(home, do(read(home) or initial), {})


def want(home: Path, initial: Record, names: Iterable[str]) -> None:
    change(home, initial, lambda known: replace(known, wanted=known.wanted | frozenset(names)))


def forget(home: Path, initial: Record, names: Iterable[str]) -> None:
    change(home, initial, lambda known: replace(known, wanted=known.wanted - frozenset(names)))


def tell(home: Path, derived: Mapping[str, Any]) -> None:
    """Adds what is for readers outside (profiles, endpoints) and never read back."""
    with locked(home / "locks" / "record"):
        known = read(home)
        if known is not None:
            write(home, known, derived)


def write(home: Path, record: Record, derived: Mapping[str, Any]) -> None:
    """Replaces `stack.json` in one step; readable by its owner only."""
    content = {"runtime": "compose", **derived, "project": record.project, "file": str(record.file), "wanted": sorted(record.wanted)}
    draft = home / f"{FILE}.{os.getpid()}.new"
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
        json.dump(content, file, indent=2)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(home / FILE)
