"""When a figure is the same, explained, or differs."""

from __future__ import annotations

from nljctl.migration.analytics.document import Cause, Compared, status_of

FILTERED, DELETED = Cause("legacy", "filtered", 2, True), Cause("legacy", "unexplained", 1, False)


def figure(log: str | None, legacy: str | None, faststream: str | None, expected: str | None = None, metric: str = "total_statements") -> Compared:
    return Compared(metric, log, legacy, faststream, legacy if expected is None else expected, faststream)


def test_three_times_the_same_is_the_same_whatever_the_records_did() -> None:
    judged = figure("3", "3", "3").judged([FILTERED, DELETED])
    assert judged == {"log": 3, "legacy": 3, "faststream": 3, "status": "same", "because": []}


def test_a_difference_that_the_recorded_classes_account_for_is_explained() -> None:
    judged = figure("3", "1", "3").judged([FILTERED])
    assert judged["status"] == "explained"
    assert judged["because"] == [{"class": "filtered", "count": 2, "side": "legacy"}]


def test_a_difference_that_they_do_not_add_up_to_differs() -> None:
    assert figure("3", "1", "3", expected="2").judged([FILTERED])["status"] == "differs"


def test_a_difference_with_an_unexplained_cause_or_with_none_differs() -> None:
    assert figure("3", "0", "3").judged([FILTERED, DELETED])["status"] == "differs"
    assert figure("3", "0", "3").judged([])["status"] == "differs"


def test_whom_a_side_does_not_know_has_zeros_there() -> None:
    judged = figure("2", None, "2").judged([FILTERED])
    assert (judged["legacy"], judged["status"]) == (0, "explained")
    assert figure("null", None, "null", metric="average_score").judged([])["status"] == "same"


def test_the_order_of_names_is_no_difference() -> None:
    assert figure('{"a":1,"b":2}', '{"b":2,"a":1}', '{"a":1,"b":2}', metric="timeline").judged([])["status"] == "same"


def test_the_worst_figure_counts() -> None:
    assert status_of({"a": {"status": "same"}, "b": {"status": "differs"}, "c": {"status": "explained"}}) == "differs"
