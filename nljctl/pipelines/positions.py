"""Where a pipeline begins to read: its progress rows, written first from the group's committed offsets where they are missing."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from aiokafka import AIOKafkaConsumer, TopicPartition
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from nljctl.effects import progress
from nljctl.effects.claim import Position
from nljctl.effects.ledger_tables import outcome
from nljctl.effects.plan import Pipeline, Role
from nljctl.errors import InconsistentError
from nljctl.kafka.offsets import Span, spans

log = logging.getLogger("nljctl")


@dataclass(frozen=True, slots=True)
class Start:
    """What a pipeline knows when it takes over partitions: its live positions, and per partition the first offset not done in any role."""

    positions: Mapping[TopicPartition, Position]
    first: Mapping[TopicPartition, int]
    seek: Mapping[TopicPartition, int]
    """`first`, but not below the log's start: what retention has removed cannot be read."""


async def take_over(
    engine: AsyncEngine, consumer: AIOKafkaConsumer, pipeline: Pipeline, roles: Sequence[Role], tps: Iterable[TopicPartition], start_from: str
) -> Start:
    """The positions of partitions that have just been assigned. Missing rows are written first: from the group's committed offset, else from `start_from`.

    Args:
        start_from: earliest, latest, or an ISO 8601 time in milliseconds since 1970 as digits; only for a group without position.

    Raises:
        InconsistentError: a position lies beyond the log's end, so the topic was made anew.
    """
    wanted = sorted(tps)
    log_spans = await spans(consumer, wanted)
    initial = await _initial(consumer, wanted, log_spans, start_from)
    found: dict[Role, dict[TopicPartition, Position]] = {}
    async with engine.begin() as connection:
        for role in roles:
            await progress.ensure(connection, pipeline, role, initial)
            found[role] = {tp: position for tp, position in (await progress.read(connection, pipeline, role)).items() if tp in log_spans}
        first = {tp: min(found[role][tp].seek for role in roles) for tp in wanted}
        for tp in wanted:
            _check(tp, first[tp], log_spans[tp])
            if first[tp] < log_spans[tp].begin:
                await _note_expired(connection, pipeline, tp, first[tp], log_spans[tp].begin)
    return Start(found[Role.LIVE], first, {tp: max(first[tp], log_spans[tp].begin) for tp in wanted})


def _check(tp: TopicPartition, offset: int, span: Span) -> None:
    if offset > span.end:
        raise InconsistentError(
            f"progress of {tp.topic}/{tp.partition} is {offset}, but its log ends at {span.end}: the topic was made anew",
            "Restore the topic, or start a fresh platform database; nothing was read.",
            code="topic-recreated",
        )


async def _note_expired(connection: AsyncConnection, pipeline: Pipeline, tp: TopicPartition, offset: int, begin: int) -> None:
    log.warning("%s/%d: %d offsets from %d on were removed by retention before %s read them", tp.topic, tp.partition, begin - offset, offset, pipeline)
    row = {
        "pipeline": pipeline,
        "topic": tp.topic,
        "partition": tp.partition,
        "offset": offset,
        "kind": "expired",
        "detail": f"offsets {offset} to {begin - 1} were removed by retention before they were read",
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
