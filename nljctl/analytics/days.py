"""Days in UTC: how statements are put in order of time. Pure."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import UTC, date, datetime, time, timedelta
from typing import Final

MOST_FILLED: Final = 3_660
"""Days without activity are listed too where all lie within so many (ten years); one statement of the year 1 must not make a list of a million."""

_BEGIN: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND: Final = timedelta(milliseconds=1)
_EPOCH: Final = date(1970, 1, 1).toordinal()
_MILLISECONDS: Final = 86_400_000


def day_of(milliseconds: int) -> date:
    """The day in which a moment lies, in milliseconds since 1970; the year 0, which ISO 8601 has, counts as the first day of the year 1."""
    return date.fromordinal(max(1, _EPOCH + milliseconds // _MILLISECONDS))


def as_moment(day: date) -> str:
    """The beginning of a day as ISO 8601 with milliseconds."""
    return f"{day.isoformat()}T00:00:00.000Z"


def moment_of_day(day: date) -> datetime:
    """The beginning of a day, in UTC."""
    return datetime.combine(day, time(), UTC)


def utc(moment: datetime) -> str:
    """A moment as ISO 8601 in UTC, to the millisecond."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def milliseconds_of(moment: datetime) -> int:
    """A moment in milliseconds since 1970, as `utc` writes it."""
    return (moment - _BEGIN) // _MILLISECOND


def filled(counts: Mapping[date, int]) -> list[tuple[date, int]]:
    """Every day from the first to the last with its count, also 0."""
    if not counts:
        return []
    first, last = min(counts), max(counts)
    if (last - first).days >= MOST_FILLED:
        return sorted(counts.items())
    return [(day, counts.get(day, 0)) for day in (first + timedelta(n) for n in range((last - first).days + 1))]


def streak(active: Collection[date], today: date) -> int:
    """How many days in a row up to today, or up to yesterday where today has none yet."""
    known = frozenset(active)
    day = today if today in known else today - timedelta(1)
    length = 0
    while day in known:
        length += 1
        day -= timedelta(1)
    return length
