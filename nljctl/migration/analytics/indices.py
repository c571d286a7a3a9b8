"""Asks both indices for their figures, at the point in time that the ledger was made of, without the documents that lie outside the cut."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import date
from pathlib import Path
from typing import Any, Final

import msgspec
from elasticsearch import AsyncElasticsearch

from nljctl.analytics.elastic import Condition, IndexView
from nljctl.analytics.facts import fact_of_document
from nljctl.analytics.figures import figures
from nljctl.analytics.mapping import Fields
from nljctl.errors import NljctlError
from nljctl.migration.classes import Side
from nljctl.migration.gather import Progress
from nljctl.migration.ledger import Ledger
from nljctl.store.scan import KEEP_ALIVE, Snapshot, snapshot

MOST_LEFT_OUT: Final = 50_000
"""So many documents can be left out of a question one by one."""
FETCHED_AT_ONCE: Final = 500
GROUPS_AT_ONCE: Final = 20_000
EVERY: Final = 10_000


class TooManyOutsideError(NljctlError):
    """More documents lie outside the cut than can be left out of a question."""


@asynccontextmanager
async def same_snapshot(taken: Snapshot | None, client: AsyncElasticsearch, index: str) -> AsyncIterator[Snapshot]:
    """The point in time that was read, or, where an earlier comparison has read it and nothing was written since, a new one."""
    if taken is not None:
        yield taken
        return
    async with snapshot(client, index, required=False) as again:
        yield again


async def view_of_cut(client: AsyncElasticsearch, taken: Snapshot, index: str, side: Side, ledger: Ledger) -> IndexView:
    """The documents of an index that the cut accounts for.

    Raises:
        TooManyOutsideError: they cannot be told from the others.
    """
    if taken.pit is None:
        return IndexView(client, {}, Fields(()))
    mappings = await client.indices.get_mapping(index=index)
    fields = Fields(entry["mappings"] for entry in mappings.values())
    view = IndexView(client, {"pit": {"id": taken.pit, "keep_alive": KEEP_ALIVE}}, fields, page=GROUPS_AT_ONCE)
    outside = _outside(side, ledger)
    return view if outside is None else view.where(~outside)


def _outside(side: Side, ledger: Ledger) -> Condition | None:
    """Which documents lie outside the cut: for faststream's by their coordinates, as far as those are right, else by their ids."""
    wrongly_in = [raw_id for (raw_id,) in ledger.ask(f"SELECT raw_id FROM {side}_held WHERE NOT in_scope AND place IS DISTINCT FROM 'outside'")]  # noqa: S608 - own names
    wrongly_out = [raw_id for (raw_id,) in ledger.ask(f"SELECT raw_id FROM {side}_held WHERE in_scope AND place = 'outside'")]  # noqa: S608 - own names
    for listed in (wrongly_in, wrongly_out):
        if len(listed) > MOST_LEFT_OUT:
            raise TooManyOutsideError(
                f"{len(listed):,} documents of the {side} index lie outside the cut",
                "Compare without --since and --topics, and when both consumers have caught up (--wait).",
                code="too-many-outside",
            )
    by_coordinates = [_range(*row) for row in ledger.ask(_RANGES)] if side == "faststream" else []
    parts: list[Condition] = []
    if by_coordinates:
        found = Condition({"bool": {"should": by_coordinates, "minimum_should_match": 1}})
        parts.append(found & ~_ids(wrongly_out) if wrongly_out else found)
    if wrongly_in:
        parts.append(_ids(wrongly_in))
    if not parts:
        return None
    return parts[0] if len(parts) == 1 else parts[0] | parts[1]


_RANGES = """
SELECT topic, "partition", log_begin, coalesce(c."begin", log_end), coalesce(c."end", log_begin) FROM span LEFT JOIN cut c USING (topic, "partition")
WHERE EXISTS (SELECT 1 FROM faststream_document d WHERE d.topic = span.topic AND d."partition" = span."partition" AND d."offset" >= log_begin
              AND d.generation >= span.generation
              AND (c.topic IS NULL OR d."offset" < c."begin" OR d."offset" >= c."end"))"""


def _range(topic: str, partition: int, log_begin: int, begin: int, end: int) -> dict[str, Any]:
    """Documents of one partition that are in the log, but before or behind its part of the cut."""
    there = [{"term": {"nljctl.topic": topic}}, {"term": {"nljctl.partition": partition}}]
    before, behind = {"gte": log_begin, "lt": begin}, {"gte": max(end, log_begin)}
    either = [{"range": {"nljctl.offset": limits}} for limits in (before, behind)]
    return {"bool": {"filter": [*there, {"bool": {"should": either, "minimum_should_match": 1}}]}}


def _ids(ids: list[str]) -> Condition:
    return Condition({"ids": {"values": ids}})


async def fetch_documents(view: IndexView, side: Side, ledger: Ledger, path: Path) -> None:
    """Notes the facts of the documents that no record of the log has."""
    wanted = [raw_id for (raw_id,) in ledger.ask(f"SELECT raw_id FROM {side}_held WHERE needed")]  # noqa: S608 - own names
    with path.open("wb") as file:
        for begin in range(0, len(wanted), FETCHED_AT_ONCE):
            ids = wanted[begin : begin + FETCHED_AT_ONCE]
            rows = []
            for place, hit in enumerate(await view.where(_ids(ids)).documents(len(ids))):
                fact = fact_of_document(-1 - begin - place, hit["_source"])
                rows.append({"side": side, "raw_id": hit["_id"], **{name: getattr(fact, name) for name in fact.__struct_fields__}})
            file.write(msgspec.json.Encoder().encode_lines(rows))


async def ask_figures(view: IndexView, today: date, words: str, path: Path, report: Progress) -> None:
    """Streams every figure that a view gives to a file, a JSON object a line."""
    count = 0
    with path.open("wb") as file:
        async for kind, entity, metric, value in figures(view, today=today):
            row = {"kind": kind, "entity": entity, "metric": metric, "value": json.dumps(value, ensure_ascii=False, separators=(",", ":"))}
            file.write(msgspec.json.encode(row) + b"\n")
            count += 1
            if count % EVERY == 0:
                report(f"analytics of {words}: {count:,} figures")
