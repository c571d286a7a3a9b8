"""Places in a JSON value, and how they are written (RFC 6901)."""

from __future__ import annotations

from typing import TypeAlias

Path: TypeAlias = tuple[str | int, ...]
"""The names and indices that lead to a place. Cheap to extend, so that a walk need not write pointers that nobody reads."""


def pointer(path: Path) -> str:
    """The JSON pointer of a place."""
    plain = "/".join(("", *map(str, path)))
    if "~" not in plain and plain.count("/") == len(path):
        return plain
    return "".join("/" + str(token).replace("~", "~0").replace("/", "~1") for token in path)
