"""Checks a folder of evidence without any service: every file as it was written, and every count and the verdict derived from the rows again."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from nljctl.errors import UsageError
from nljctl.migration.classes import CLASSES, SIDES, named
from nljctl.migration.evidence import SUMS, TABLES, sha256
from nljctl.migration.past import SUMMARY
from nljctl.migration.verdict import Verdict, worst


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was verified."""

    name: str
    ok: bool
    detail: str = ""


def verify(folder: Path) -> tuple[dict[str, Any], list[Check]]:
    """Whether the evidence is whole.

    Returns:
        The summary as written, and what was checked.

    Raises:
        UsageError: the folder holds no evidence that can be read.
    """
    try:
        summary = json.loads((folder / SUMMARY).read_text(encoding="utf-8"))
        lines = [line.partition("  ") for line in (folder / SUMS).read_text(encoding="utf-8").splitlines()]
        expected = {**summary["files"], **{name: digest for digest, _, name in lines}}
        needed = {SUMMARY, *TABLES.values()}
    except (OSError, ValueError, KeyError, TypeError) as problem:
        raise UsageError(f"{folder} holds no evidence that can be read: {problem}", "Name a folder that compare-legacy has written.") from problem
    checks = [_unchanged(folder / Path(name).name, digest) for name, digest in expected.items()]
    checks += [Check(f"{name} listed", False, "no checksum of it was written") for name in sorted(needed - expected.keys())]
    if all(check.ok for check in checks):
        checks += _recount(folder, summary)
    return summary, checks


def _unchanged(path: Path, digest: str) -> Check:
    if not path.is_file():
        return Check(f"{path.name} unchanged", False, "it is not there")
    found = sha256(path)
    return Check(f"{path.name} unchanged", found == digest, "" if found == digest else f"its sha256 is {found}, not {digest}")


_DIFFERENCE = """
    SELECT 'faststream' AS side, l.faststream AS class, CASE WHEN f.fault THEN 'unexplained' WHEN g.holds AND NOT f.holds THEN 'explained' END AS difference
    FROM ledger l JOIN class f ON f.side = 'faststream' AND f.name = l.faststream JOIN class g ON g.side = 'legacy' AND g.name = l.legacy
    UNION ALL
    SELECT 'legacy', l.legacy, CASE WHEN g.fault AND NOT g.accepted THEN 'unexplained' WHEN g.fault OR (f.holds AND NOT g.holds) THEN 'explained' END
    FROM ledger l JOIN class f ON f.side = 'faststream' AND f.name = l.faststream JOIN class g ON g.side = 'legacy' AND g.name = l.legacy
    UNION ALL SELECT side, class, CASE WHEN class = 'extra' THEN 'unexplained' ELSE difference END FROM stray"""
"""What each row comes to by the table of classes, not by what is written beside it."""

_OUTSIDE = """
    SELECT count(*) FROM ledger l LEFT JOIN cut c ON c.topic = l.topic AND c.part = l."partition" AND l."offset" >= c.first AND l."offset" < c.behind
    WHERE c.topic IS NULL"""


def _recount(folder: Path, summary: Mapping[str, Any]) -> list[Check]:
    with duckdb.connect() as db:
        for table, file in TABLES.items():
            db.read_parquet(str(folder / file)).create_view(table)
        db.execute("CREATE TABLE class (side VARCHAR, name VARCHAR, holds BOOLEAN, fault BOOLEAN, accepted BOOLEAN)")
        accepted = set(summary["asked"].get("accept") or ())
        rows = [(c.side, c.name, c.holds, c.fault, c.side == "legacy" and c.name in accepted) for c in CLASSES]
        db.executemany("INSERT INTO class VALUES (?, ?, ?, ?, ?)", rows)
        db.execute("CREATE TABLE cut (topic VARCHAR, part INTEGER, first BIGINT, behind BIGINT)")
        ranges = [(topic, int(number), *span) for topic, partitions in summary["cut"].items() for number, span in partitions.items()]
        db.executemany("INSERT INTO cut VALUES (?, ?, ?, ?)", ranges)
        db.execute(f"CREATE TABLE entry AS {_DIFFERENCE}")
        records, distinct = _row(db, 'SELECT count(*), count(DISTINCT (topic, "partition", "offset")) FROM ledger')
        [outside] = _row(db, _OUTSIDE)
        counted = {side: {entry.name: 0 for entry in named(side)} for side in SIDES}
        for side, name, count in db.execute("SELECT side, class, count(*) FROM entry GROUP BY ALL").fetchall():
            counted[side][name] = count
        differences: dict[str | None, int] = dict(db.execute("SELECT difference, count(*) FROM entry GROUP BY ALL").fetchall())
        effects: dict[str | None, int] = dict(db.execute("SELECT status, count(*) FROM effect GROUP BY ALL").fetchall())
    found = {kind: differences.get(kind, 0) for kind in ("explained", "unexplained")}
    of_records = {side: sum(counted[side][entry.name] for entry in named(side) if entry.of == "record") for side in SIDES}
    verdict = worst(
        unexplained=bool(found["unexplained"] or effects.get("unexplained")),
        explained=bool(found["explained"] or effects.get("explained")),
        analytics=summary.get("analytics"),
    )
    return [
        _equal("records", records, summary["log"]["records"]),
        _equal("a row per record", distinct, records),
        _equal("records outside the cut", outside, 0),
        *(_equal(f"{side} ledger", counted[side], summary["ledger"][side]) for side in SIDES),
        *(_equal(f"sum of the {side} ledger", of_records[side], summary["log"]["records"]) for side in SIDES),
        _equal("differences", found, summary["difference_counts"]),
        _equal("verdict", verdict.value, Verdict(summary["verdict"]).value),
    ]


def _equal(name: str, counted: object, written: object) -> Check:
    return Check(f"{name} as the rows say", counted == written, "" if counted == written else f"the rows give {counted}, the summary says {written}")


def _row(db: duckdb.DuckDBPyConnection, query: str) -> tuple[Any, ...]:
    row = db.execute(query).fetchone()
    assert row is not None
    return row
