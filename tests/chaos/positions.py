"""The three positions of each partition: what the group has committed, what Postgres holds, where the log ends."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass

from aiokafka import TopicPartition

from nljctl.catalogue.topics import SUBSCRIBED
from nljctl.effects import database, progress
from nljctl.effects.plan import Pipeline, Role
from nljctl.kafka.client import admin, consumer
from nljctl.kafka.offsets import committed, partitions, spans
from nljctl.settings import Settings

COMMIT_SECONDS = 5.0
"""Within which an idle consumer has committed what it has done."""


@dataclass(frozen=True, slots=True)
class Positions:
    """By partition; one without a commit or without a row is absent. `progress` is that of the role that is behind: only then are offsets committed."""

    committed: Mapping[TopicPartition, int]
    progress: Mapping[TopicPartition, int]
    ends: Mapping[TopicPartition, int]

    @property
    def ahead(self) -> list[str]:
        """Where the group has committed what Postgres does not hold, which must never be."""
        return [f"{tp.topic}/{tp.partition}: committed {offset}" for tp, offset in self.committed.items() if offset > self.progress.get(tp, 0)]

    @property
    def lag(self) -> int:
        return sum(max(0, end - self.progress.get(tp, 0)) for tp, end in self.ends.items())


async def positions(settings: Settings) -> Positions:
    """Read in this order, so that each number is at least as old as those that must not be below it."""
    group = settings.require("group")
    async with admin(settings) as client:
        done = await committed(client, group)
        tps = await partitions(client, SUBSCRIBED)
    async with database.engine(settings) as engine, engine.connect() as connection:
        live, shadow = [await progress.read(connection, Pipeline.FASTSTREAM, role) for role in (Role.LIVE, Role.SHADOW)]
    async with consumer(settings) as client:
        ends = {tp: span.end for tp, span in (await spans(client, tps)).items()}
    return Positions({tp: done[tp] for tp in done if tp in ends}, {tp: min(row.statements_next, shadow[tp].statements_next) for tp, row in live.items()}, ends)


async def until_processed(settings: Settings, seconds: float) -> bool:
    """Waits until the progress is at the log's end, and then a moment for the group's offsets; False if `seconds` pass before."""
    deadline = time.monotonic() + seconds
    while (found := await positions(settings)).lag:
        if time.monotonic() > deadline:
            return False
    grace = time.monotonic() + COMMIT_SECONDS
    while any(found.committed.get(tp, 0) != end for tp, end in found.ends.items()) and time.monotonic() < grace:
        found = await positions(settings)
    return True
