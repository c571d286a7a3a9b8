"""What a local stack remembers of itself in `stack.json`: ports, processes, what should run. Written atomically, readable by its owner only."""

from __future__ import annotations

import json
import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from nljctl.errors import StackError

FILE = "stack.json"


@dataclass(frozen=True, slots=True)
class Started:
    """A process that was started. The pid alone is not enough, the system uses it again; with its time of creation it is."""

    pid: int
    created: float


@dataclass(frozen=True, slots=True)
class Record:
    """`identity` tells this stack from an earlier one in the same folder; `wanted` holds the services that should run."""

    identity: str
    ralph_secret: str
    elasticsearch: str
    ports: Mapping[str, int] = field(default_factory=dict)
    processes: Mapping[str, Started] = field(default_factory=dict)
    wanted: frozenset[str] = frozenset()


def new(elasticsearch: str) -> Record:
    return Record(identity=secrets.token_hex(6), ralph_secret=secrets.token_urlsafe(24), elasticsearch=elasticsearch)


def read(home: Path) -> Record | None:
    """The stack that lives in `home`, or None.

    Raises:
        StackError: the file is there and cannot be understood.
    """
    path = home / FILE
    try:
        stored = json.loads(path.read_text(encoding="utf-8"))
        return Record(
            identity=stored["identity"],
            ralph_secret=stored["secrets"]["ralph"],
            elasticsearch=stored["elasticsearch"],
            ports=stored["ports"],
            processes={name: Started(**process) for name, process in stored["pids"].items()},
            wanted=frozenset(stored["wanted"]),
        )
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as problem:
        raise StackError(
            f"{path} cannot be read: {type(problem).__name__}: {problem}", "Stop what still runs by hand, then move the file away and run `nljctl up`."
        ) from problem


def write(home: Path, record: Record, derived: Mapping[str, Any]) -> None:
    """Replaces `stack.json` in one step. `derived` (profiles, endpoints) is for readers outside; it is never read back."""
    content = {
        "runtime": "local",
        **derived,
        "identity": record.identity,
        "elasticsearch": record.elasticsearch,
        "ports": dict(record.ports),
        "pids": {name: {"pid": process.pid, "created": process.created} for name, process in record.processes.items()},
        "wanted": sorted(record.wanted),
        "secrets": {"ralph": record.ralph_secret},
    }
    draft = home / f"{FILE}.{os.getpid()}.new"
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
        json.dump(content, file, indent=2)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(home / FILE)
