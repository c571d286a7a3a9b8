"""What a rollback changes in Postgres beside the epoch, in one transaction: legacy's statements, what its store then lacks, where analytics are to read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from aiokafka import TopicPartition
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncEngine

from nljctl.effects import progress, reads
from nljctl.effects.claim import Position
from nljctl.effects.ledger_tables import backfill
from nljctl.effects.plan import Epoch, Pipeline, Role
from nljctl.effects.reads import When


@dataclass(frozen=True, slots=True)
class TakenBack:
    """`raised`: where legacy's statements go on, on the partitions where they were moved. `lacking`: the rows of `backfill` that name what its store lacks."""

    raised: Mapping[TopicPartition, Position]
    lacking: Sequence[Mapping[str, Any]]

    @property
    def offsets(self) -> int:
        """How many are left to the backfill."""
        return sum(row["to"] - row["from"] for row in self.lacking)


async def take_back(engine: AsyncEngine, epoch: Epoch, index: str, when: When) -> TakenBack:
    """Raises legacy's statements to where its effects go on, never lower; notes the ranges that its store lacks, and that analytics are to read it.

    Who runs it again finds nothing to raise, and changes nothing.
    """
    raised: dict[TopicPartition, Position] = {}
    lacking: list[dict[str, Any]] = []
    async with engine.begin() as connection:
        positions = await progress.lock(connection, Pipeline.LEGACY, Role.LIVE, epoch.fences)
        for tp, fence in sorted(epoch.fences.items()):
            position = positions[tp]
            begin, end = position.statements_next, min(fence, position.effects_next)
            if begin < end:
                raised[tp] = Position(end, position.effects_next)
                lacking.append({"index": index, "topic": tp.topic, "partition": tp.partition, "from": begin, "to": end, "done": begin})
        if lacking:
            await connection.execute(insert(backfill).on_conflict_do_nothing(), lacking)
        await progress.move(connection, Pipeline.LEGACY, Role.LIVE, {tp: (position, None) for tp, position in raised.items()})
        await reads.ask(connection, epoch.number, index, when)
    return TakenBack(raised, lacking)
