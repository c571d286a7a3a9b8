"""The comparisons that were made here before, as their folders tell: what the report's timeline shows and the list of comparisons is made of."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

MOST = 60
SUMMARY = "summary.json"


def past(folder: Path, *, most: int = MOST) -> list[dict[str, Any]]:
    """Of each folder of evidence in `folder` what its summary says in short, oldest first; the newest `most` of them. Folders that hold none are left out."""
    newest = sorted(folder.glob(f"*/{SUMMARY}"), key=lambda path: path.stat().st_mtime_ns)[-most:]
    found = [entry for path in newest if (entry := _short(path)) is not None]
    return sorted(found, key=lambda entry: str(entry["at"]))


def short(summary: dict[str, Any]) -> dict[str, Any]:
    """A summary in a line."""
    counts = summary["difference_counts"]
    return {
        "at": summary["at"],
        "verdict": summary["verdict"],
        "records": summary["log"]["records"],
        "explained": counts["explained"],
        "unexplained": counts["unexplained"],
        "seconds": summary["seconds"],
        "evidence": summary["evidence"],
    }


def _short(path: Path) -> dict[str, Any] | None:
    try:
        return short(json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError, KeyError, TypeError):
        return None
