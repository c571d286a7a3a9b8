"""What the counts of a comparison come to."""

import pytest

from nljctl.migration.ledger import EffectCounts, Totals
from nljctl.migration.verdict import Verdict, decide


def totals(explained: int = 0, unexplained: int = 0) -> Totals:
    return Totals(records=10, unique=10, after_cut=0, classes={}, explained=explained, unexplained=unexplained)


def test_without_differences_it_is_the_same() -> None:
    assert decide(totals(), {"bookings": EffectCounts(same=5)}) is Verdict.SAME


def test_explained_differences_are_explained() -> None:
    assert decide(totals(explained=3), None) is Verdict.EXPLAINED


def test_one_unexplained_difference_differs() -> None:
    assert decide(totals(explained=300, unexplained=1), None) is Verdict.DIFFERS


def test_a_row_of_the_platform_that_differs_without_reason_differs() -> None:
    assert decide(totals(), {"bookings": EffectCounts(same=5, only_legacy=1)}) is Verdict.DIFFERS


def test_a_row_of_the_platform_that_differs_for_a_reason_is_explained() -> None:
    assert decide(totals(), {"bookings": EffectCounts(same=5, only_faststream=1, explained=1)}) is Verdict.EXPLAINED


def test_pending_rows_decide_nothing() -> None:
    assert decide(totals(), {"bookings": EffectCounts(same=5, pending=4)}) is Verdict.SAME


@pytest.mark.parametrize(
    ("verdict", "required", "met"), [("same", "same", True), ("explained", "same", False), ("explained", "explained", True), ("differs", "explained", False)]
)
def test_a_verdict_meets_what_is_required(verdict: str, required: str, met: bool) -> None:
    assert Verdict(verdict).meets(Verdict(required)) is met
