"""One batch on its way: records → judgements → documents and dead letters → entries for Postgres. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from aiokafka import TopicPartition

from nljctl.effects.batch import Entry, OutcomeRow
from nljctl.judge import judge
from nljctl.judgement import Judgement, Origin, Reason, Verdict
from nljctl.kafka.reader import Record
from nljctl.pipelines.faststream.deadletters import DeadLetter
from nljctl.store.writer import Written


@dataclass(slots=True)
class Judged:
    """A record with its judgement, and what has become of it so far."""

    record: Record
    origin: Origin
    judgement: Judgement
    written: Written | None = None

    @property
    def tp(self) -> TopicPartition:
        return TopicPartition(self.record.topic, self.record.partition)


@dataclass(slots=True)
class JudgedBatch:
    """All records of a batch, in the order in which they were fetched."""

    records: Sequence[Judged]
    stored_already: Mapping[TopicPartition, int] = field(default_factory=dict)
    """Below these offsets an earlier claim has dealt with the statements: only their effects may still be due."""

    def fresh(self) -> list[Judged]:
        return [judged for judged in self.records if judged.record.offset >= self.stored_already.get(judged.tp, 0)]

    def to_write(self) -> list[Judged]:
        return [judged for judged in self.fresh() if judged.judgement.verdict is not Verdict.REJECTED]

    def dead_letters(self) -> list[DeadLetter]:
        """Letters of what was rejected, refused by the index, or conflicts with what holds its id. Call it after the write."""
        return [letter for judged in self.fresh() if (letter := _letter(judged)) is not None]

    def entries(self) -> list[Entry]:
        return [Entry(judged.tp, judged.record.offset, judged.judgement, _outcome(judged)) for judged in self.records]


def judge_batch(records: Sequence[Record], stored_already: Mapping[TopicPartition, int]) -> JudgedBatch:
    judged = []
    for record in records:
        origin = Origin(record.topic, record.partition, record.offset, record.timestamp)
        judged.append(Judged(record, origin, judge(record.value, origin)))
    return JudgedBatch(judged, stored_already)


def _outcome(judged: Judged) -> OutcomeRow | None:
    judgement, written = judged.judgement, judged.written
    if judgement.verdict is Verdict.REJECTED:
        first = judgement.errors[0] if judgement.errors else None
        reason = judgement.reason.value if judgement.reason else ""
        return OutcomeRow("dead_lettered", reason, first.rule if first else "", first.pointer if first else "", first.message if first else "")
    if written is None or written.fate == "stored":
        return None
    if written.fate == "refused":
        return OutcomeRow("dead_lettered", Reason.MAPPING_REFUSED.value, detail=written.detail)
    return OutcomeRow(written.fate, detail=written.detail)


def _letter(judged: Judged) -> DeadLetter | None:
    outcome = _outcome(judged)
    if outcome is None or outcome.kind == "duplicate":
        return None
    reason = Reason.CONFLICT.value if outcome.kind == "conflict" else outcome.reason
    return DeadLetter(judged.origin, judged.record.key, judged.record.value, reason, outcome.rule, outcome.pointer)
