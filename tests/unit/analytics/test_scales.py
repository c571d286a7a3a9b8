"""How the answers to one question are evaluated, and how they have changed."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta

import pytest

from nljctl.analytics.answers import Answers
from nljctl.analytics.change import change, classify
from nljctl.analytics.demographics import group_analytics
from nljctl.analytics.scales import evaluate, nps, nps_category

TODAY = date(2025, 3, 30)


def answers(*responses: str | None) -> Answers:
    counted = Answers()
    for response in responses:
        counted.add(response, None, 1)
    return counted


def test_bands_are_of_the_questions_own_scale() -> None:
    found = evaluate(answers("1", "2", "3", "4", "5", "5"), "likert").semantic_summary
    assert found is not None
    assert (found.negative.count, found.neutral.count, found.positive.count) == (2, 1, 3)
    assert found.positive.percentage == 50.0


def test_the_net_promoter_score_and_what_it_is_called() -> None:
    found = evaluate(answers("9", "10", "7", "0"), "nps")
    assert (found.nps_score, found.nps_category) == (25.0, "Needs Improvement")
    assert [slot.count for slot in found.distribution] == [1, 1, 2]
    assert nps({6.0: 2, 9.0: 1}) == -33.3
    assert nps({}) is None
    assert [nps_category(score) for score in (70, 50, 30, 0, -0.1)] == ["Excellent", "Great", "Good", "Needs Improvement", "Critical"]


def test_an_answer_that_is_not_on_the_scale_is_counted_but_not_evaluated() -> None:
    found = evaluate(answers("5", "42", None), "rating")
    assert found.statistics is not None
    assert (found.statistics.count, found.statistics.mean) == (1, 5.0)


def test_yes_and_no_in_all_their_spellings() -> None:
    found = evaluate(answers("Yes", "true", "1", "no", "perhaps"), "binary")
    assert (found.yes_percentage, found.no_percentage) == (75.0, 25.0)


def test_texts_are_listed_by_their_frequency() -> None:
    found = evaluate(answers("b", "a", "b", None), "categorical")
    assert found.top_response == "b"
    assert [(slot.value, slot.count) for slot in found.distribution] == [("b", 2), ("a", 1)]


def test_a_group_of_fewer_than_four_answers_is_not_shown() -> None:
    hidden, shown = group_analytics(answers("1", "2", "3")), group_analytics(answers("1", "2", "3", "3"))
    assert (hidden.total_responses, hidden.anonymized, hidden.response_distribution, hidden.average_score) == ("< 4", True, None, None)
    assert (shown.total_responses, shown.anonymized, shown.response_distribution) == (4, False, {"1": 1, "2": 1, "3": 2})


@pytest.mark.parametrize(
    ("per_cent", "kind"),
    [(25.1, "skyrocketing"), (25, "trending_up"), (6, "steady"), (-5, "steady"), (-5.1, "trending_down"), (-24, "trending_down"), (-24.1, "plummeting")],
)
def test_what_a_change_is_called(per_cent: float, kind: str) -> None:
    assert classify(per_cent) == kind


def test_a_month_is_compared_with_the_month_before() -> None:
    days = {
        TODAY: Counter({5.0: 40}),
        TODAY - timedelta(29): Counter({4.0: 20}),
        TODAY - timedelta(30): Counter({2.0: 30}),
        TODAY - timedelta(60): Counter({1.0: 9}),
    }
    found = change("q1", "likert", days, TODAY)
    assert found is not None
    assert (found.current_score, found.previous_score, found.change_percentage) == (4.667, 2.0, 133.33)
    assert (found.trend_classification, found.confidence, found.statistical_significance, found.data_points) == ("skyrocketing", "high", True, 90)


def test_one_month_alone_is_no_change() -> None:
    assert change("q1", "likert", {TODAY: Counter({5.0: 4})}, TODAY) is None
