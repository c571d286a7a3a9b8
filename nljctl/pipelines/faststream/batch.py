"""One batch on its way: records → judgements → documents and dead letters → entries for Postgres. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from aiokafka import TopicPartition

from nljctl.effects.batch import Batch, Entry, OutcomeRow
from nljctl.effects.continuity import mark_of
from nljctl.judge import judge
from nljctl.judgement import Judgement, Origin, Reason, Verdict
from nljctl.kafka.offsets import Span
from nljctl.kafka.reader import Record
from nljctl.pipelines.faststream.deadletters import DeadLetter
from nljctl.store.writer import Written


@dataclass(slots=True)
class Judged:
    """A record with its judgement, and what has become of it so far."""

    record: Record
    tp: TopicPartition
    origin: Origin
    judgement: Judgement
    written: Written | None = None


@dataclass(slots=True)
class JudgedBatch:
    """All records of a batch, in the order in which they were fetched."""

    records: Sequence[Judged]
    stored_already: Mapping[TopicPartition, int] = field(default_factory=dict)
    """Below these offsets an earlier claim has dealt with the statements: only their effects may still be due."""
    generations: Mapping[TopicPartition, int] = field(default_factory=dict)
    """Which making of its topic each partition is."""

    def fresh(self) -> Sequence[Judged]:
        if all(judged.record.offset >= self.stored_already.get(judged.tp, 0) for judged in self._firsts()):
            return self.records
        return [judged for judged in self.records if judged.record.offset >= self.stored_already.get(judged.tp, 0)]

    def to_write(self) -> list[Judged]:
        return [judged for judged in self.fresh() if judged.judgement.verdict is not Verdict.REJECTED]

    def dead_letters(self) -> list[DeadLetter]:
        """Letters of what was rejected, refused by the index, or conflicts with what holds its id. Call it after the write."""
        return [letter for judged in self.fresh() if (letter := _letter(judged)) is not None]

    def entries(self) -> list[Entry]:
        return [Entry(judged.tp, judged.record.offset, judged.judgement, _outcome(judged)) for judged in self.records]

    def batch(self, claims: Mapping[TopicPartition, Span]) -> Batch:
        """What Postgres is told of it."""
        last = {judged.tp: judged.record for judged in self.records}
        return Batch(claims, self.entries(), marks={tp: mark_of(record) for tp, record in last.items()}, generations=self.generations)

    def _firsts(self) -> Iterable[Judged]:
        """The first record of each partition; offsets only grow."""
        seen: dict[TopicPartition, Judged] = {}
        for judged in self.records:
            seen.setdefault(judged.tp, judged)
        return seen.values()


def judge_batch(records: Sequence[Record], stored_already: Mapping[TopicPartition, int], generations: Mapping[TopicPartition, int]) -> JudgedBatch:
    tps: dict[tuple[str, int], TopicPartition] = {}
    judged = []
    for record in records:
        place = (record.topic, record.partition)
        tp = tps.get(place) or tps.setdefault(place, TopicPartition(*place))
        origin = Origin(record.topic, record.partition, record.offset, record.timestamp, generations.get(tp, 0))
        judged.append(Judged(record, tp, origin, judge(record.value, origin)))
    return JudgedBatch(judged, stored_already, generations)


def merged(batches: Sequence[Batch]) -> Batch:
    """Batches that follow one another as one, for one transaction: their claims join end to begin."""
    claims: dict[TopicPartition, Span] = {}
    for batch in batches:
        for tp, claim in batch.claims.items():
            claims[tp] = Span(claims[tp].begin, claim.end) if tp in claims else claim
    marks = {tp: mark for batch in batches for tp, mark in batch.marks.items()}
    generations = {tp: number for batch in batches for tp, number in batch.generations.items()}
    return Batch(claims, [entry for batch in batches for entry in batch.entries], marks=marks, generations=generations)


def follow(batches: Sequence[Batch], batch: Batch) -> bool:
    """Whether `batch` goes on where `batches` end: not so where reading went back between them."""
    ends = {tp: claim.end for one in batches for tp, claim in one.claims.items()}
    return all(claim.begin == ends.get(tp, claim.begin) for tp, claim in batch.claims.items())


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
