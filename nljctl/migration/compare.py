"""Compares both pipelines with the log they read, record by record, up to an exact cut (design section 5; docs/comparison.md).

The order of the steps is what makes it exact: first the positions, then points in time of both indices, then the log to its end.
So whatever a document or a row shows was caused by a record that is read, and whatever a position promises can be seen.
"""

from __future__ import annotations

import asyncio
import platform
import shutil
import time
from collections.abc import Coroutine
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

import duckdb
from elasticsearch import AsyncElasticsearch
from sqlalchemy.ext.asyncio import AsyncEngine

from nljctl import __version__
from nljctl.catalogue.topics import SUBSCRIBED
from nljctl.effects import database
from nljctl.effects.ledger_tables import comparison as comparison_table
from nljctl.errors import NljctlError, UsageError
from nljctl.migration import evidence, gather
from nljctl.migration.alterations import name_changes
from nljctl.migration.analytics.compare import AnalyticsCompared, compare_analytics
from nljctl.migration.classes import Side
from nljctl.migration.comparison import CompareOptions, Comparison
from nljctl.migration.cut import Cut, make_cut
from nljctl.migration.effects_compared import EffectsWitness, compare_effects
from nljctl.migration.gather import Progress
from nljctl.migration.heard import HeardIndex, hear_index, hear_log
from nljctl.migration.ledger import Ledger
from nljctl.migration.noise import noise_floor
from nljctl.migration.past import past
from nljctl.migration.unfinished import Unfinished, take_up
from nljctl.migration.verdict import decide
from nljctl.migration.waiting import wait_for_both
from nljctl.migration.witnesses import CutRow, SpanRow, WitnessFile
from nljctl.settings import Settings
from nljctl.store.client import elasticsearch
from nljctl.store.scan import scanner

ANALYTICS_SECONDS = 120.0
"""How long Elasticsearch may count for one question."""

__all__ = ["CompareOptions", "Comparison", "compare"]

NOTHING_KEPT = ("inconsistent", "no-space")
"""Errors after which nobody shall go on from what was heard: it contradicts itself, or is in the way."""


async def compare(settings: Settings, options: CompareOptions, progress: Progress = lambda _: None) -> Comparison:
    """Compares, leaves the evidence in a folder and a row in `nljctl.comparison`.

    Raises:
        UndecidedError: there is nothing to compare.
        TimedOutError: the pipelines did not catch up within `options.wait`.
        UnreachableError: Kafka, Postgres or Elasticsearch does not answer.
        InconsistentError: the log changed while it was read.
    """
    settings.together()
    began, at = time.monotonic(), datetime.now(UTC)
    folder, is_new = _folder(settings, options, at)
    unfinished = take_up(folder, _around(settings, options), _depends_on(settings))
    finished = False
    try:
        async with database.engine(settings, name="nljctl compare-legacy") as engine, scanner(settings) as client:
            if options.wait is not None:
                await wait_for_both(settings, engine, options.wait, progress)
            with Ledger(unfinished.work) as ledger:
                cut, witness, analytics = await _hear(settings, options, at, engine, client, ledger, unfinished, progress)
                totals = ledger.totals()
                effects = None if witness.absent else ledger.effects(witness.same)
                found = Comparison(
                    at=at,
                    seconds=time.monotonic() - began,
                    verdict=decide(totals, effects, analytics.document),
                    required=options.require,
                    cut=cut.as_json(),
                    totals=totals,
                    reasons=ledger.reasons(),
                    events=ledger.events(),
                    effects=effects,
                    effects_absent=witness.absent,
                    effect_differences=ledger.effect_differences(options.limit),
                    differences=await name_changes(settings, client, ledger.differences(options.limit)),
                    evidence=folder,
                    asked=_asked(options),
                    versions=await _versions(client),
                    analytics=analytics.document,
                    analytics_absent=analytics.absent,
                    analytics_counts=analytics.counts,
                    retention=ledger.retention(),
                    resumed=unfinished.document(),
                    noise_floor=None if options.noise_floor is None else noise_floor(ledger, options.noise_floor),
                )
                progress("writing the evidence")
                evidence.write(found, ledger, folder, past(settings.home / "evidence"))
            await _remember(engine, found)
        finished = True
    except NljctlError as problem:
        if problem.code in NOTHING_KEPT:
            shutil.rmtree(unfinished.work, ignore_errors=True)
        raise
    finally:
        if finished or not unfinished.heard:
            shutil.rmtree(unfinished.work, ignore_errors=True)
        if is_new and not finished and not unfinished.work.exists():  # half of an evidence folder proves nothing
            shutil.rmtree(folder, ignore_errors=True)
        unfinished.release()
    return found


