"""Where pipelines stand: the rows of `progress`, which are the positions (Kafka's committed offsets are for people and for a take-over)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from aiokafka import TopicPartition
from sqlalchemy import case, func, literal_column, select, tuple_
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from nljctl.effects.claim import Position
from nljctl.effects.ledger_tables import progress
from nljctl.effects.plan import Pipeline, Role


async def ensure(connection: AsyncConnection, pipeline: Pipeline, role: Role, begin: Mapping[TopicPartition, int]) -> None:
    """Writes the rows that are missing, at the offsets given; those that exist stay as they are."""
    rows = [
        {"pipeline": pipeline, "role": role, "topic": tp.topic, "partition": tp.partition, "statements_next": offset, "effects_next": offset}
        for tp, offset in sorted(begin.items())
    ]
    if rows:
        await connection.execute(insert(progress).on_conflict_do_nothing(), rows)


async def read(connection: AsyncConnection, pipeline: Pipeline, role: Role = Role.LIVE) -> dict[TopicPartition, Position]:
    """Every position of a pipeline in a role."""
    rows = await connection.execute(_positions(pipeline, role))
    return {TopicPartition(row.topic, row.partition): Position(row.statements_next, row.effects_next) for row in rows}


async def lock(connection: AsyncConnection, pipeline: Pipeline, role: Role, tps: Iterable[TopicPartition]) -> dict[TopicPartition, Position]:
    """The positions of some partitions, their rows locked in sorted order until the transaction ends."""
    wanted = sorted(tps)
    rows = await connection.execute(
        _positions(pipeline, role)
        .where(tuple_(progress.c.topic, progress.c.partition).in_([(tp.topic, tp.partition) for tp in wanted]))
        .order_by(progress.c.topic, progress.c.partition)
        .with_for_update()
    )
    return {TopicPartition(row.topic, row.partition): Position(row.statements_next, row.effects_next) for row in rows}


async def move(connection: AsyncConnection, pipeline: Pipeline, role: Role, moved: Mapping[TopicPartition, tuple[Position, str | None]]) -> None:
    """Sets locked positions, with the digest of the last record (None leaves it)."""
    rows = [
        {
            "pipeline": pipeline,
            "role": role,
            "topic": tp.topic,
            "partition": tp.partition,
            "statements_next": position.statements_next,
            "effects_next": position.effects_next,
            "digest": digest,
        }
        for tp, (position, digest) in sorted(moved.items())
    ]
    if not rows:
        return
    statement = insert(progress)
    new = statement.excluded
    await connection.execute(
        statement.on_conflict_do_update(
            index_elements=["pipeline", "role", "topic", "partition"],
            set_={
                "statements_next": new.statements_next,
                "effects_next": new.effects_next,
                "digest": case((new.digest.is_(None), literal_column("progress.digest")), else_=new.digest),
                "at": func.now(),
            },
        ),
        rows,
    )


def _positions(pipeline: Pipeline, role: Role):  # type: ignore[no-untyped-def]  # SQLAlchemy's Select type spells out every column
    c = progress.c
    return select(c.topic, c.partition, c.statements_next, c.effects_next).where(c.pipeline == pipeline, c.role == role)
