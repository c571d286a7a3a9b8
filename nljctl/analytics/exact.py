"""Exact arithmetic on what was counted: no result depends on the order in which statements are added up. Pure.

Numbers of statements count as millionths. An average is a fraction of whole numbers until it is rounded, halves upwards.
"""

from __future__ import annotations

import math
import struct
from collections.abc import Mapping
from fractions import Fraction
from typing import Final

MILLION: Final = 1_000_000

Tally = Mapping[float, int]
"""How often each number occurs."""


def millionths(value: float) -> int:
    """A number in whole millionths."""
    return math.floor(value * MILLION + 0.5)


def rounded(value: Fraction, digits: int) -> float:
    """The value with so many digits after the point; a half goes upwards."""
    shift: int = 10**digits
    return math.floor(value * shift + Fraction(1, 2)) / shift


def percentage(part: int, whole: int, digits: int = 2) -> float:
    """`part` of `whole` in per cent; 0 of nothing."""
    return rounded(Fraction(100 * part, whole), digits) if whole else 0.0


def share(part: int, whole: int, digits: int = 3) -> float:
    """`part` of `whole`; 0 of nothing."""
    return rounded(Fraction(part, whole), digits) if whole else 0.0


def total(tally: Tally) -> int:
    """The sum of all numbers, in millionths."""
    return sum(millionths(value) * count for value, count in tally.items())


def mean(tally: Tally, digits: int = 3) -> float | None:
    """The arithmetic mean; None of nothing. A mean of 0 is 0."""
    exact = exact_mean(tally)
    return None if exact is None else rounded(exact, digits)


def exact_mean(tally: Tally) -> Fraction | None:
    """The mean before it is rounded."""
    count = sum(tally.values())
    return Fraction(total(tally), count * MILLION) if count else None


def median(tally: Tally) -> float | None:
    """The middle number, or the mean of the middle two, to three digits."""
    count = sum(tally.values())
    if not count:
        return None
    middle = [_at(tally, (count - 1) // 2), _at(tally, count // 2)]
    return rounded(Fraction(sum(map(millionths, middle)), 2 * MILLION), 3)


def _at(tally: Tally, place: int) -> float:
    seen = 0
    for value in sorted(tally):
        seen += tally[value]
        if place < seen:
            return value
    raise IndexError(place)


def mode(tally: Tally) -> float | None:
    """The most frequent number; of several the lowest."""
    return min(tally, key=lambda value: (-tally[value], value)) if tally else None


def deviation(tally: Tally) -> float | None:
    """The standard deviation of a sample, to three digits; None of fewer than two numbers."""
    count, centre = sum(tally.values()), exact_mean(tally)
    if count < 2 or centre is None:
        return None
    squares = sum(((Fraction(millionths(value), MILLION) - centre) ** 2 * times for value, times in tally.items()), Fraction(0))
    return rounded(Fraction(math.sqrt(squares / (count - 1))), 3)


def as_written(value: float) -> float:
    """The number that somebody wrote, from what a 32-bit float kept of it: the shortest decimal that gives this float."""
    kept = struct.pack("f", value)
    for digits in range(6, 10):
        shortest = float(f"{value:.{digits}g}")
        if struct.pack("f", shortest) == kept:
            return shortest
    return value