async def _hear(
    settings: Settings,
    options: CompareOptions,
    at: datetime,
    engine: AsyncEngine,
    client: AsyncElasticsearch,
    ledger: Ledger,
    unfinished: Unfinished,
    progress: Progress,
) -> tuple[Cut, EffectsWitness, AnalyticsCompared]:
    """Hears every witness, settles the ledger, then compares the analytics, while the points in time are still open."""
    positions = await gather.read_positions(engine)
    topics = {*SUBSCRIBED, *(position.tp.topic for position in positions.live)}
    with ExitStack() as files:
        file = {name: files.enter_context(WitnessFile(ledger.folder, name)) for name in _SHORT}
        async with (
            hear_index(unfinished, client, settings.index, "faststream_document", required=True) as new,
            hear_index(unfinished, client, settings.legacy_index, "legacy_document", required=False) as legacy,
        ):
            witness = EffectsWitness({}, absent="not asked for")
            if options.effects:
                progress("the platform's rows and the shadow's")
                witness = await compare_effects(engine, file["effect_row"], file["one_sided"])
            everything, begins = await gather.read_spans(settings, {*topics, settings.dead_letter_topic}, options.since)
            letters = {tp: span for tp, span in everything.items() if tp.topic == settings.dead_letter_topic}
            spans = {tp: span for tp, span in everything.items() if tp not in letters}
            if unknown := sorted(set(options.topics) - {tp.topic for tp in spans}):
                raise UsageError(f"--topics {unknown[0]}: the pipelines read no such topic", f"There are {', '.join(sorted({tp.topic for tp in spans}))}.")
            cut = make_cut(positions.live, spans, topics=options.topics, begins=begins)
            truncated = await gather.read_dead_letters(settings, letters, file["dead"], progress)
            await gather.read_outcomes(engine, file["outcome"], progress)
            log = hear_log(unfinished, spans, positions.generations, files)
            progress("; ".join([*unfinished.kept, *unfinished.anew]) or "the log and both indices")
            await _all(
                gather.read_log(settings, log, progress),
                gather.read_documents(new, settings.index, progress),
                gather.read_documents(legacy, settings.legacy_index, progress),
            )
            for rows in (log.rows, log.touches, log.facts, new.file, legacy.file, *file.values()):
                rows.flush()
            file |= {"log": log.rows, "touch": log.touches, "faststream_document": new.file, "legacy_document": legacy.file}
            progress("joining the ledger")

            def settle() -> None:
                for name, rows in file.items():
                    ledger.load(name, rows)
                ledger.place([CutRow(tp.topic, tp.partition, span.begin, span.end) for tp, span in cut.ranges.items()])
                reads_new, reads_old = cut.subscribed["faststream"], cut.subscribed["legacy"]
                ledger.add(
                    "span",
                    [
                        SpanRow(tp.topic, tp.partition, s.begin, s.end, tp.topic in reads_new, tp.topic in reads_old, positions.generations.get(tp, 0))
                        for tp, s in log.spans.items()
                    ],
                )
                ledger.add("effect_span", witness.spans)
                ledger.settle(accepted=options.accept, dead_letters_truncated=truncated)

            await asyncio.to_thread(settle)
            if not options.analytics:
                return cut, witness, AnalyticsCompared(None, absent="not asked for")
            async with elasticsearch(settings, request_timeout=ANALYTICS_SECONDS) as asker:
                both: dict[Side, tuple[str, HeardIndex]] = {"faststream": (settings.index, new), "legacy": (settings.legacy_index, legacy)}
                return cut, witness, await compare_analytics(asker, both, log.facts, ledger, at.date(), progress)


_SHORT = ("dead", "outcome", "effect_row", "one_sided")
"""Witnesses that are heard anew each time."""


async def _all(*work: Coroutine[Any, Any, None]) -> None:
    """Does all at once; the first failure stops the others and is raised as it is."""
    tasks = [asyncio.create_task(part) for part in work]
    try:
        await asyncio.gather(*tasks)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def _folder(settings: Settings, options: CompareOptions, at: datetime) -> tuple[Path, bool]:
    folder = options.evidence or settings.home / "evidence" / f"compare-{at:%Y%m%dT%H%M%S.%f}Z"
    is_new = not folder.exists()
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as problem:
        raise UsageError(f"evidence cannot be written to {folder}: {problem.strerror}", "Name a folder that can be written with --evidence DIR.") from problem
    return folder.resolve(), is_new


def _around(settings: Settings, options: CompareOptions) -> list[Path]:
    """Where an unfinished comparison may lie: in the folder that was named, else in those of the stack's home, newest first."""
    return [] if options.evidence else sorted((settings.home / "evidence").resolve().glob("compare-*"), reverse=True)


def _depends_on(settings: Settings) -> dict[str, Any]:
    """What the work of an unfinished comparison is good for."""
    return {
        "nljctl": __version__,
        "kafka": settings.kafka,
        "elasticsearch": settings.elasticsearch,
        "index": settings.index,
        "legacy_index": settings.legacy_index,
    }


def _asked(options: CompareOptions) -> dict[str, Any]:
    return {
        "since": options.since.isoformat() if options.since else None,
        "topics": list(options.topics),
        "accept": sorted(options.accept),
        "effects": options.effects,
        "analytics": options.analytics,
    }


async def _versions(client: AsyncElasticsearch) -> dict[str, str]:
    server = (await client.info())["version"]["number"]
    return {"nljctl": __version__, "python": platform.python_version(), "duckdb": duckdb.__version__, "elasticsearch": server}


async def _remember(engine: AsyncEngine, found: Comparison) -> None:
    row = {
        "id": str(uuid4()),
        "verdict": found.verdict.value,
        "records": found.totals.records,
        "seconds": found.seconds,
        "evidence": str(found.evidence),
        "summary": found.as_json(),
    }
    async with engine.begin() as connection:
        await connection.execute(comparison_table.insert().values(row))
