"""Arithmetic that does not depend on the order in which statements are added up."""

from __future__ import annotations

import struct
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nljctl.analytics.exact import as_written, deviation, mean, median, mode, percentage, rounded


@pytest.mark.parametrize(("value", "digits", "expected"), [(Fraction(1, 8), 2, 0.13), (Fraction(2, 3), 3, 0.667), (Fraction(-1, 8), 2, -0.12)])
def test_halves_are_rounded_upwards(value: Fraction, digits: int, expected: float) -> None:
    assert rounded(value, digits) == expected


def test_a_mean_of_zero_is_zero_and_of_nothing_none() -> None:
    assert mean({0.0: 3}) == 0.0
    assert mean({}) is None


def test_a_mean_is_exact_where_floats_are_not() -> None:
    assert mean({0.1: 10, 0.2: 5}) == 0.133
    assert mean({0.0005: 1, 0.0: 1}, 3) == 0.0
    assert mean({0.001: 1, 0.0: 1}, 3) == 0.001


def test_the_middle_and_the_most_frequent_number() -> None:
    assert median({1.0: 1, 2.0: 1, 10.0: 2}) == 6.0
    assert median({}) is None
    assert mode({5.0: 2, 1.0: 2, 3.0: 1}) == 1.0
    assert deviation({2.0: 1, 4.0: 1}) == 1.414
    assert deviation({2.0: 1}) is None


def test_nothing_of_nothing_is_zero_per_cent() -> None:
    assert percentage(0, 0) == 0.0
    assert percentage(1, 3) == 33.33


@given(st.integers(-9_999_999, 9_999_999), st.integers(0, 6))
def test_a_decimal_of_six_digits_comes_back_from_a_32_bit_float(digits: int, point: int) -> None:
    written = float(f"{digits // 10}e-{point}")
    assert as_written(struct.unpack("f", struct.pack("f", written))[0]) == written
