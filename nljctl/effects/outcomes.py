"""Writes what became of records that were not plainly stored: rows of `outcome`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from aiokafka import TopicPartition
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from nljctl.effects.batch import Entry
from nljctl.effects.ledger_tables import outcome
from nljctl.effects.plan import Pipeline

LONGEST = 2_000
"""Characters of any text kept: what is shown is bounded, whatever a producer or an LRS writes."""


async def write(connection: AsyncConnection, pipeline: Pipeline, entries: Iterable[Entry], generations: Mapping[TopicPartition, int]) -> None:
    """Records the outcomes of those entries that have one; an outcome already recorded stays. `generations`: as of a batch."""
    rows = [
        {
            "pipeline": pipeline,
            "topic": entry.tp.topic,
            "partition": entry.tp.partition,
            "offset": entry.offset,
            "generation": generations.get(entry.tp, 0),
            "kind": entry.outcome.kind,
            "reason": _text(entry.outcome.reason),
            "rule": _text(entry.outcome.rule),
            "pointer": _text(entry.outcome.pointer),
            "detail": _text(entry.outcome.detail),
            "statement_id": _text(entry.judgement.id) if entry.judgement.id else None,
        }
        for entry in entries
        if entry.outcome is not None
    ]
    if rows:
        await connection.execute(insert(outcome).on_conflict_do_nothing(), rows)


def _text(value: str) -> str:
    """What Postgres can hold of a text: no NUL, no lone surrogates, bounded."""
    return value[:LONGEST].replace("\x00", "\ufffd").encode("utf-8", "replace").decode("utf-8")
