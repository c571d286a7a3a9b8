"""Gates: what is read, what passes, and that nothing passes without data."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nljctl.errors import UsageError
from nljctl.migration.gate_values import COMPARED, SOURCES
from nljctl.migration.gates import BY_NAME, GATES, Found, Gate, Judged, conditions, judge, parse


@pytest.mark.parametrize(
    ("expression", "passes", "fails"),
    [
        ("compare<=explained", ("same", "explained"), ("differs",)),
        ("compare==same", ("same",), ("explained", "differs")),
        ("health<=degraded", ("healthy", "degraded"), ("unhealthy",)),
        ("health<degraded", ("healthy",), ("degraded", "unhealthy")),
        ("lag<=1000", (0, 1000), (1001,)),
        ("lag=0", (0,), (1,)),
        ("validation>=95", (95.0, 100), (94.99,)),
        ("validation > 99.5", (99.6,), (99.5,)),
        ("dead_letters<=5", (0, 5), (5.01,)),
        ("refused<1", (0,), (1,)),
        ("history<=0", (0,), (1,)),
    ],
)
def test_values_pass_by_their_order(expression: str, passes: tuple[float | str, ...], fails: tuple[float | str, ...]) -> None:
    condition = parse(expression)
    assert [condition.met(value) for value in (*passes, *fails)] == [True] * len(passes) + [False] * len(fails)


@pytest.mark.parametrize("gate", GATES, ids=lambda gate: gate.name)
def test_a_gate_without_data_is_not_met(gate: Gate) -> None:
    assert not Judged(parse(f"{gate.name}{gate.default}"), Found(None, "never ran")).met


def test_the_defaults_are_those_of_the_contract() -> None:
    shift = ["compare<=explained", "lag<=1000", "validation>=95", "dead_letters<=5", "refused<=0", "health<=degraded"]
    assert [condition.expression for condition in conditions("shift", ())] == shift
    assert [condition.expression for condition in conditions("cutover", ())] == [*shift, "history<=0"]


def test_an_expression_replaces_the_default_of_its_name_only() -> None:
    found = [condition.expression for condition in conditions("shift", ["lag <= 5000"])]
    assert found == ["compare<=explained", "lag<=5000", "validation>=95", "dead_letters<=5", "refused<=0", "health<=degraded"]


@pytest.mark.parametrize(
    ("expression", "hint"),
    [
        ("lag", "NAME OP VALUE"),
        ("lag=>5", "NAME OP VALUE"),
        ("lag!=5", "NAME OP VALUE"),
        ("lag<=5 and health<=degraded", "NAME OP VALUE"),
        ("", "NAME OP VALUE"),
        ("speed>=5", "compare, lag, validation, dead_letters, refused, health, history"),
        ("lag<=many", "lag<=1000"),
        ("lag<=-1", "lag<=1000"),
        ("lag<=nan", "lag<=1000"),
        ("lag<=1e9", "lag<=1000"),
        ("compare<=fine", "same, explained, differs"),
        ("health<=1", "healthy, degraded, unhealthy"),
    ],
)
def test_what_cannot_be_meant_is_refused_with_what_is_allowed(expression: str, hint: str) -> None:
    with pytest.raises(UsageError) as refused:
        conditions("cutover", [expression])
    assert hint in refused.value.hint


@given(st.text(max_size=40))
def test_any_text_is_a_condition_or_a_usage_error(text: str) -> None:
    try:
        condition = parse(text)
    except UsageError:
        return
    assert parse(condition.expression) == condition


def test_a_gate_of_another_command_and_a_gate_given_twice_are_refused() -> None:
    with pytest.raises(UsageError, match="no gate of shift"):
        conditions("shift", ["history<=5"])
    with pytest.raises(UsageError, match="twice"):
        conditions("shift", ["lag<=5", "lag<=6"])


def test_what_breaks_says_its_value_and_what_was_wanted() -> None:
    wanted = conditions("shift", ["lag<=10"])
    found = {"lag": Found(2300, "legacy 2300"), "compare": Found(None, "the cut is empty"), "health": Found("healthy")}
    verdict = judge([one for one in wanted if one.gate.name in found], found)
    assert [one.met for one in verdict.judged] == [False, False, True]
    assert verdict.words == "compare has no value (the cut is empty), not <=explained; lag is 2300 records, not <=10"
    assert verdict.document()[1] == {"name": "lag", "expression": "lag<=10", "value": 2300, "met": False, "detail": "legacy 2300"}


def test_every_gate_has_one_source() -> None:
    assert {*SOURCES, *COMPARED} == set(BY_NAME)
    assert {name for name, gate in BY_NAME.items() if gate.compares} == set(COMPARED)
