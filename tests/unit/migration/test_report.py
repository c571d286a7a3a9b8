"""The report's pictures and notes: what they show, and that nothing in them is taken for HTML."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from nljctl.migration.past import past
from nljctl.migration.report.analytics import analytics
from nljctl.migration.report.timeline import timeline
from nljctl.migration.report.words import notes


def metric(log: Any, legacy: Any, faststream: Any, status: str = "same", *because: tuple[str, int]) -> dict[str, Any]:
    return {
        "log": log,
        "legacy": legacy,
        "faststream": faststream,
        "status": status,
        "because": [{"class": name, "count": count} for name, count in because],
    }


def test_numbers_stand_side_by_side_with_their_reason() -> None:
    shown = analytics({"overview": {"total_statements": metric(1_200, 1_100, 1_200, "explained", ("failed", 100))}})
    assert [word for word in ("1,200", "1,100", "100 × failed", "total statements") if word not in shown] == []


def test_counts_by_label_become_columns_also_where_a_side_lacks_the_label() -> None:
    shown = analytics({"overview": {"verbs": metric({"a": 4, "b": 2}, {"a": 4}, [{"verb": "a", "count": 4}, {"verb": "b", "count": 2}])}})
    assert "b: log 2, legacy 0, faststream 2" in shown
    assert shown.count('class="w1" x=') == 2


def test_what_is_no_number_and_no_count_is_shown_as_it_is() -> None:
    assert "[true, null]" in analytics({"overview": {"odd": metric([True, None], 1, "words", "differs")}})


def test_the_worst_subject_comes_first() -> None:
    shown = analytics({"learners": {"a@x": {"n": metric(1, 1, 1)}, "z@x": {"n": metric(1, 2, 1, "differs")}}})
    assert shown.index("z@x") < shown.index("a@x")


def test_names_and_values_are_escaped() -> None:
    evil = "<script>alert(1)</script>"
    assert "<script" not in analytics(
        {"overview": {evil: metric(evil, {evil: 1, "b": 2}, [evil])}, "learners": {evil: {evil: metric({evil: 1, "b": 1}, {}, {})}}}
    )


def test_the_timeline_has_a_column_for_each_comparison() -> None:
    entry = {"at": "2025-08-15T10:00:00", "verdict": "same", "records": 10, "explained": 0, "unexplained": 0}
    shown = timeline([entry, {**entry, "verdict": "differs", "unexplained": 3}])
    assert (shown.count("<rect"), shown.count('class="differs"')) == (2, 1)


def test_past_comparisons_are_read_from_their_folders_oldest_first(tmp_path: Path) -> None:
    for name, at in (("b", "2025-08-15"), ("a", "2025-08-16")):
        summary = {"at": at, "verdict": "same", "log": {"records": 1}, "difference_counts": {"explained": 0, "unexplained": 0}, "seconds": 1, "evidence": name}
        (tmp_path / name).mkdir()
        (tmp_path / name / "summary.json").write_text(json.dumps(summary))
    (tmp_path / "broken").mkdir()
    (tmp_path / "broken" / "summary.json").write_text("{}")
    assert [entry["evidence"] for entry in past(tmp_path)] == ["b", "a"]


def test_what_retention_has_removed_is_said() -> None:
    said = notes({"asked": {}, "retention": [{"topic": "xapi-events", "partition": 2, "removed": 1_500}]})
    assert said == ["Retention has removed 1,500 records from the log, which nobody can compare any more: xapi-events/2 (1,500)."]
