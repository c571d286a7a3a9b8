"""Hears the witnesses of a comparison: positions, dead letters, outcomes, both indices, and the log itself, judged again."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from aiokafka import TopicPartition
from aiokafka.errors import KafkaConnectionError, OffsetOutOfRangeError
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncEngine

from nljctl.analytics.facts import fact_of
from nljctl.effects.ledger_tables import outcome, progress
from nljctl.effects.topic_generations import current
from nljctl.errors import InconsistentError
from nljctl.judge import judge
from nljctl.judgement import Judgement, Origin, Verdict
from nljctl.kafka import client as kafka
from nljctl.kafka import offsets
from nljctl.kafka.offsets import Span
from nljctl.kafka.reader import Record, read
from nljctl.migration.cut import LivePosition
from nljctl.migration.documents import document_row
from nljctl.migration.heard import HeardIndex, HeardLog
from nljctl.migration.touches import touched
from nljctl.migration.witnesses import DeadRow, LogRow, OutcomeRow, TouchRow, WitnessFile, text
from nljctl.settings import Settings

Progress = Callable[[str], None]
"""Told in a few words of what is being done."""

LIVE = "live"
SILENCE_SECONDS = 60.0
HEADER = "nljctl-"


@dataclass(frozen=True)
class Positions:
    """Where both pipelines stand, and which re-creation of its topic each partition is."""

    live: tuple[LivePosition, ...]
    generations: Mapping[TopicPartition, int]


async def read_positions(engine: AsyncEngine) -> Positions:
    c = progress.c
    async with engine.connect() as connection:
        rows = (await connection.execute(select(c.pipeline, c.topic, c.partition, c.statements_next, c.generation).where(c.role == LIVE))).all()
    live = tuple(LivePosition(row.pipeline, TopicPartition(row.topic, row.partition), row.statements_next) for row in rows)
    return Positions(live, {TopicPartition(row.topic, row.partition): row.generation for row in rows})


async def read_spans(settings: Settings, topics: Iterable[str], since: datetime | None = None) -> tuple[dict[TopicPartition, Span], dict[TopicPartition, int]]:
    """What the log holds now, and where each partition passes `since` (its end, if nothing is that young)."""
    async with kafka.admin(settings) as admin:
        tps = await offsets.partitions(admin, topics)
    async with kafka.consumer(settings) as consumer:
        consumer.assign(tps)  # one request for the metadata of all topics; unassigned, aiokafka makes one per topic, a tenth of a second each
        spans = await offsets.spans(consumer, tps)
        if since is None or not tps:
            return spans, {}
        milliseconds = int(since.timestamp() * 1000)
        found = await consumer.offsets_for_times(dict.fromkeys(tps, milliseconds))
    return spans, {tp: spans[tp].end if entry is None else entry.offset for tp, entry in found.items()}


async def _answering(settings: Settings, spans: Mapping[TopicPartition, Span]) -> AsyncIterator[list[Record]]:
    """The records of the spans, as long as the broker gives any.

    Raises:
        UnreachableError: it has given none for a minute.
        InconsistentError: retention removed records while they were read.
    """
    records = read(settings, spans)
    try:
        while True:
            yield await asyncio.wait_for(anext(records), SILENCE_SECONDS)
    except StopAsyncIteration:
        return
    except (TimeoutError, KafkaConnectionError) as problem:
        raise kafka.unreachable(settings, problem) from problem
    except OffsetOutOfRangeError as problem:
        raise InconsistentError("the log lost records to retention while it was read", "Compare again.") from problem
    finally:
        await records.aclose()


async def read_log(settings: Settings, heard: HeardLog, report: Progress) -> None:
    """Judges every record that is left of the log, and notes which of the platform's rows it touches, and what analytics look at in it."""
    total = sum(len(span) for span in heard.spans.values())
    async for records in _answering(settings, heard.left):
        tp = TopicPartition(records[0].topic, records[0].partition)
        generation = heard.generations.get(tp, 0)
        judged = [(record, judge(record.value, Origin(tp.topic, tp.partition, record.offset, record.timestamp, generation))) for record in records]
        first = heard.rows.rows
        heard.rows.write([log_row(first + n, record, judgement) for n, (record, judgement) in enumerate(judged)])
        heard.touches.write([TouchRow(first + n, key) for n, (_, judgement) in enumerate(judged) for key in touched(judgement)])
        heard.facts.write([fact_of(first + n, judgement.body) for n, (_, judgement) in enumerate(judged) if judgement.body])
        heard.next[tp] = records[-1].offset + 1
        heard.note()
        report(f"log: {heard.rows.rows:,} of {total:,} records judged")
    heard.note(now=True)


def log_row(n: int, record: Record, judgement: Judgement) -> LogRow:
    """A record of the log as a witness."""
    rejected = judgement.verdict is Verdict.REJECTED
    first = judgement.errors[0] if judgement.errors else None
    return LogRow(
        n=n,
        topic=record.topic,
        partition=record.partition,
        offset=record.offset,
        at=record.timestamp,
        verdict=judgement.verdict,
        id=None if judgement.id is None else text(judgement.id).lower(),
        id_given=judgement.id_given,
        timestamp_given=judgement.timestamp_given,
        event=judgement.event,
        reason=judgement.reason or "",
        rule=first.rule if rejected and first else "",
        pointer=text(first.pointer) if rejected and first else "",
        digest=judgement.digest,
        content_digest=judgement.content_digest,
    )


async def read_documents(heard: HeardIndex, words: str, report: Progress) -> None:
    """Digests every document of an index anew: what a document says of itself is not believed."""
    if heard.snapshot is None:
        return
    async for page in heard.snapshot.pages(marks=heard.marks):
        heard.file.write([document_row(hit.id, hit.source) for hit in page])
        heard.note()
        report(f"{words}: {heard.file.rows:,} documents")
    heard.note(complete=True)


async def read_dead_letters(settings: Settings, spans: Mapping[TopicPartition, Span], file: WitnessFile, report: Progress) -> bool:
    """Where each dead letter comes from. True if the topic has lost its first records to retention (then outcome rows speak for them)."""
    total = sum(len(span) for span in spans.values())
    async for records in _answering(settings, spans):
        file.write([row for record in records if (row := dead_row(dict(record.headers))) is not None])
        report(f"dead letters: {file.rows:,} of {total:,}")
    return any(span.begin > 0 for span in spans.values())


def dead_row(headers: Mapping[str, bytes]) -> DeadRow | None:
    """The origin that a dead letter's headers name; None if it is not one of ours."""
    values = {name.removeprefix(HEADER): value.decode("utf-8", "replace") for name, value in headers.items() if name.startswith(HEADER) and value is not None}
    try:
        return DeadRow(text(values["topic"]), int(values["partition"]), int(values["offset"]), text(values.get("reason", "")), text(values.get("rule", "")))
    except (KeyError, ValueError):
        return None


async def read_outcomes(engine: AsyncEngine, file: WitnessFile, report: Progress) -> None:
    c = outcome.c
    wanted = select(c.pipeline, c.topic, c.partition, c.offset, c.kind, c.reason, c.rule, c.detail, c.statement_id).where(c.generation == current(c.topic))
    async with engine.connect() as connection:
        async for rows in (await connection.stream(wanted)).partitions(5_000):
            file.write([OutcomeRow(*row[:8], statement_id=None if row[8] is None else row[8].lower()) for row in rows])
            report(f"recorded outcomes: {file.rows:,}")
