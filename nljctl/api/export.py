"""An export on its way: JSON or CSV, written while it is read, so that its size is nobody's memory."""

from __future__ import annotations

import csv
import io
from collections.abc import AsyncIterator, Mapping
from typing import Any, Literal

from nljctl.api.answers import encode
from nljctl.api.tables import COLUMNS, Kind, Row, cells

Form = Literal["json", "csv"]

CHUNK = 64 * 1024
"""Bytes that are sent at once, or a little more."""

FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")
"""What makes a spreadsheet take a text for a formula; the last four are the wide forms."""


async def begun(rows: AsyncIterator[Row]) -> AsyncIterator[Row]:
    """The same rows, after the first one has been read: what fails at once fails before anything was sent."""
    first = [row async for row in _one(rows)]

    async def all_of_them() -> AsyncIterator[Row]:
        for row in first:
            yield row
        async for row in rows:
            yield row

    return all_of_them()


async def _one(rows: AsyncIterator[Row]) -> AsyncIterator[Row]:
    async for row in rows:
        yield row
        return


async def as_json(rows: AsyncIterator[Row], about: Mapping[str, Any], limit: int) -> AsyncIterator[bytes]:
    """One document: `about`, then `data` row by row, then `count` and whether there may be more (`truncated`)."""
    parts, size, count = [encode(about)[:-1], b',"data":['], 0, 0
    async for row in rows:
        encoded = encode(row)
        parts += (b"," if count else b"", encoded)
        size, count = size + len(encoded), count + 1
        if size >= CHUNK:
            yield b"".join(parts)
            parts, size = [], 0
    parts.append(b"]," + encode({"count": count, "truncated": count >= limit})[1:])
    yield b"".join(parts)


async def as_csv(rows: AsyncIterator[Row], kind: Kind) -> AsyncIterator[bytes]:
    """RFC 4180 with a heading."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(COLUMNS[kind])
    async for row in rows:
        writer.writerow([harmless(cell) for cell in cells(kind, row)])
        if text.tell() >= CHUNK:
            yield _taken(text)
    yield _taken(text)


def harmless(cell: Any) -> Any:
    """A text that a spreadsheet would take for a formula gets an apostrophe before it; numbers stay numbers. Pure."""
    if not isinstance(cell, str):
        return "" if cell is None else cell
    return f"'{cell}" if cell.lstrip(" ").startswith(FORMULA) else cell


def _taken(text: io.StringIO) -> bytes:
    content = text.getvalue().encode("utf-8", "replace")
    text.seek(0)
    text.truncate()
    return content
