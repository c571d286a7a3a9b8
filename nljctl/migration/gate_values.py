"""How the value of each gate is found: one source per gate."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterable, Mapping
from typing import Literal

import duckdb
from aiokafka import TopicPartition
from aiokafka.errors import KafkaError
from sqlalchemy import and_, func, or_, select
from sqlalchemy.ext.asyncio import AsyncEngine

from nljctl.effects import plans, progress
from nljctl.effects.ledger_tables import applied, comparison, fence, outcome
from nljctl.effects.plan import Pipeline, Role
from nljctl.effects.topic_generations import current
from nljctl.errors import NljctlError
from nljctl.kafka.client import consumer
from nljctl.kafka.offsets import Span
from nljctl.migration.compare import CompareOptions, Comparison, compare
from nljctl.migration.gates import BY_NAME, Condition, Found, Verdict, judge
from nljctl.migration.health import health
from nljctl.migration.overview import lag, log_spans
from nljctl.migration.recent import recent
from nljctl.migration.statistics import statistics
from nljctl.settings import Settings

RECENT = 10_000

Source = Callable[[Settings, AsyncEngine], Awaitable[Found]]


Comparing = Literal["now", "last", "never"]
"""For gates that need a comparison: make one; take the last one's verdict and change nothing; leave those gates out."""


async def look(settings: Settings, engine: AsyncEngine, wanted: Iterable[Condition], comparing: Comparing = "now") -> Verdict:
    """Finds the value of every condition's gate and holds it against the condition. What cannot be found makes its gate not met, and says why.

    Raises:
        Unavailable (effects.database): Postgres is away.
    """
    asked = [condition for condition in wanted if comparing != "never" or not condition.gate.compares]
    names = {condition.gate.name for condition in asked}
    cheap = [name for name in names if not BY_NAME[name].compares]
    values = {name: await _told(SOURCES[name](settings, engine)) for name in cheap}
    if dear := {name for name in names if BY_NAME[name].compares}:
        values |= await (_remembered(engine, dear) if comparing == "last" else _compared(settings, dear))
    return judge(asked, values)


async def _told(source: Awaitable[Found]) -> Found:
    try:
        return await source
    except NljctlError as problem:
        return Found(None, problem.message)
    except KafkaError as problem:
        return Found(None, f"Kafka answers {type(problem).__name__}")


async def _lag(settings: Settings, engine: AsyncEngine) -> Found:
    ends = await log_spans(settings)
    async with engine.connect() as connection:
        lags = {pipeline: lag(await progress.read(connection, pipeline), ends) for pipeline in Pipeline}
    never = [pipeline for pipeline, records in lags.items() if records is None]
    if never:
        return Found(None, f"{' and '.join(never)} never ran")
    return Found(max(records for records in lags.values() if records is not None), ", ".join(f"{pipeline} {records}" for pipeline, records in lags.items()))


async def _validation(settings: Settings, _: AsyncEngine) -> Found:
    totals = await statistics(settings)
    judged = totals["total_validations"]
    if not judged:
        return Found(None, "faststream has judged nothing yet")
    return Found(totals["success_rate"], f"{totals['failed_validations']} of {judged} invalid")


async def _dead_letters(settings: Settings, engine: AsyncEngine) -> Found:
    async with engine.connect() as connection:
        positions = await progress.read(connection, Pipeline.FASTSTREAM)
    held = {tp: Span(span.begin, min(span.end, positions[tp].statements_next)) for tp, span in (await log_spans(settings)).items() if tp in positions}
    async with consumer(settings) as reader:
        reader.assign(list(held))  # unassigned, aiokafka would ask for the metadata of one topic after the other
        window = await recent(RECENT, held, lambda moment: _offsets_at(reader, held, moment), int(time.time() * 1000))
    passed = sum(map(len, window.values()))
    if not passed:
        return Found(None, "faststream has passed no record yet")
    c = outcome.c
    places = [and_(c.topic == tp.topic, c.partition == tp.partition, c.offset >= span.begin, c.offset < span.end) for tp, span in window.items() if len(span)]
    counted = (
        select(func.count())
        .select_from(outcome)
        .where(c.pipeline == Pipeline.FASTSTREAM, c.kind == "dead_lettered", c.generation == current(c.topic), or_(*places))
    )
    async with engine.connect() as connection:
        letters: int = (await connection.execute(counted)).scalar_one()
    return Found(round(100.0 * letters / passed, 2), f"{letters} of the last {passed} records")


