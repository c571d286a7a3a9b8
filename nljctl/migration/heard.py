"""The two long hearings, the log and an index: where each begins, which is where an unfinished comparison stopped if that is still good."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import ExitStack, asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from aiokafka import TopicPartition
from elasticsearch import AsyncElasticsearch

from nljctl.kafka.offsets import Span
from nljctl.migration.unfinished import Checkpoint, Unfinished
from nljctl.migration.witnesses import WitnessFile
from nljctl.store.scan import Marks, Snapshot, snapshot, taken_again, written

LOG, TOUCH, FACT = "log", "touch", "log_fact"


@dataclass(slots=True)
class HeardLog:
    """The log being judged. `spans`: what the ledger holds of each partition in the end; `next`: the offset that comes next."""

    spans: Mapping[TopicPartition, Span]
    next: dict[TopicPartition, int]
    generations: Mapping[TopicPartition, int]
    rows: WitnessFile
    touches: WitnessFile
    facts: WitnessFile
    checkpoint: Checkpoint

    @property
    def left(self) -> dict[TopicPartition, Span]:
        return {tp: Span(self.next[tp], span.end) for tp, span in self.spans.items()}

    def note(self, *, now: bool = False) -> None:
        mark = [[tp.topic, tp.partition, self.spans[tp].begin, offset, self.generations.get(tp, 0)] for tp, offset in self.next.items()]
        self.checkpoint.write(mark, {LOG: self.rows, TOUCH: self.touches, FACT: self.facts}, now=now)


def hear_log(unfinished: Unfinished, spans: Mapping[TopicPartition, Span], generations: Mapping[TopicPartition, int], stack: ExitStack) -> HeardLog:
    """Prepares the hearing of the log, which goes on behind what was judged already. `stack` closes its files."""
    checkpoint = unfinished.checkpoint(LOG)
    before = checkpoint.read()
    begins = {tp: span.begin for tp, span in spans.items()}
    following = dict(begins)
    kept = {}
    if before is not None:
        mark, files = before
        known = {TopicPartition(topic, partition): (begin, offset, generation) for topic, partition, begin, offset, generation in mark}
        if why := _not_good(known, spans, generations):
            unfinished.anew.append(why)
            checkpoint.forget()
        else:
            kept = dict(files)
            begins |= {tp: begin for tp, (begin, _, _) in known.items()}
            following |= {tp: offset for tp, (_, offset, _) in known.items()}
            unfinished.kept.append(f"{files[LOG].rows:,} records of the log were judged already")
    rows, touches, facts = (stack.enter_context(WitnessFile(unfinished.work, name, kept.get(name))) for name in (LOG, TOUCH, FACT))
    return HeardLog({tp: Span(begins[tp], span.end) for tp, span in spans.items()}, following, generations, rows, touches, facts, checkpoint)


def _not_good(known: Mapping[TopicPartition, tuple[int, int, int]], spans: Mapping[TopicPartition, Span], generations: Mapping[TopicPartition, int]) -> str:
    for tp, (_, offset, generation) in sorted(known.items()):
        span = spans.get(tp)
        if span is None or offset > span.end or generation != generations.get(tp, 0):
            return f"the log is read anew: {tp.topic}/{tp.partition} is not the partition that it was"
        if offset < span.begin:
            return f"the log is read anew: {tp.topic}/{tp.partition} lost offsets {offset} to {span.begin} to retention before they were read"
    return ""


@dataclass(slots=True)
class HeardIndex:
    """An index being read. `snapshot` is None where all of it was read already."""

    snapshot: Snapshot | None
    file: WitnessFile
    checkpoint: Checkpoint
    as_written: Mapping[str, Any]
    marks: Marks = field(default_factory=dict)

    def note(self, *, complete: bool = False) -> None:
        pit = None if self.snapshot is None else self.snapshot.pit
        mark = {"written": self.as_written, "pit": pit, "after": {str(number): sort for number, sort in self.marks.items()}, "complete": complete}
        self.checkpoint.write(mark, {self.file.path.stem: self.file}, now=complete)


@asynccontextmanager
async def hear_index(unfinished: Unfinished, client: AsyncElasticsearch, index: str, witness: str, *, required: bool) -> AsyncIterator[HeardIndex]:
    """Prepares the hearing of an index as it is now.

    Raises:
        UndecidedError: there is no such index, and it is `required`.
    """
    checkpoint = unfinished.checkpoint(witness)
    before, now = checkpoint.read(), await written(client, index)
    if before is not None and now and before[0]["written"] == now:
        mark, kept = before[0], before[1][witness]
        if mark["complete"]:
            unfinished.kept.append(f"{index} was read already: {kept.rows:,} documents, and nothing was written into it since")
            with WitnessFile(unfinished.work, witness, kept) as file:
                yield HeardIndex(None, file, checkpoint, now)
            return
        async with taken_again(client, mark["pit"]) as again:
            if again is not None:
                unfinished.kept.append(f"{kept.rows:,} documents of {index} were read already, and nothing was written into it since")
                with WitnessFile(unfinished.work, witness, kept) as file:
                    yield HeardIndex(again, file, checkpoint, now, {int(number): sort for number, sort in mark["after"].items()})
                return
        unfinished.anew.append(f"{index} is read anew: the point in time that was being read has expired")
    elif before is not None:
        unfinished.anew.append(f"{index} is read anew: it was written into since")
    checkpoint.forget()
    async with snapshot(client, index, required=required) as taken:
        with WitnessFile(unfinished.work, witness) as file:
            yield HeardIndex(taken, file, checkpoint, now)
