"""The folder that a comparison leaves (verify.py checks it without any service).

ledger.parquet, strays.parquet, effects.parquet   every row that the counts are made of
differences.json                                  the differences that are listed
report.html                                       for people, self-contained
summary.json                                      the whole answer, and the sha256 of each file above
SHA256SUMS                                        of all of them, as `sha256sum -c` reads it
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from nljctl.migration.comparison import Comparison
from nljctl.migration.ledger import Ledger
from nljctl.migration.past import SUMMARY, short
from nljctl.migration.report import render

SUMS, REPORT, DIFFERENCES = "SHA256SUMS", "report.html", "differences.json"


TABLES = {"ledger": "ledger.parquet", "stray": "strays.parquet", "effect": "effects.parquet"}
"""The tables of rows, and the files that hold them."""


def write(found: Comparison, ledger: Ledger, folder: Path, earlier: Sequence[Mapping[str, Any]] = ()) -> None:
    """Writes the evidence of a comparison; `earlier` ones (past.py) make the report's timeline."""
    files = ledger.export(folder)
    summary = found.as_json()
    files.append(_write(folder / DIFFERENCES, json.dumps(summary["differences"], indent=1, ensure_ascii=False)))
    files.append(_write(folder / REPORT, render(summary, [*earlier, short(summary)])))
    summary["files"] = {path.name: sha256(path) for path in files}
    files.append(_write(folder / SUMMARY, json.dumps(summary, indent=1, ensure_ascii=False)))
    _write(folder / SUMS, "".join(f"{sha256(path)}  {path.name}\n" for path in files))


def _write(path: Path, content: str) -> Path:
    path.write_text(content, encoding="utf-8")
    return path


def sha256(path: Path) -> str:
    """The sha256 of a file, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
