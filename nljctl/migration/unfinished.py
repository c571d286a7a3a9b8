"""What a comparison has heard so far, kept beside it, so that one that was killed need not be begun from nothing.

The log does not change, so what was judged of it stays good, whatever the cut. What was read of an index is good as long as nothing was written
into that index since. Positions, rows of Postgres, dead letters and outcomes are few, and are heard anew.
"""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from nljctl.errors import RefusedError
from nljctl.migration.witnesses import Kept, WitnessFile

WORK = ".work"
EVERY_SECONDS = 1.0
_OF = "of.json"
_HEARD = ".heard.json"


class Checkpoint:
    """How far one witness has been heard: a mark, and how much of its files belongs to it. A kill at any moment leaves the one before."""

    def __init__(self, work: Path, name: str) -> None:
        self._path = work / f"{name}{_HEARD}"
        self._written = time.monotonic()

    def read(self) -> tuple[Any, Mapping[str, Kept]] | None:
        """The mark, and what each file holds; None if there is none."""
        try:
            found = json.loads(self._path.read_text(encoding="utf-8"))
            return found["mark"], {name: Kept(*kept) for name, kept in found["files"].items()}
        except (OSError, ValueError, KeyError, TypeError):
            return None

    def forget(self) -> None:
        self._path.unlink(missing_ok=True)

    def write(self, mark: Any, files: Mapping[str, WitnessFile], *, now: bool = False) -> None:
        """Notes how far it is; at most once a second unless `now`."""
        if not now and time.monotonic() - self._written < EVERY_SECONDS:
            return
        document = {"mark": mark, "files": {name: file.kept() for name, file in files.items()}}
        beside = self._path.with_suffix(".new")
        beside.write_text(json.dumps(document), encoding="utf-8")
        beside.replace(self._path)
        self._written = time.monotonic()


@dataclass(slots=True)
class Unfinished:
    """The folder that a comparison works in. `kept` says what was taken over, `anew` why something was not."""

    work: Path
    lock: int
    kept: list[str] = field(default_factory=list)
    anew: list[str] = field(default_factory=list)

    def checkpoint(self, name: str) -> Checkpoint:
        return Checkpoint(self.work, name)

    @property
    def heard(self) -> bool:
        """Whether there is anything that the next comparison could go on from."""
        return any(self.work.glob(f"*{_HEARD}"))

    def forget(self) -> None:
        """Throws away what was heard."""
        for path in self.work.glob(f"*{_HEARD}"):
            path.unlink()

    def release(self) -> None:
        """Lets others take the folder up. Call it once."""
        os.close(self.lock)

    def document(self) -> dict[str, Any] | None:
        """As the summary tells it; None if there was nothing to go on from."""
        return {"kept": self.kept, "anew": self.anew} if self.kept or self.anew else None


def take_up(folder: Path, around: Sequence[Path], asked: Mapping[str, Any]) -> Unfinished:
    """Prepares the working folder of a comparison, with what an unfinished one of the same platform has left.

    Args:
        folder: the comparison's own; what it holds unfinished itself is taken first.
        around: folders of comparisons, newest first, whose work may be taken over; what is left of older ones is removed.
        asked: what the work depends on (addresses, indices, version); it is good only for exactly that.

    Raises:
        RefusedError: another comparison is under way in `folder`.
    """
    folder.mkdir(parents=True, exist_ok=True)
    work = folder / WORK
    lock = None
    if work.exists() and (lock := _locked(work)) is None:
        raise RefusedError(f"another comparison is writing to {folder}", "Wait for it, or name another folder with --evidence DIR.")
    for other in (path for path in around if path != folder and (path / WORK).is_dir()):
        theirs = _locked(other / WORK)
        if theirs is None:
            continue
        if lock is None:
            (other / WORK).rename(work)
            lock = theirs
        else:
            os.close(theirs)
        shutil.rmtree(other, ignore_errors=True)
    unfinished = Unfinished(work, lock=_new(work) if lock is None else lock)
    if why := _not_of(work, asked):
        unfinished.anew.append(why)
        unfinished.forget()
    (work / _OF).write_text(json.dumps(asked), encoding="utf-8")
    for path in work.glob("ledger.duckdb*"):
        path.unlink()
    return unfinished


def _new(work: Path) -> int:
    """Makes a working folder that nobody sees before it is locked."""
    beside = work.with_name(f"{WORK}-{os.getpid()}")
    beside.mkdir(parents=True, exist_ok=True)
    lock = _locked(beside)
    assert lock is not None
    beside.rename(work)
    return lock


def _not_of(work: Path, asked: Mapping[str, Any]) -> str:
    """Why what a folder holds is of no use."""
    try:
        of = json.loads((work / _OF).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return ""
    other = [f"{name} was {of.get(name)}" for name, value in asked.items() if of.get(name) != value]
    return f"the unfinished comparison was of something else: {', '.join(other)}" if other else ""


def _locked(work: Path) -> int | None:
    """A lock on a working folder, which ends with the process; None if another process has it."""
    descriptor = os.open(work / "lock", os.O_CREAT | os.O_RDWR, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(descriptor)
        return None
    return descriptor
