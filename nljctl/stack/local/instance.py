"""One local stack as its services see it: folders, ports, programs. A value."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from nljctl.stack.local.record import Record


@dataclass(frozen=True, slots=True)
class Instance:
    """`assets` holds the folders of what was installed; a service asks only for its own."""

    home: Path
    record: Record
    assets: Mapping[str, Path]

    def folder(self, service: str) -> Path:
        """A service's own: its data and configuration, and its working directory."""
        return self.home / "services" / service

    def log(self, service: str) -> Path:
        return self.home / "logs" / f"{service}.log"

    def port(self, name: str) -> int:
        return self.record.ports[name]


def inherited(without: tuple[str, ...] = ()) -> dict[str, str]:
    """The environment that a service gets: ours, without variables that would change what it is told."""
    return {name: value for name, value in os.environ.items() if not name.startswith(without)} if without else dict(os.environ)
