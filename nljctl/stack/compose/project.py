"""Which compose file a command means, and under which project name its containers run."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from nljctl.stack.names import FASTSTREAM

FILE = "docker-compose.yml"
NAME = "nlj"
"""As the file itself says at its top."""

BESIDE_THE_PACKAGE = Path(__file__).parents[3]
"""The checkout, where the program runs from one."""


@dataclass(frozen=True, slots=True)
class Project:
    name: str
    file: Path

    @property
    def folder(self) -> Path:
        return self.file.parent

    @property
    def dotenv(self) -> Path:
        """What Compose reads beside its file."""
        return self.folder / ".env"


def find(environment: Mapping[str, str], directory: Path) -> Project | None:
    """The platform's: COMPOSE_FILE, else the nearest one upwards, else the checkout's. None where there is none."""
    file = find_file(environment, directory)
    if file is None:
        return None
    named = environment.get("COMPOSE_PROJECT_NAME") or read_dotenv(file.parent / ".env").get("COMPOSE_PROJECT_NAME")
    return Project(named or NAME, file)


def find_file(environment: Mapping[str, str], directory: Path) -> Path | None:
    if told := environment.get("COMPOSE_FILE"):
        return Path(told.split(environment.get("COMPOSE_PATH_SEPARATOR") or os.pathsep)[0]).expanduser().resolve()
    for folder in (directory, *directory.parents, BESIDE_THE_PACKAGE):
        file = folder / FILE
        # Other projects have a file of this name too.
        if file.is_file() and FASTSTREAM in file.read_text(encoding="utf-8", errors="replace"):
            return file
    return None


def read_dotenv(path: Path) -> dict[str, str]:
    """The plain assignments of a `.env`; what Compose would interpolate in them is left as it is."""
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except OSError:
        return {}
    pairs = (line.strip().removeprefix("export ").partition("=") for line in lines if "=" in line and not line.lstrip().startswith("#"))
    return {name.strip(): value.strip().strip("'\"") for name, _, value in pairs}
