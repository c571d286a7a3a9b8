"""What the program reads beside its code is in its package: an image, unlike a checkout, has only that."""

from __future__ import annotations

import tomllib
from fnmatch import fnmatch
from pathlib import Path

ROOT = Path(__file__).parents[3]


def test_every_file_of_the_package_is_packaged() -> None:
    patterns = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["setuptools"]["package-data"]["*"]
    files = [path for path in (ROOT / "nljctl").rglob("*") if path.is_file() and path.suffix not in (".py", ".pyc")]
    assert files
    assert [str(path) for path in files if not any(fnmatch(path.name, pattern) for pattern in patterns)] == []


def test_every_folder_with_such_files_is_a_package() -> None:
    folders = {path.parent for path in (ROOT / "nljctl").rglob("*") if path.is_file() and path.suffix not in (".pyc",)}
    assert [str(folder) for folder in folders if folder.name != "__pycache__" and not (folder / "__init__.py").exists()] == []
