"""The folder of evidence: what is in it, and that a change of any file is found."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb
import pytest
from ledger_world import TOPIC, World

from nljctl.errors import UsageError
from nljctl.migration import evidence
from nljctl.migration.comparison import Comparison
from nljctl.migration.ledger import Ledger
from nljctl.migration.verdict import Verdict, decide
from nljctl.migration.verify import verify
from nljctl.migration.witnesses import SpanRow


def compared(folder: Path) -> Comparison:
    """Evidence of three records: one that both hold, one that legacy lost, one dead letter; and a stray document."""
    world = World()
    world.stored_new("a", "A", world.record("a")).stored_legacy("a")
    world.stored_new("b<i>", "A", world.record("b<i>"))
    world.dead_letter(world.record("c", rejected="verb-id")).outcome("legacy", 2, "refused", "http-422").stored_legacy("stray")
    folder.mkdir()
    with Ledger(folder / ".work") as ledger:
        ledger.add("span", [SpanRow(TOPIC, 0, 0, 3, True, True)])
        ledger.add("log", world.log)
        for witness, rows in world.rows.items():
            ledger.add(witness, rows)
        ledger.settle()
        totals = ledger.totals()
        found = Comparison(
            at=datetime(2025, 8, 15, tzinfo=UTC),
            seconds=1.5,
            verdict=decide(totals, None),
            required=Verdict.EXPLAINED,
            cut={TOPIC: {"0": [0, 3]}},
            totals=totals,
            reasons=ledger.reasons(),
            events=ledger.events(),
            effects=None,
            effects_absent="not asked for",
            effect_differences=[],
            differences=ledger.differences(10),
            evidence=folder,
            asked={},
            versions={"nljctl": "0"},
        )
        evidence.write(found, ledger, folder)
    return found


def test_untouched_evidence_is_whole(tmp_path: Path) -> None:
    found = compared(tmp_path / "e")
    summary, checks = verify(tmp_path / "e")
    assert all(check.ok for check in checks)
    assert summary["verdict"] == found.verdict == "differs"


@pytest.mark.parametrize("name", ["ledger.parquet", "strays.parquet", "effects.parquet", "differences.json", "report.html", "summary.json"])
def test_a_change_of_any_file_is_found(tmp_path: Path, name: str) -> None:
    compared(tmp_path / "e")
    path = tmp_path / "e" / name
    path.write_bytes(path.read_bytes() + b" ")
    _, checks = verify(tmp_path / "e")
    assert [check.name for check in checks if not check.ok] == [f"{name} unchanged"]


def test_a_missing_file_is_found(tmp_path: Path) -> None:
    compared(tmp_path / "e")
    (tmp_path / "e" / "ledger.parquet").unlink()
    _, checks = verify(tmp_path / "e")
    assert [check.detail for check in checks if not check.ok] == ["it is not there"]


def test_a_verdict_that_the_rows_do_not_give_is_found_though_every_checksum_is_right(tmp_path: Path) -> None:
    folder = tmp_path / "e"
    compared(folder)
    assert rewritten(folder, lambda summary: summary.update(verdict="same")) == ["verdict as the rows say"]


def rewritten(folder: Path, change: Callable[[dict[str, Any]], None]) -> list[str]:
    """Changes the summary and mends its checksum; gives the checks that fail."""
    summary = json.loads((folder / "summary.json").read_text())
    change(summary)
    (folder / "summary.json").write_text(json.dumps(summary))
    lines = [line for line in (folder / "SHA256SUMS").read_text().splitlines() if not line.endswith("summary.json")]
    (folder / "SHA256SUMS").write_text("\n".join([*lines, f"{evidence.sha256(folder / 'summary.json')}  summary.json", ""]))
    _, checks = verify(folder)
    return [check.name for check in checks if not check.ok]


def test_a_cut_that_the_rows_are_not_of_is_found(tmp_path: Path) -> None:
    compared(tmp_path / "e")
    assert rewritten(tmp_path / "e", lambda summary: summary["cut"][TOPIC].update({"0": [0, 2]})) == ["records outside the cut as the rows say"]


def test_a_figure_of_the_analytics_that_differs_makes_another_verdict(tmp_path: Path) -> None:
    folder = tmp_path / "e"
    compared(folder)
    assert rewritten(folder, lambda summary: summary.update(analytics={"overview": {"statements": {"status": "differs"}}})) == []
    assert rewritten(folder, lambda summary: summary.update(verdict="explained")) == ["verdict as the rows say"]


def test_a_file_of_rows_without_checksum_is_not_believed(tmp_path: Path) -> None:
    folder = tmp_path / "e"
    compared(folder)
    (folder / "SHA256SUMS").write_text("\n".join(line for line in (folder / "SHA256SUMS").read_text().splitlines() if "ledger" not in line))
    assert "ledger.parquet listed" in rewritten(folder, lambda summary: summary["files"].pop("ledger.parquet"))


def test_a_folder_without_evidence_is_said_to_be_none(tmp_path: Path) -> None:
    with pytest.raises(UsageError):
        verify(tmp_path)


def test_the_ledger_has_one_row_per_record_of_the_cut(tmp_path: Path) -> None:
    compared(tmp_path / "e")
    rows = duckdb.read_parquet(str(tmp_path / "e" / "ledger.parquet")).project('"offset", faststream, legacy').fetchall()
    assert rows == [(0, "stored", "stored"), (1, "stored", "unexplained"), (2, "dead_lettered", "refused")]


def test_the_report_is_self_contained_and_escapes_what_statements_say(tmp_path: Path) -> None:
    compared(tmp_path / "e")
    page = (tmp_path / "e" / "report.html").read_text()
    assert "b&lt;i&gt;" in page
    assert "b<i>" not in page
    assert [word for word in ("src=", "href=", "url(", "@import", "<link", "<script") if word in page] == []
