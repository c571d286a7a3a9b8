"""Where a pipeline begins to read: its progress rows, written first from the group's committed offsets where they are missing."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from aiokafka import AIOKafkaConsumer, TopicPartition
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from nljctl.effects import progress, topic_generations
from nljctl.effects.claim import Position
from nljctl.effects.continuity import Known, Mark
from nljctl.effects.ledger_tables import outcome
from nljctl.effects.plan import Pipeline, Role
from nljctl.kafka.offsets import Span, spans
from nljctl.pipelines.identity import Identity, expect_same, find

log = logging.getLogger("nljctl")


@dataclass(frozen=True, slots=True)
class Start:
    """What a pipeline knows when it takes over partitions: its live positions, and per partition the first offset not done in any role."""

    positions: Mapping[TopicPartition, Position]
    first: Mapping[TopicPartition, int]
    seek: Mapping[TopicPartition, int]
    """`first`, but not below the log's start: what retention has removed cannot be read."""


async def take_over(
    engine: AsyncEngine,
    consumer: AIOKafkaConsumer,
    identity: Identity,
    pipeline: Pipeline,
    roles: Sequence[Role],
    tps: Iterable[TopicPartition],
    start_from: str,
) -> Start:
    """The positions of partitions that have just been assigned. Missing rows are written first: from the group's committed offset, else from `start_from`.

    Args:
        start_from: earliest, latest, or an ISO 8601 time in milliseconds since 1970 as digits; only for a group without position.

    Raises:
        InconsistentError: a topic was deleted and made anew: what Postgres knows of it is of another log.
    """
    wanted = sorted(tps)
    log_spans = await spans(consumer, wanted)
    initial = await _initial(consumer, wanted, log_spans, start_from)
    found: dict[Role, dict[TopicPartition, Position]] = {}
    marks: dict[TopicPartition, Mark] = {}
    async with engine.begin() as connection:
        for role in roles:
            await progress.ensure(connection, pipeline, role, initial)
            found[role] = {tp: position for tp, position in (await progress.read(connection, pipeline, role)).items() if tp in log_spans}
            marks |= await progress.marks(connection, pipeline, role)
        ids = await topic_generations.topic_ids(connection)
    known = {tp: Known(max(_highest(found[role][tp]) for role in roles), marks.get(tp), ids.get(tp.topic)) for tp in wanted}
    told = await find(identity, known, log_spans)
    expect_same(known, told)
    first = {tp: min(found[role][tp].seek for role in roles) for tp in wanted}
    async with engine.begin() as connection:
        await topic_generations.note_ids(connection, {tp.topic: each.topic_id for tp, each in told.items() if each.topic_id and tp.topic not in ids})
        for tp in wanted:
            if first[tp] < log_spans[tp].begin:
                await _note_expired(connection, pipeline, tp, Span(first[tp], log_spans[tp].begin), found[roles[0]][tp].generation)
    return Start(found[Role.LIVE], first, {tp: max(first[tp], log_spans[tp].begin) for tp in wanted})


def _highest(position: Position) -> int:
    return max(position.statements_next, position.effects_next)


async def _note_expired(connection: AsyncConnection, pipeline: Pipeline, tp: TopicPartition, gone: Span, generation: int) -> None:
    log.warning("%s/%d: %d offsets from %d on were removed by retention before %s read them", tp.topic, tp.partition, len(gone), gone.begin, pipeline)
    row = {
        "pipeline": pipeline,
        "topic": tp.topic,
        "partition": tp.partition,
        "offset": gone.begin,
        "generation": generation,
        "kind": "expired",
        "detail": f"offsets {gone.begin} to {gone.end - 1} were removed by retention before they were read",
    }
    await connection.execute(insert(outcome).values(row).on_conflict_do_nothing())


async def _initial(
    consumer: AIOKafkaConsumer, tps: Sequence[TopicPartition], log_spans: Mapping[TopicPartition, Span], start_from: str
) -> dict[TopicPartition, int]:
    initial: dict[TopicPartition, int] = {}
    for tp in tps:
        committed = await consumer.committed(tp)
        initial[tp] = log_spans[tp].begin if committed is None else min(committed, log_spans[tp].end)
        if committed is None and start_from == "latest":
            initial[tp] = log_spans[tp].end
        elif committed is None and start_from != "earliest":
            found = (await consumer.offsets_for_times({tp: int(start_from)}))[tp]
            initial[tp] = log_spans[tp].end if found is None else found.offset
    return initial
