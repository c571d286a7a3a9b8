"""The platform's envelope around an answer."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, Generic, TypeVar

from pydantic import BaseModel

from nljctl.analytics.days import utc

T = TypeVar("T")


class Envelope(BaseModel, Generic[T]):
    """`filters`: what was asked for, as it was understood."""

    success: bool
    data: T
    filters: dict[str, Any]
    generated_at: str


def enveloped(data: Any, **filters: Any) -> dict[str, Any]:
    """An answer in its envelope."""
    return {"success": True, "data": data, "filters": filters, "generated_at": utc(datetime.now(UTC))}
