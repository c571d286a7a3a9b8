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
YEARS = range(1900, 2200)
"""Beyond these a time zone could leave what a date can be, and no statement lies there."""


def moment(text: Any) -> datetime:
    """A date, or a date and time (UTC where no zone is given), as a time in UTC.

    Raises:
        ValueError: it is neither, or lies beyond `YEARS`.
    """
    if not isinstance(text, str) or not _MOMENT.fullmatch(text):
        raise ValueError("it is a date such as 2025-03-01, or a time such as 2025-03-01T09:00:00Z")
    # The standard library reads six digits of a second, and only a large T and Z in all versions.
    at = datetime.fromisoformat(re.sub(r"(\.\d{6})\d+", r"\1", text.upper()))
    if at.year not in YEARS:
        raise ValueError(f"its year is from {YEARS[0]} to {YEARS[-1]}")
    return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)


Moment = Annotated[
    datetime,
    BeforeValidator(moment),
    WithJsonSchema({"anyOf": [{"type": "string", "format": "date"}, {"type": "string", "format": "date-time"}]}),
]

Since = Annotated[Moment | None, Query(description="Only statements of this time or younger.", examples=["2025-03-01T00:00:00Z"])]
Until = Annotated[Moment | None, Query(description="Only statements of this time or older.", examples=["2025-04-01"])]
