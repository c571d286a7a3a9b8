"""Simple counts that several questions need: different values, statements per value, days."""

from __future__ import annotations

from collections import Counter
from datetime import date

from nljctl.analytics import vocabulary as words
from nljctl.analytics.days import day_of
from nljctl.analytics.view import DAY, By, View, by


async def per_value(view: View, key: By) -> Counter[str]:
    """How many statements have each value."""
    counted: Counter[str] = Counter()
    async for group in view.groups(key):
        if group.key[0] is not None:
            counted[group.key[0]] += group.count
    return counted


async def per_day(view: View) -> Counter[date]:
    """How many statements each day has."""
    counted: Counter[date] = Counter()
    async for group in view.groups(DAY):
        counted[day_of(group.key[0])] += group.count
    return counted


async def verbs(view: View) -> Counter[str]:
    """How many statements have each verb, as repair `cancelled-not-voided` leaves it: what voids an Activity cancels it."""
    counted: Counter[str] = Counter()
    async for group in view.groups(by(words.VERB, needed=True), by(words.OBJECT_KIND)):
        counted[verb_of(*group.key)] += group.count
    return counted


def verb_of(verb: str, object_kind: str | None) -> str:
    return words.CANCELLED if verb == words.VOIDED and object_kind in (None, "Activity") else verb


def most(counted: Counter[str], size: int) -> list[tuple[str, int]]:
    """The most frequent values; of equally frequent ones the first in alphabetical order."""
    return sorted(counted.items(), key=lambda item: (-item[1], item[0]))[:size]
