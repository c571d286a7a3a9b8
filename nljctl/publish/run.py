"""One `publish-test`: sends what a plan says and, if asked, waits until it is processed."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from nljctl.catalogue.samples import generate
from nljctl.effects import database
from nljctl.effects.plan import Pipeline
from nljctl.publish.latency import POLL_SECONDS, LatencyProbe
from nljctl.publish.lines import lines
from nljctl.publish.plan import Plan
from nljctl.publish.receipts import Receipts, ids_path
from nljctl.publish.record import Outgoing, of_lines, of_samples
from nljctl.publish.send import Pace, send
from nljctl.publish.wait import Processed, running, until_processed
from nljctl.settings import Settings
from nljctl.store.client import elasticsearch

_SEARCHABLE_SECONDS = 10.0
"""How long a processed statement may take to be found, before it counts as not measured."""

Progress = Callable[[int], None]


@dataclass(frozen=True, slots=True)
class Tally:
    """What a plan comes to, without sending it."""

    records: int | None
    by_topic: Counter[str]
    by_event: Counter[str]
    by_kind: Counter[str]


async def publish(settings: Settings, plan: Plan, *, progress: Progress = lambda _: None) -> Receipts:
    """Sends. `progress` is told how many records the log holds.

    Raises:
        UnreachableError, UsageError, NljctlError: as `send` does.
    """
    with _receipts(settings, plan) as receipts:
        await _send(settings, plan, receipts, progress)
    return receipts


async def publish_and_wait(settings: Settings, plan: Plan, seconds: float, *, progress: Progress = lambda _: None) -> dict[str, Any]:
    """Sends, waits until every running pipeline has passed each record, and gives the contract's keys, `outcomes` and `latency` among them.

    Raises:
        UndecidedError: no pipeline runs; nothing is sent.
        TimedOutError: not processed within `seconds` after the last record was sent.
    """
    settings.together()
    pipelines = await running(settings)
    async with database.engine(settings, name="nljctl publish-test") as engine, elasticsearch(settings) as client:
        probe = LatencyProbe(client, settings.require("index"))
        measured = Pipeline.FASTSTREAM in pipelines
        with _receipts(settings, plan) as receipts:
            async with probe.running():
                await _send(settings, plan, receipts, progress, probe.sending if measured else lambda _: None)
                offsets = {tp: sorted(run) for tp, run in receipts.offsets.items()}
                processed = await until_processed(engine, pipelines, offsets, seconds)
                probe.forget(processed.dead)
                await _until_found(probe)
    return {**report(plan, receipts), **_processing(processed, probe)}


async def tally(plan: Plan) -> Tally:
    """Counts what would be sent. `records` is None where only the duration ends it."""
    result = Tally(plan.count, Counter(), Counter(), Counter())
    if plan.request is not None and plan.request.count is None:
        return result
    number = 0
    async for record in _records(plan):
        if plan.file and plan.count is not None and number >= plan.count:
            break
        number += 1
        result.by_topic[record.topic] += 1
        if record.event is not None and record.kind is not None:
            result.by_event[record.event] += 1
            result.by_kind["parent" if record.parent else record.kind] += 1
    return Tally(number, result.by_topic, result.by_event, result.by_kind)


def report(plan: Plan, receipts: Receipts) -> dict[str, Any]:
    """The contract's keys of what was sent."""
    return {
        "published": receipts.published,
        "by_topic": dict(sorted(receipts.by_topic.items())),
        "by_event": dict(sorted(receipts.by_event.items())),
        "by_kind": dict(sorted(receipts.by_kind.items())),
        "run_id": plan.run_id,
        "seed": plan.seed,
        "ids": str(receipts.path),
    }


def _processing(processed: Processed, probe: LatencyProbe) -> dict[str, Any]:
    return {
        "outcomes": dict(processed.outcomes),
        "outcomes_of": processed.pipeline.value,
        "unread": dict(processed.unread),
        "latency": probe.percentiles(),
        "latency_measured": probe.measured,
    }


def _receipts(settings: Settings, plan: Plan) -> Receipts:
    return Receipts(ids_path(settings.home, datetime.now(UTC), plan.run_id))


async def _send(settings: Settings, plan: Plan, receipts: Receipts, progress: Progress, sending: Callable[[Outgoing], None] = lambda _: None) -> None:
    def receive(receipt: Any) -> None:
        receipts.add(receipt)
        progress(receipts.published)

    await send(settings, _records(plan), Pace(plan.rate, plan.duration, plan.count), receive=receive, sending=sending)


def _records(plan: Plan) -> AsyncIterator[Outgoing]:
    if plan.request is not None:
        return of_samples(generate(plan.request))
    return of_lines(lines(plan.file or ""), plan.topic)


async def _until_found(probe: LatencyProbe) -> None:
    """Lets the last statements become searchable: the index refreshes on its own time."""
    waited = 0.0
    while probe.pending and not probe.unavailable and waited < _SEARCHABLE_SECONDS:
        await asyncio.sleep(POLL_SECONDS)
        waited += POLL_SECONDS
