"""Exports: whole documents, harmless cells, in pieces."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import AsyncIterator, Iterable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nljctl.api.export import CHUNK, FORMULA, as_csv, as_json, begun, harmless
from nljctl.api.tables import COLUMNS, cells

ABOUT = {"export_type": "statements"}
STATEMENT = {
    "id": "s1",
    "timestamp": "2025-03-01T09:00:00Z",
    "actor": {"mbox": "mailto:ada@example.org"},
    "verb": {"id": "http://adlnet.gov/expapi/verbs/completed"},
    "object": {"id": "http://nlj.platform/content/1", "definition": {"name": {"en-US": "=HYPERLINK(1)"}, "type": "http://adlnet.gov/expapi/activities/course"}},
    "result": {"completion": True, "score": {"scaled": -0.5}},
}


async def _rows(rows: Iterable[Any]) -> AsyncIterator[Any]:
    for row in rows:
        yield row


async def _all(parts: AsyncIterator[bytes]) -> list[bytes]:
    return [part async for part in parts]


@pytest.mark.parametrize("count", [0, 1, 3])
async def test_a_json_export_is_one_document(count: int) -> None:
    whole = b"".join(await _all(as_json(_rows({"n": n} for n in range(count)), {"export_type": "learners"}, 3)))
    assert json.loads(whole) == {"export_type": "learners", "data": [{"n": n} for n in range(count)], "count": count, "truncated": count == 3}


async def test_a_large_export_comes_in_pieces() -> None:
    parts = await _all(as_json(_rows({"text": "x" * 1000} for _ in range(1000)), ABOUT, 5000))
    assert len(parts) > 10
    assert max(map(len, parts)) < 2 * CHUNK
    assert json.loads(b"".join(parts))["count"] == 1000
    assert len(await _all(as_csv(_rows({"metric": "x" * 1000, "value": 1} for _ in range(1000)), "overview"))) > 10


async def test_a_csv_export_has_a_heading_and_a_row_per_statement() -> None:
    text = b"".join(await _all(as_csv(_rows([STATEMENT, {}]), "statements"))).decode()
    heading, first, empty = csv.reader(io.StringIO(text, newline=""))
    assert tuple(heading) == COLUMNS["statements"]
    assert dict(zip(heading, first, strict=True))["object_name"] == "'=HYPERLINK(1)"
    assert dict(zip(heading, first, strict=True))["score_scaled"] == "-0.5"
    assert set(empty) == {""}


@given(st.text())
def test_no_text_becomes_a_formula(text: str) -> None:
    shown = harmless(text)
    assert not shown.lstrip(" ").startswith(FORMULA)
    assert shown in (text, f"'{text}")


@pytest.mark.parametrize(
    ("cell", "shown"), [(-1, -1), (None, ""), ("plain", "plain"), ("=1+1", "'=1+1"), (" @cmd", "' @cmd"), ("\t=1", "'\t=1"), ("+49 30", "'+49 30")]
)
def test_what_a_spreadsheet_takes_for_a_formula_gets_an_apostrophe(cell: Any, shown: Any) -> None:
    assert harmless(cell) == shown


def test_what_is_no_text_is_json_in_its_cell() -> None:
    assert cells("overview", {"metric": "top_verbs", "value": ({"verb": "v", "count": 1},)}) == ("top_verbs", '[{"verb":"v","count":1}]')


async def test_what_fails_at_once_fails_before_anything_is_sent() -> None:
    async def broken() -> AsyncIterator[Any]:
        raise ZeroDivisionError
        yield {}

    with pytest.raises(ZeroDivisionError):
        await begun(broken())


@pytest.mark.parametrize("rows", [[], [1], [1, 2, 3]])
async def test_looking_at_the_first_row_loses_none(rows: list[int]) -> None:
    assert [row async for row in await begun(_rows(rows))] == rows


async def test_half_a_surrogate_pair_stays_as_it_came() -> None:
    whole = b"".join(await _all(as_json(_rows([{"response": "\ud800"}]), ABOUT, 10)))
    assert json.loads(whole)["data"] == [{"response": "\ud800"}]
    assert b"".join(await _all(as_csv(_rows([{"result": {"response": "\ud800"}}]), "statements"))).endswith(b",?,\r\n")
