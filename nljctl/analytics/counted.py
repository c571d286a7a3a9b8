"""Simple counts that several questions need: different values, statements per value, days."""

from __future__ import annotations

from collections import Counter
from datetime import date

from nljctl.analytics.days import day_of
from nljctl.analytics.grouping import DAY, VERB, Key
from nljctl.analytics.view import View


async def per_value(view: View, key: Key) -> Counter[str]:
    """How many statements have each value."""
    counted: Counter[str] = Counter()
    async for group in view.groups(key):
        if group.key[0] is not None:
            counted[group.key[0]] += group.count
    return counted


async def how_many(view: View, *of: Key) -> int:
    """How many different values there are."""
    return (await view.different(*of))[0].count


async def per_day(view: View) -> Counter[date]:
    """How many statements each day has."""
    counted: Counter[date] = Counter()
    async for group in view.groups(DAY):
        counted[day_of(group.key[0])] += group.count
    return counted


async def verbs(view: View) -> Counter[str]:
    """How many statements have each verb."""
    return await per_value(view, VERB)


def most(counted: Counter[str], size: int) -> list[tuple[str, int]]:
    """The most frequent values; of equally frequent ones the first in alphabetical order."""
    return sorted(counted.items(), key=lambda item: (-item[1], item[0]))[:size]
