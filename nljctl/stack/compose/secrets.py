"""Random secrets for a new compose stack: files in a folder of their own, which a `.env` beside the compose file names.

A container's user is not the owner of these files, and a mounted file keeps its mode: so the files are readable by all, inside a folder
that only its owner may enter.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping
from pathlib import Path
from secrets import token_urlsafe

from nljctl.stack.compose.project import Project, read_dotenv

VARIABLE = "NLJCTL_SECRETS"
NAMES = ("database_password", "ralph_secret")
BYTES = 24
PASSFILE = "pgpass"
MARK = "# Made by `nljctl up`: the folder with this stack's random secrets. Deleted with its data by `nljctl down --volumes`."


def chosen(project: Project, environment: Mapping[str, str]) -> str | None:
    """The folder that the environment or the `.env` names; None where the development secrets are in force."""
    return environment.get(VARIABLE) or read_dotenv(project.dotenv).get(VARIABLE) or None


def make(project: Project, home: Path) -> Path:
    """Makes the files and tells Compose of them; what exists stays as it is."""
    folder = home / "secrets"
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    folder.chmod(0o700)
    for name in NAMES:
        if not (folder / name).exists():
            _write(folder / name, f"{token_urlsafe(BYTES)}\n", 0o644)
    earlier = project.dotenv.read_text(encoding="utf-8") if project.dotenv.exists() else ""
    separator = "" if not earlier or earlier.endswith("\n") else "\n"
    _write(project.dotenv, f"{earlier}{separator}{MARK}\n{VARIABLE}={folder}\n", 0o600)
    return folder


def write_passfile(home: Path, user: str, password: str) -> Path:
    """The database's password as libpq reads it, so that a URL needs none."""
    path = home / PASSFILE
    escaped = password.replace("\\", "\\\\").replace(":", "\\:")
    _write(path, f"*:*:*:{user}:{escaped}\n", 0o600)
    return path


def remove(project: Project, home: Path) -> None:
    """Deletes what `make` made; other lines of the `.env` stay."""
    folder = home / "secrets"
    (home / PASSFILE).unlink(missing_ok=True)
    if read_dotenv(project.dotenv).get(VARIABLE) == str(folder):
        kept = [line for line in project.dotenv.read_text(encoding="utf-8").splitlines() if line not in (MARK, f"{VARIABLE}={folder}")]
        if kept:
            _write(project.dotenv, "\n".join(kept) + "\n", 0o600)
        else:
            project.dotenv.unlink()
    shutil.rmtree(folder, ignore_errors=True)


def _write(path: Path, content: str, mode: int) -> None:
    draft = path.with_name(f"{path.name}.{os.getpid()}.new")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode), "w", encoding="utf-8") as file:
        file.write(content)
    draft.chmod(mode)
    draft.replace(path)
