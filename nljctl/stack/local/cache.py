"""Assets that every stack on this machine shares: built once, aside, and put in place in one step."""

from __future__ import annotations

import asyncio
import hashlib
import shutil
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from nljctl.stack.lock import held


@dataclass(frozen=True, slots=True)
class Asset:
    """`build` fills an empty folder. `inputs` are what its content depends on besides the version: another input, another folder."""

    name: str
    version: str
    title: str
    inputs: tuple[bytes, ...]
    build: Callable[[Path], None]


def folder(environment: Mapping[str, str]) -> Path:
    """`$NLJCTL_CACHE`, else `nljctl` in the user's cache folder."""
    if named := environment.get("NLJCTL_CACHE"):
        return Path(named).expanduser().resolve()
    return Path(environment.get("XDG_CACHE_HOME") or "~/.cache").expanduser().resolve() / "nljctl"


def place(cache: Path, asset: Asset) -> Path:
    digest = hashlib.sha256(b"\0".join(asset.inputs)).hexdigest()[:12]
    return cache / f"{asset.name}-{asset.version}-{digest}"


async def ensure(cache: Path, asset: Asset, building: Callable[[], None]) -> Path:
    """The asset's folder, built first if it is not there; `building` is called when that begins. Two processes at once build it once.

    Raises:
        StackError: it cannot be built.
    """
    target = place(cache, asset)
    if not target.is_dir():
        async with held(cache / f".{target.name}.lock"):
            if not target.is_dir():
                building()
                await asyncio.to_thread(_build, target, asset)
    return target


def _build(target: Path, asset: Asset) -> None:
    # Whoever holds the lock is alone: older drafts are of builds that were killed.
    for left in target.parent.glob(f".{target.name}.*/"):
        shutil.rmtree(left, ignore_errors=True)
    draft = Path(tempfile.mkdtemp(prefix=f".{target.name}.", dir=target.parent))
    try:
        asset.build(draft)
        draft.rename(target)
    finally:
        shutil.rmtree(draft, ignore_errors=True)
