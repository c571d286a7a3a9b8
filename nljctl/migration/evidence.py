"""The folder that a comparison leaves, and its verification without any service.

ledger.parquet, strays.parquet, effects.parquet   every row that the counts are made of
differences.json                                  the differences that are listed
report.html                                       for people, self-contained
summary.json                                      the whole answer, and the sha256 of each file above
SHA256SUMS                                        of all of them, as `sha256sum -c` reads it
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from nljctl.errors import UsageError
from nljctl.migration.classes import SIDES, named
from nljctl.migration.comparison import Comparison
from nljctl.migration.ledger import Ledger
from nljctl.migration.report import render
from nljctl.migration.verdict import Verdict

SUMMARY, SUMS, REPORT, DIFFERENCES = "summary.json", "SHA256SUMS", "report.html", "differences.json"


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was verified."""

    name: str
    ok: bool
    detail: str = ""


def write(found: Comparison, ledger: Ledger, folder: Path) -> None:
    """Writes the evidence of a comparison."""
    files = ledger.export(folder)
    summary = found.as_json()
    files.append(_write(folder / DIFFERENCES, json.dumps(summary["differences"], indent=1, ensure_ascii=False)))
    files.append(_write(folder / REPORT, render(summary)))
    summary["files"] = {path.name: sha256(path) for path in files}
    files.append(_write(folder / SUMMARY, json.dumps(summary, indent=1, ensure_ascii=False)))
    _write(folder / SUMS, "".join(f"{sha256(path)}  {path.name}\n" for path in files))


def verify(folder: Path) -> tuple[dict[str, Any], list[Check]]:
    """Whether the evidence is whole: every file as it was written, and every count and the verdict as its rows say.

    Returns:
        The summary as written, and what was checked.

    Raises:
        UsageError: the folder holds no evidence that can be read.
    """
    try:
        summary = json.loads((folder / SUMMARY).read_text(encoding="utf-8"))
        lines = [line.partition("  ") for line in (folder / SUMS).read_text(encoding="utf-8").splitlines()]
        expected = {**summary["files"], **{name: digest for digest, _, name in lines}}
    except (OSError, ValueError, KeyError, TypeError) as problem:
        raise UsageError(f"{folder} holds no evidence that can be read: {problem}", "Name a folder that compare-legacy has written.") from problem
    checks = [_unchanged(folder / name, digest) for name, digest in expected.items()]
    if all(check.ok for check in checks):
        checks += _recount(folder, summary)
    return summary, checks


def _unchanged(path: Path, digest: str) -> Check:
    if not path.is_file():
        return Check(f"{path.name} unchanged", False, "it is not there")
    found = sha256(path)
    return Check(f"{path.name} unchanged", found == digest, "" if found == digest else f"its sha256 is {found}, not {digest}")


def _recount(folder: Path, summary: Mapping[str, Any]) -> list[Check]:
    with duckdb.connect() as db:
        for table, file in (("ledger", "ledger.parquet"), ("stray", "strays.parquet"), ("effect", "effects.parquet")):
            db.read_parquet(str(folder / file)).create_view(table)
        records = _one(db, "SELECT count(*) FROM ledger")
        counted = {side: {entry.name: 0 for entry in named(side)} for side in SIDES}
        rows = db.execute(
            """SELECT 'faststream', faststream, count(*) FROM ledger GROUP BY ALL UNION ALL SELECT 'legacy', legacy, count(*) FROM ledger GROUP BY ALL
               UNION ALL SELECT side, class, count(*) FROM stray GROUP BY ALL"""
        ).fetchall()
        for side, name, count in rows:
            counted[side][name] = count
        differences = dict(
            db.execute(
                """SELECT difference, count(*) FROM (
                       SELECT faststream_difference AS difference FROM ledger UNION ALL SELECT legacy_difference FROM ledger
                       UNION ALL SELECT difference FROM stray UNION ALL SELECT status FROM effect) GROUP BY ALL"""
            ).fetchall()
        )
    verdict = Verdict.DIFFERS if differences.get("unexplained") else Verdict.EXPLAINED if differences.get("explained") else Verdict.SAME
    return [
        _equal("records", records, summary["log"]["records"]),
        *(_equal(f"{side} ledger", counted[side], summary["ledger"][side]) for side in SIDES),
        _equal("verdict", verdict.value, summary["verdict"]),
    ]


def _equal(name: str, counted: object, written: object) -> Check:
    return Check(f"{name} as the rows say", counted == written, "" if counted == written else f"the rows give {counted}, the summary says {written}")


def _one(db: duckdb.DuckDBPyConnection, query: str) -> Any:
    row = db.execute(query).fetchone()
    return row[0] if row else None


def _write(path: Path, content: str) -> Path:
    path.write_text(content, encoding="utf-8")
    return path


def sha256(path: Path) -> str:
    """The sha256 of a file, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
