"""Compares analytics: the log by DuckDB, both indices by Elasticsearch, every figure of everybody; and traces each difference to the ledger."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from pathlib import Path
from typing import Any, Final

from elasticsearch import AsyncElasticsearch

from nljctl.analytics.facts import COLUMNS
from nljctl.analytics.reference.figures import compute
from nljctl.migration.analytics import held
from nljctl.migration.analytics.document import GROUPS, OVERVIEW, WORST, Cause, Compared, Status, status_of
from nljctl.migration.analytics.indices import TooManyOutsideError, ask_figures, fetch_documents, same_snapshot, view_of_cut
from nljctl.migration.classes import SIDES, Side
from nljctl.migration.gather import Progress
from nljctl.migration.heard import HeardIndex
from nljctl.migration.ledger import Ledger
from nljctl.migration.witnesses import WitnessFile

MOST_LISTED: Final = 1_000
"""Of each kind so many are listed, those that differ first. All are compared, and all count for the verdict."""

FIGURE: Final = {"kind": "VARCHAR", "entity": "VARCHAR", "metric": "VARCHAR", "value": "VARCHAR"}
FETCHED: Final = {"side": "VARCHAR", "raw_id": "VARCHAR", **COLUMNS}


@dataclass(frozen=True)
class AnalyticsCompared:
    """The document of a comparison's `analytics`; None, and why, where it could not be made. `counts`: of each kind how many have which status."""

    document: Mapping[str, Any] | None
    absent: str | None = None
    counts: Mapping[str, Mapping[str, int]] | None = None


async def compare_analytics(
    client: AsyncElasticsearch, indices: Mapping[Side, tuple[str, HeardIndex]], facts: WitnessFile, ledger: Ledger, today: date, progress: Progress
) -> AnalyticsCompared:
    """Compares every figure up to the cut, after the ledger is settled and with the points in time still open.

    Args:
        client: of Elasticsearch; not the one of the scans, which reads pages only.
        indices: per side the name of the index and how it was heard.
        facts: what was noted of each statement while the log was judged.
        today: the day (UTC) that ends streaks.
    """
    progress("analytics of the log")
    await asyncio.to_thread(_prepare, ledger, facts)
    try:
        for side in SIDES:
            index, heard = indices[side]
            async with same_snapshot(heard.snapshot, client, index) as taken:
                view = await view_of_cut(client, taken, index, side, ledger)
                await fetch_documents(view, side, ledger, _path(ledger, f"{side}_fetched"))
                progress(f"analytics of {index}")
                await ask_figures(view, today, index, _path(ledger, f"{side}_figure"), progress)
    except TooManyOutsideError as problem:
        return AnalyticsCompared(None, absent=f"{problem}. {problem.hint}")
    progress("joining analytics")
    return await asyncio.to_thread(_join, ledger, today)


def _path(ledger: Ledger, name: str) -> Path:
    return ledger.folder / f"{name}.ndjson"


def _prepare(ledger: Ledger, facts: WitnessFile) -> None:
    ledger.take("log_fact", facts.path, COLUMNS)
    for step in held.STEPS:
        ledger.run(step)


def _join(ledger: Ledger, today: date) -> AnalyticsCompared:
    for side in SIDES:
        ledger.take("fetched", _path(ledger, f"{side}_fetched"), FETCHED)
        ledger.take(f"{side}_figure", _path(ledger, f"{side}_figure"), FIGURE)
    for step in (*held.FACTS, *held.CAUSES):
        ledger.run(step)
    compute(ledger.db, "log_facts", "log_figure", today=today)
    for side in SIDES:
        if ledger.ask("SELECT count(*) FROM cause WHERE side = $1", side)[0][0]:
            compute(ledger.db, f"{side}_facts", f"{side}_expected", today=today)
        else:
            ledger.run(held.AS_THE_LOG[side])
    for step in held.JOINED:
        ledger.run(step)
    return _told(ledger)


def _told(ledger: Ledger) -> AnalyticsCompared:
    """The document: of each kind those that differ, the worst first, then others in order of their names."""
    worst: dict[str, dict[str, Status]] = {kind: {} for kind in (*GROUPS, OVERVIEW)}
    for kind, entity, metrics in _entities(ledger, held.DIFFERING):
        status = status_of(metrics)
        if status != "same":
            worst[kind][entity] = status
    document: dict[str, Any] = {OVERVIEW: {}, **{group: {} for group in GROUPS.values()}}
    counts: dict[str, dict[str, int]] = {}
    for kind, found in worst.items():
        total = ledger.ask("SELECT count(DISTINCT entity) FROM compared WHERE kind = $1", kind)[0][0]
        counts[GROUPS.get(kind, kind)] = {status: sum(other == status for other in found.values()) for status in ("explained", "differs")}
        counts[GROUPS.get(kind, kind)]["same"] = total - len(found)
        listed = sorted(found, key=lambda entity, found=found: (WORST[found[entity]], entity))[:MOST_LISTED]  # type: ignore[misc]  # of this turn of the loop
        others = ledger.ask(held.OTHERS, kind, MOST_LISTED) if len(listed) < MOST_LISTED else []
        wanted = [*listed, *(entity for (entity,) in others if entity not in found)][:MOST_LISTED]
        shown = {entity: metrics for _, entity, metrics in _entities(ledger, held.OF_SOME, kind, wanted)}
        if kind == OVERVIEW:
            document[OVERVIEW] = shown.get("", {})
        else:
            document[GROUPS[kind]] = {entity: shown[entity] for entity in wanted}
    return AnalyticsCompared(document, counts=counts)


def _entities(ledger: Ledger, query: str, *parameters: Any) -> Iterator[tuple[str, str, dict[str, dict[str, Any]]]]:
    """Figures of one entity after the other, judged."""
    for (kind, entity), rows in groupby(ledger.stream(query, *parameters), key=lambda row: (row[0], row[1])):
        metrics = {}
        for _, _, metric, *values, causes in rows:
            known = [Cause(cause["side"], cause["class"], cause["count"], cause["explained"]) for cause in causes or ()]
            metrics[metric] = Compared(metric, *values).judged(known)
        yield kind, entity, metrics
