"""Parameters that several paths share, and what of them is refused."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Annotated, Any

from fastapi import Query
from pydantic import BeforeValidator, WithJsonSchema

_DATE = r"\d{4}-\d{2}-\d{2}"
_TIME = r"[Tt ]\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?([Zz]|[+-]\d{2}:\d{2})?"
_MOMENT = re.compile(f"({_DATE})({_TIME})?", re.ASCII)

FIRST, LAST = datetime(1, 1, 1, tzinfo=UTC), datetime(9999, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC)


def moment(text: Any) -> datetime:
    """A date, or a date and time (UTC where no zone is given), as a time in UTC.

    Raises:
        ValueError: it is neither.
    """
    if not isinstance(text, str) or not _MOMENT.fullmatch(text):
        raise ValueError("it is a date such as 2025-03-01, or a time such as 2025-03-01T09:00:00Z")
    # The standard library reads six digits of a second, and only a large T and Z in all versions.
    at = datetime.fromisoformat(re.sub(r"(\.\d{6})\d+", r"\1", text.upper()))
    if at.tzinfo is None:
        return at.replace(tzinfo=UTC)
    try:
        return at.astimezone(UTC)
    except OverflowError:  # its zone leads beyond the first or the last day that there is
        return FIRST if at.year == FIRST.year else LAST


Moment = Annotated[
    datetime,
    BeforeValidator(moment),
    WithJsonSchema({"anyOf": [{"type": "string", "format": "date"}, {"type": "string", "format": "date-time"}]}),
]

Since = Annotated[Moment | None, Query(description="Only statements of this time or younger.", examples=["2025-03-01T00:00:00Z"])]
Until = Annotated[Moment | None, Query(description="Only statements of this time or older.", examples=["2025-04-01"])]
