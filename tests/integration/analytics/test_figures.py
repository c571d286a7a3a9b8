"""Every figure, computed in three ways that share no code, comes out the same: exactly."""

from __future__ import annotations

import json
from datetime import date, timedelta
from typing import Any

import duckdb
import pytest
from elasticsearch import AsyncElasticsearch
from indices import Indices
from month import NOW
from plainly import everything

from nljctl.analytics import view_of
from nljctl.analytics.facts import COLUMNS, fact_of_document
from nljctl.analytics.figures import figures
from nljctl.analytics.reference.figures import compute

DAYS = [NOW.date(), NOW.date() + timedelta(days=16)]
"""The month's last day, and one by which half of it belongs to the thirty days before."""


@pytest.mark.parametrize("today", DAYS)
@pytest.mark.parametrize("side", ["new", "legacy"])
def test_an_index_gives_every_figure_that_plain_python_gives(indices: Indices, side: str, today: date) -> None:
    index = getattr(indices, side)

    async def ask(client: AsyncElasticsearch) -> dict[tuple[str, str, str], Any]:
        return {(kind, entity, name): value async for kind, entity, name, value in figures(await view_of(client, index), today=today)}

    found = indices.ask(ask)
    assert _differing(found, everything(indices.of(index), today)) == {}


@pytest.mark.parametrize("today", DAYS)
def test_duckdb_gives_every_figure_that_plain_python_gives(indices: Indices, tmp_path: Any, today: date) -> None:
    facts = [fact_of_document(n, statement) for n, statement in enumerate(indices.statements)]
    with duckdb.connect() as db:
        path = tmp_path / "facts.ndjson"
        path.write_bytes(b"\n".join(json.dumps({name: getattr(fact, name) for name in COLUMNS}).encode() for fact in facts))
        db.read_json(str(path), format="newline_delimited", columns=COLUMNS).create("fact")
        compute(db, "fact", "figure", today=today)
        rows = db.execute("SELECT kind, entity, metric, value FROM figure").fetchall()
    found = {(kind, entity, name): json.loads(value) for kind, entity, name, value in rows}
    assert _differing(found, everything(indices.statements, today)) == {}


def _differing(found: dict[Any, Any], expected: dict[Any, Any]) -> dict[Any, Any]:
    return {key: (found.get(key, "absent"), expected.get(key, "absent")) for key in {*found, *expected} if found.get(key, "-") != expected.get(key, "-")}
