"""Waits until both pipelines' effects have reached the fences; settles for one that does not run (docs/ownership.md, "Nobody leaves owing")."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping

from aiokafka import TopicPartition
from sqlalchemy.ext.asyncio import AsyncEngine

from nljctl.effects import progress
from nljctl.effects.claim import Position
from nljctl.effects.plan import Pipeline
from nljctl.errors import TimedOutError
from nljctl.migration.log import KafkaLog
from nljctl.migration.overview import running_pipelines
from nljctl.migration.settle import settle
from nljctl.settings import Settings

POLL_SECONDS = 0.25
LIVE_SECONDS = 10.0
"""How long a pipeline with members is waited for before it is settled for as well: it may hang, or not read the topic at all."""

SHOWN = 3


async def pass_fences(settings: Settings, engine: AsyncEngine, fences: Mapping[TopicPartition, int], seconds: float, *, settling: bool) -> str:
    """Returns when both have reached every fence; says how.

    Args:
        seconds: how long it may take.
        settling: apply in its name what a pipeline still owes that has no member in its group, or does not come to it by itself.

    Raises:
        TimedOutError: names who has not reached which fence.
    """
    began = time.monotonic()
    settled: dict[Pipeline, int] = {}
    while True:
        async with engine.connect() as connection:
            positions = {pipeline: await progress.read(connection, pipeline) for pipeline in Pipeline}
        behind = owing(positions, fences)
        if not behind:
            how = f"both within {time.monotonic() - began:.1f} s"
            return "; ".join([how, *(f"{offsets} offsets settled for {pipeline}" for pipeline, offsets in settled.items())])
        if settling:
            running = await running_pipelines(settings)
            patient = time.monotonic() - began < LIVE_SECONDS
            for pipeline in [pipeline for pipeline in behind if not (running[pipeline] and patient)]:
                settled[pipeline] = settled.get(pipeline, 0) + (await settle(KafkaLog(settings), engine, [pipeline], fences)).offsets
        if time.monotonic() - began > seconds:
            raise TimedOutError(
                f"after {seconds:g} s: {said(behind)}",
                "The fences stand, and effects beyond them wait. Start who is missing, or wait (`nljctl status`), and run the same command again; "
                "or give everything back: nljctl rollback.",
                code="fence-not-passed",
            )
        await asyncio.sleep(POLL_SECONDS)


def owing(positions: Mapping[Pipeline, Mapping[TopicPartition, Position]], fences: Mapping[TopicPartition, int]) -> dict[Pipeline, dict[TopicPartition, int]]:
    """Per pipeline the effects that it lacks to each fence; who lacks none is left out. Pure."""
    found: dict[Pipeline, dict[TopicPartition, int]] = {}
    for pipeline, known in positions.items():
        lacking = {tp: fence - (known[tp].effects_next if tp in known else 0) for tp, fence in fences.items()}
        if behind := {tp: offsets for tp, offsets in lacking.items() if offsets > 0}:
            found[pipeline] = behind
    return found


def said(behind: Mapping[Pipeline, Mapping[TopicPartition, int]]) -> str:
    """Who lacks how much, in one line. Pure."""
    sentences = []
    for pipeline, lacking in behind.items():
        places = ", ".join(f"{tp.topic}/{tp.partition} ({offsets} offsets)" for tp, offsets in sorted(lacking.items())[:SHOWN])
        more = f" and {len(lacking) - SHOWN} more partitions" if len(lacking) > SHOWN else ""
        sentences.append(f"{pipeline} has not reached the fence on {places}{more}")
    return "; ".join(sentences)
