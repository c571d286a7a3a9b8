"""How long an ISO 8601 duration is. Pure."""

from __future__ import annotations

import math
import re
from functools import lru_cache
from typing import Final

_DURATION: Final = re.compile(
    r"P(?:(?P<weeks>[\d.,]+)W|(?:(?P<years>[\d.,]+)Y)?(?:(?P<months>[\d.,]+)M)?(?:(?P<days>[\d.,]+)D)?"
    r"(?:T(?:(?P<hours>[\d.,]+)H)?(?:(?P<minutes>[\d.,]+)M)?(?:(?P<seconds>[\d.,]+)S)?)?)",
    re.ASCII,
)
_SECONDS: Final = {"weeks": 604_800, "years": 31_536_000, "months": 2_592_000, "days": 86_400, "hours": 3_600, "minutes": 60, "seconds": 1}
"""A year has 365 days here and a month 30: ISO 8601 does not say how long they are."""


@lru_cache(maxsize=4_096)
def milliseconds(duration: str) -> int | None:
    """The length of a duration in milliseconds; None if it is none."""
    found = _DURATION.fullmatch(duration)
    if found is None:
        return None
    try:
        seconds = sum(float(amount.replace(",", ".")) * _SECONDS[unit] for unit, amount in found.groupdict().items() if amount)
        return math.floor(seconds * 1000 + 0.5)
    except (ValueError, OverflowError):
        return None
