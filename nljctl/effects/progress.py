"""Where pipelines stand: the rows of `progress`, which are the positions (Kafka's committed offsets are for people and for a take-over)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from aiokafka import TopicPartition
from sqlalchemy import case, func, literal_column, select, tuple_
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from nljctl.effects import topic_generations
from nljctl.effects.claim import Position
from nljctl.effects.continuity import Mark
from nljctl.effects.ledger_tables import progress
from nljctl.effects.plan import Pipeline, Role


async def ensure(connection: AsyncConnection, pipeline: Pipeline, role: Role, begin: Mapping[TopicPartition, int]) -> None:
    """Writes the rows that are missing, at the offsets given; those that exist stay as they are."""
    rows = [
        {"pipeline": pipeline, "role": role, "topic": tp.topic, "partition": tp.partition, "statements_next": offset, "effects_next": offset}
        for tp, offset in sorted(begin.items())
    ]
    if rows:
        generations = await topic_generations.numbers(connection)
        stamped = [{**row, "generation": generations.get(str(row["topic"]), topic_generations.FIRST)} for row in rows]
        await connection.execute(insert(progress).on_conflict_do_nothing(), stamped)


async def read(connection: AsyncConnection, pipeline: Pipeline, role: Role = Role.LIVE) -> dict[TopicPartition, Position]:
    """Every position of a pipeline in a role."""
    rows = await connection.execute(_positions(pipeline, role))
    return {TopicPartition(row.topic, row.partition): Position(row.statements_next, row.effects_next, row.generation) for row in rows}


async def marks(connection: AsyncConnection, pipeline: Pipeline, role: Role = Role.LIVE) -> dict[TopicPartition, Mark]:
    """The last record that a pipeline has dealt with in a role, of those partitions where there was one."""
    c = progress.c
    rows = await connection.execute(select(c.topic, c.partition, c.digest).where(c.pipeline == pipeline, c.role == role))
    found = {TopicPartition(row.topic, row.partition): Mark.read(row.digest) for row in rows}
    return {tp: mark for tp, mark in found.items() if mark is not None}


async def lock(connection: AsyncConnection, pipeline: Pipeline, role: Role, tps: Iterable[TopicPartition]) -> dict[TopicPartition, Position]:
    """The positions of some partitions, their rows locked in sorted order until the transaction ends."""
    wanted = sorted(tps)
    rows = await connection.execute(
        _positions(pipeline, role)
        .where(tuple_(progress.c.topic, progress.c.partition).in_([(tp.topic, tp.partition) for tp in wanted]))
        .order_by(progress.c.topic, progress.c.partition)
        .with_for_update()
    )
    return {TopicPartition(row.topic, row.partition): Position(row.statements_next, row.effects_next, row.generation) for row in rows}


async def move(connection: AsyncConnection, pipeline: Pipeline, role: Role, moved: Mapping[TopicPartition, tuple[Position, Mark | None]]) -> None:
    """Sets locked positions, with the last record that was dealt with (None leaves it)."""
    rows = [
        {
            "pipeline": pipeline,
            "role": role,
            "topic": tp.topic,
            "partition": tp.partition,
            "statements_next": position.statements_next,
            "effects_next": position.effects_next,
            "digest": None if mark is None else str(mark),
        }
        for tp, (position, mark) in sorted(moved.items())
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
    return select(c.topic, c.partition, c.statements_next, c.effects_next, c.generation).where(c.pipeline == pipeline, c.role == role)
