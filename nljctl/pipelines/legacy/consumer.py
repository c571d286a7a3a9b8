"""The legacy consumer's loop: one record at a time, in sequence, each posted singly; then one Postgres transaction notes a handful of them.

The group's offsets are committed on a timer, for people only. The position is progress in Postgres: on every new assignment the consumer
reads it and seeks there. So a record can be sent twice after a crash (the LRS knows it then, see doubt.py), never skipped.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Protocol

from aiokafka import AIOKafkaConsumer, TopicPartition

from nljctl.effects.batch import Batch, BatchResult, Entry
from nljctl.effects.claim import Position
from nljctl.effects.continuity import mark_of
from nljctl.effects.transaction import EffectsWriter
from nljctl.judge import judge
from nljctl.judgement import Origin
from nljctl.kafka.offsets import Span
from nljctl.kafka.reader import Record
from nljctl.pipelines.legacy.counts import STORED, Counts
from nljctl.pipelines.legacy.doubt import NO_DOUBT, Doubt
from nljctl.pipelines.legacy.membership import Membership
from nljctl.pipelines.legacy.sender import Sender
from nljctl.pipelines.patience import until_it_answers
from nljctl.pipelines.positions import Start
from nljctl.pipelines.pressure import Pressure

log = logging.getLogger("nljctl.legacy")

POLL_MS = 200
FETCH_RECORDS = 100
TURN_RECORDS = 25
TURN_SECONDS = 0.25
"""A turn is noted in Postgres after so many records or so long: more would leave more in doubt after a crash, fewer would halve the speed."""
PROBE_SECONDS = 1.0
"""How often effects that wait at a barrier, and offsets that hold no record, are looked at."""


@dataclass(frozen=True, slots=True)
class Takeover:
    """Partitions taken over: where to start, and what of their records may have been sent before."""

    start: Start
    doubt: Doubt


class Books(Protocol):
    """What the consumer asks of Postgres beside its batches. Each may raise what says that Postgres, or Kafka, is away."""

    async def take_over(self, tps: Sequence[TopicPartition]) -> Takeover: ...

    async def mark(self, ends: Mapping[TopicPartition, int], since: Mapping[TopicPartition, datetime]) -> bool: ...


@dataclass(slots=True)
class Turn:
    """What has been dealt with since Postgres last heard of it."""

    began: float = field(default_factory=time.monotonic)
    entries: list[Entry] = field(default_factory=list)
    ends: dict[TopicPartition, int] = field(default_factory=dict)
    last: dict[TopicPartition, Record] = field(default_factory=dict)
    kinds: list[tuple[str, str]] = field(default_factory=list)

    @property
    def late(self) -> bool:
        return time.monotonic() - self.began >= TURN_SECONDS


class LegacyConsumer:
    """One member of the legacy group. `run` works until `stop` is set; what is in hand then is finished."""

    def __init__(
        self,
        client: AIOKafkaConsumer,
        membership: Membership,
        books: Books,
        sender: Sender,
        writer: EffectsWriter,
        pressure: Pressure,
        stop: asyncio.Event,
    ) -> None:
        self._client = client
        self._membership = membership
        self._books = books
        self._sender = sender
        self._writer = writer
        self._pressure = pressure
        self._stop = stop
        self._taken: int | None = None
        self._probed = 0.0
        self._doubt = NO_DOUBT
        self._held: set[TopicPartition] = set()
        self._cursor: dict[TopicPartition, int] = {}
        self.positions: dict[TopicPartition, Position] = {}
        self.counts = Counts()
        self.turned = time.monotonic()

    @property
    def member(self) -> bool:
        """Whether it has taken over what its group has assigned to it."""
        return self._membership.settled and self._taken == self._membership.number

    def is_at(self, ends: Mapping[TopicPartition, int]) -> bool:
        """Whether this run has dealt with everything of its own partitions up to `ends`."""
        return self.member and all(self._cursor.get(tp, 0) >= end for tp, end in ends.items() if tp in self._cursor)

    async def run(self) -> None:
        while not self._stop.is_set():
            self.turned = time.monotonic()
            if not self.member and not await self._begin():
                continue
            number = self._membership.number
            fetched = await self._client.getmany(timeout_ms=POLL_MS, max_records=FETCH_RECORDS)
            # What was fetched across a rebalance is dropped: the new assignment is sought to its positions and fetched again.
            if number != self._membership.number:
                continue
            async with self._membership.in_hand:
                if fetched:
                    await self._work([record for records in fetched.values() for record in records], number)
                if time.monotonic() - self._probed >= PROBE_SECONDS and number == self._membership.number and not self._stop.is_set():
                    await self._probe(gaps=not fetched)

    async def _begin(self) -> bool:
        """Takes over the present assignment; False if that changed meanwhile, or there is none yet."""
        if not self._membership.settled:
            # aiokafka says here, and only here, that the group will not have this member. What comes is dropped: the seek below brings it again.
            await self._client.getmany(timeout_ms=POLL_MS // 4, max_records=1)
            return False
        number, tps = self._membership.number, sorted(self._client.assignment())
        taken = await until_it_answers(lambda: self._books.take_over(tps), self._pressure, self._stop)
        if taken is None or number != self._membership.number:
            return False
        for tp, offset in taken.start.seek.items():
            self._client.seek(tp, offset)
        self._cursor = dict(taken.start.first)
        self.positions = dict(taken.start.positions)
        self._held.clear()
        self._doubt = taken.doubt
        self._taken = number
        log.info("took over %d partitions", len(tps))
        return True

    async def _work(self, records: Sequence[Record], number: int) -> None:
        rest = list(records)
        while rest and not self._stop.is_set() and number == self._membership.number:
            dealt_with, again = await self._turn(rest[:TURN_RECORDS])
            rest = [record for record in rest[dealt_with:] if _tp(record) not in again]

    async def _turn(self, records: Sequence[Record]) -> tuple[int, set[TopicPartition]]:
        """Deals with some of `records`, as time allows, and notes it; gives how many, and the partitions that must be read again from earlier on."""
        if not await self._take_in_hand(records):
            return 0, set()
        turn = Turn()
        for record in records:
            await self._deal_with(_tp(record), record, turn)
            self.turned = time.monotonic()
            if turn.late or self._stop.is_set():
                break
        return len(turn.entries), await self._note(turn)

    async def _take_in_hand(self, records: Sequence[Record]) -> bool:
        """Marks what is about to be sent; False if told to stop while Postgres was away."""
        due = [record for record in records if record.offset >= self.positions[_tp(record)].statements_next]
        if not due:
            return True
        ends = {_tp(record): record.offset + 1 for record in due}
        since: dict[TopicPartition, datetime] = {}
        for record in due:
            # Whoever comes after this process must still doubt what was doubtful before it.
            if (mark := self._doubt.mark(_tp(record), record.offset)) is not None:
                since[_tp(record)] = mark.since
                ends[_tp(record)] = max(ends[_tp(record)], mark.end)
        return await until_it_answers(lambda: self._books.mark(ends, since), self._pressure, self._stop) is not None

    async def _deal_with(self, tp: TopicPartition, record: Record, turn: Turn) -> None:
        origin = Origin(record.topic, record.partition, record.offset, record.timestamp, self.positions[tp].generation)
        judgement = judge(record.value, origin)
        prepared = self._sender.prepare(record.value, origin)
        outcome = None
        # Below the position the statement has been dealt with: it was read again for an effect that had to wait.
        if record.offset >= self.positions[tp].statements_next:
            prepared = await self._sender.send(tp, record.offset, prepared, self._doubt)
            outcome = prepared.outcome
            turn.kinds.append((tp.topic, outcome.kind if outcome else STORED))
        turn.entries.append(Entry(tp, record.offset, judgement, outcome, prepared.effects(judgement.event)))
        turn.ends[tp] = record.offset + 1
        turn.last[tp] = record

    async def _note(self, turn: Turn) -> set[TopicPartition]:
        """Writes a turn to Postgres; gives the partitions that must be read again from an earlier offset."""
        claims = {tp: Span(self._cursor[tp], end) for tp, end in turn.ends.items()}
        result = await self._write(Batch(claims, turn.entries, marks={tp: mark_of(record) for tp, record in turn.last.items()}))
        if result is None:
            return set(claims)
        self.counts.turn(turn.kinds)
        return set(result.seek)

    async def _probe(self, *, gaps: bool) -> None:
        """Moves what no record moves: effects whose barrier may have opened and, if `gaps`, offsets without a record at the end of the log.

        Under traffic there is none of these: what lies before the next record comes with it.
        """
        self._probed = time.monotonic()
        claims: dict[TopicPartition, Span] = {}
        for tp in self._client.assignment() & self._cursor.keys():
            cursor = self._cursor[tp]
            position = await self._client.position(tp) if gaps else cursor
            if position > cursor or tp in self._held:
                claims[tp] = Span(cursor, max(cursor, position))
        if claims:
            await self._write(Batch(claims))

    async def _write(self, batch: Batch) -> BatchResult | None:
        """The result; None if told to stop while Postgres was away: then the records are read again by whoever comes next."""
        batch = replace(batch, generations={tp: self.positions[tp].generation for tp in batch.claims})
        result = await until_it_answers(lambda: self._writer.write(batch), self._pressure, self._stop)
        if result is None:
            return None
        self._cursor.update({tp: span.end for tp, span in batch.claims.items()})
        self.positions.update(result.positions)
        self._held.difference_update(batch.claims)
        self._held.update(result.held)
        self.counts.effects.add(result.effects)
        for tp, offset in result.seek.items():
            if tp in self._client.assignment():
                self._client.seek(tp, offset)
                self._cursor[tp] = offset
        return result


def _tp(record: Record) -> TopicPartition:
    return TopicPartition(record.topic, record.partition)