async def _offsets_at(reader, held: Mapping[TopicPartition, Span], moment: int) -> dict[TopicPartition, int | None]:  # type: ignore[no-untyped-def]  # aiokafka has no types
    found = await reader.offsets_for_times(dict.fromkeys(held, moment))
    return {tp: None if entry is None else entry.offset for tp, entry in found.items()}


async def _refused(_: Settings, engine: AsyncEngine) -> Found:
    c = applied.c
    async with engine.connect() as connection:
        newest = await plans.newest(connection)
        there = (fence.c.topic == c.topic, fence.c.partition == c.partition, fence.c.generation == c.generation)
        ruled = applied.outerjoin(fence, and_(fence.c.epoch == newest, *there))
        query = select(func.count()).select_from(ruled)
        refused: int = (
            await connection.execute(query.where(c.role == Role.LIVE, c.result == "refused", c.offset >= func.coalesce(fence.c.offset, 0)))
        ).scalar_one()
    return Found(refused, f"since epoch {newest}")


async def _health(settings: Settings, _: AsyncEngine) -> Found:
    found = await health(settings)
    wrong = {name: each for name, each in found["components"].items() if each["status"] in ("degraded", "unhealthy")}
    return Found(found["status"], "; ".join(f"{name}: {each['detail']}" for name, each in wrong.items()))


SOURCES: Mapping[str, Source] = {"lag": _lag, "validation": _validation, "dead_letters": _dead_letters, "refused": _refused, "health": _health}
"""Those that can be looked at all the time."""


async def _compared(settings: Settings, names: Iterable[str]) -> dict[str, Found]:
    """One comparison for all gates that need one."""
    try:
        found = await compare(settings, CompareOptions())
    except NljctlError as problem:
        return dict.fromkeys(names, Found(None, problem.message))
    return {name: await COMPARED[name](found) for name in names}


async def _verdict(found: Comparison) -> Found:
    totals = found.totals
    return Found(found.verdict.value, f"{totals.records} records, {totals.unexplained} unexplained and {totals.explained} explained", str(found.evidence))


async def only_legacy_has(found: Comparison) -> Found:
    """Documents of the legacy index that are in neither the log nor the new index."""
    strays = found.evidence / "strays.parquet"
    count = await asyncio.to_thread(_count, str(strays))
    return Found(count, "in the legacy index, and in neither the log nor the new index", str(found.evidence))


def _count(strays: str) -> int:
    with duckdb.connect() as db:
        [(count,)] = db.execute(
            """WITH stray AS (SELECT side, lower(id) AS id FROM read_parquet(?) WHERE reason <> 'no record that could be stored has this id')
               SELECT count(DISTINCT id) FROM stray WHERE side = 'legacy' AND id NOT IN (SELECT id FROM stray WHERE side = 'faststream')""",
            [strays],
        ).fetchall()
    return int(count)


COMPARED: Mapping[str, Callable[[Comparison], Awaitable[Found]]] = {"compare": _verdict, "history": only_legacy_has}


async def _remembered(engine: AsyncEngine, names: Iterable[str]) -> dict[str, Found]:
    c = comparison.c
    async with engine.connect() as connection:
        row = (await connection.execute(select(c.verdict, c.at, c.evidence).order_by(c.at.desc()).limit(1))).first()
    values = dict.fromkeys(names, Found(None, "a comparison is made when it is done, and not for a plan"))
    if row is not None and "compare" in values:
        values["compare"] = Found(row.verdict, f"as of {row.at.isoformat(timespec='seconds')}; it is compared anew when it is done", row.evidence)
    return values
