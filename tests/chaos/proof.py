"""The proof: the whole log is read and judged once more, independently, and everything that the consumer left is held against it."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any

from positions import Positions, positions
from sqlalchemy import select

from nljctl.catalogue.topics import SUBSCRIBED
from nljctl.effects import database
from nljctl.effects.ledger_tables import outcome
from nljctl.effects.plan import Pipeline
from nljctl.judge import document_digests, judge
from nljctl.judgement import Origin, Reason, Verdict
from nljctl.kafka.client import admin, consumer
from nljctl.kafka.offsets import partitions, spans
from nljctl.kafka.reader import read
from nljctl.migration.statistics import statistics
from nljctl.settings import Settings
from nljctl.store.scan import scan, scanner

Place = tuple[str, int, int]
"""Topic, partition, offset."""

SHOWN = 5


@dataclass(frozen=True, slots=True)
class Witnessed:
    """A record of the log and its judgement. `value` is a hash of its bytes, `reason` empty for a valid one."""

    place: Place
    id: str | None
    digest: str
    reason: str
    value: bytes


@dataclass(frozen=True, slots=True)
class Stored:
    place: Place
    digest: str


@dataclass(frozen=True, slots=True)
class Letter:
    """A dead letter, by its origin; `copies` counts it on the wire."""

    reason: str
    value: bytes
    copies: int


@dataclass(frozen=True, slots=True)
class Proof:
    """What the log holds and what became of it. `wrong` is empty, or says what does not fit."""

    records: int
    outcomes: Mapping[str, int]
    documents: int
    letters: int
    letters_on_the_wire: int
    wrong: Sequence[str]

    def figures(self) -> dict[str, int]:
        return {
            "records": self.records,
            **{name: self.outcomes.get(name, 0) for name in ("stored", "duplicate", "conflict", "dead_lettered")},
            "dead letters on the wire": self.letters_on_the_wire,
        }


async def prove(settings: Settings, refusable: Collection[str] = ()) -> Proof:
    """Holds index, dead-letter topic, statistics and positions against the log; everything published must have been processed.

    Args:
        refusable: ids of statements that are valid and that Elasticsearch refuses; no other one may be dead-lettered for that.
    """
    log = await witness(settings)
    documents, twice = await stored(settings)
    letters = await dead_letters(settings)
    kinds, wrong = expected(log, documents, letters, refusable)
    wrong += [f"{id} is in the index twice" for id in twice]
    wrong += compare_outcomes(kinds, await outcomes(settings))
    wrong += compare_statistics(log, kinds, await statistics(settings))
    wrong += compare_positions(await positions(settings))
    return Proof(len(log), Counter(kinds.values()), len(documents), len(letters), sum(letter.copies for letter in letters.values()), wrong)


async def witness(settings: Settings) -> list[Witnessed]:
    """Every record of every subscribed topic, judged."""
    async with admin(settings) as client:
        tps = await partitions(client, SUBSCRIBED)
    async with consumer(settings) as client:
        ranges = await spans(client, tps)
    found = []
    async for records in read(settings, ranges):
        for record in records:
            made = judge(record.value, Origin(record.topic, record.partition, record.offset, record.timestamp))
            reason = made.reason.value if made.verdict is Verdict.REJECTED and made.reason else ""
            found.append(Witnessed((record.topic, record.partition, record.offset), made.id, made.digest, reason, _hash(record.value)))
    return found


async def stored(settings: Settings) -> tuple[dict[str, Stored], list[str]]:
    """The documents of the index by id, read one by one, and ids that came more than once."""
    documents: dict[str, Stored] = {}
    twice = []
    async with scanner(settings) as client:
        async for page in scan(client, settings.index):
            for hit in page:
                source = json.loads(bytes(hit.source))
                made, where = document_digests(source), source["nljctl"]
                if hit.id in documents or made.id != hit.id:
                    twice.append(hit.id)
                documents[hit.id] = Stored((where["topic"], where["partition"], where["offset"]), made.digest)
    return documents, twice


async def dead_letters(settings: Settings) -> dict[Place, Letter]:
    async with admin(settings) as client:
        tps = await partitions(client, [settings.dead_letter_topic])
    async with consumer(settings) as client:
        ranges = await spans(client, tps)
    letters: dict[Place, Letter] = {}
    async for records in read(settings, ranges):
        for record in records:
            headers = {name: value.decode() for name, value in record.headers}
            place = (headers["nljctl-topic"], int(headers["nljctl-partition"]), int(headers["nljctl-offset"]))
            copies = letters[place].copies + 1 if place in letters else 1
            letters[place] = Letter(headers["nljctl-reason"], _hash(record.value), copies)
    return letters


async def outcomes(settings: Settings) -> dict[Place, str]:
    """What Postgres says of each record that was not plainly stored."""
    c = outcome.c
    async with database.engine(settings) as engine, engine.connect() as connection:
        rows = await connection.execute(select(c.topic, c.partition, c.offset, c.kind).where(c.pipeline == Pipeline.FASTSTREAM))
        return {(row.topic, row.partition, row.offset): row.kind for row in rows}


def expected(
    log: Sequence[Witnessed], documents: Mapping[str, Stored], letters: Mapping[Place, Letter], refusable: Collection[str]
) -> tuple[dict[Place, str], list[str]]:
    """The one outcome of each record, and what contradicts it. Pure. Of several contents under one id whichever came first in time may stand."""
    kinds: dict[Place, str] = {}
    wrong: list[str] = []
    owed: dict[Place, tuple[str, bytes]] = {}
    ids = set()
    for record in log:
        document = None if record.reason or record.id is None else documents.get(record.id)
        if record.reason:
            kinds[record.place], owed[record.place] = "dead_lettered", (record.reason, record.value)
        elif record.id in refusable:
            kinds[record.place], owed[record.place] = "dead_lettered", (Reason.MAPPING_REFUSED.value, record.value)
        elif document is None:
            kinds[record.place] = "lost"
            wrong.append(f"{record.id} of {record.place} is not in the index")
        else:
            ids.add(str(record.id))
            kinds[record.place] = _kind(record, document)
            if kinds[record.place] == "conflict":
                owed[record.place] = (Reason.CONFLICT.value, record.value)
    stands = {record.place for record in log if kinds[record.place] == "stored"}
    wrong += [f"{id} in the index, of {document.place}, is no valid statement of the log" for id, document in documents.items() if id not in ids]
    wrong += [f"{id} in the index says that it is of {document.place}" for id, document in documents.items() if id in ids and document.place not in stands]
    wrong += [f"{place}: no dead letter ({reason})" for place, (reason, _) in owed.items() if place not in letters]
    wrong += [f"{place}: a dead letter ({letter.reason}) that nobody owes" for place, letter in letters.items() if place not in owed]
    wrong += [
        f"{place}: its dead letter says {letter.reason}, or holds other bytes"
        for place, letter in letters.items()
        if place in owed and owed[place] != (letter.reason, letter.value)
    ]
    return kinds, wrong


def compare_outcomes(kinds: Mapping[Place, str], rows: Mapping[Place, str]) -> list[str]:
    """The consumer's rows against the outcomes that the log asks for. Pure."""
    return [
        f"{place}: {kinds.get(place)}, but Postgres says {rows.get(place, 'stored')}"
        for place in {*kinds, *rows}
        if kinds.get(place, "no record") != rows.get(place, "stored")
    ]


def compare_statistics(log: Sequence[Witnessed], kinds: Mapping[Place, str], totals: Mapping[str, Any]) -> list[str]:
    """`nljctl stats` against the log. Pure."""
    true: Counter[str] = Counter(f"by_outcome {kind}" for kind in kinds.values())
    for record in log:
        topic, verdict = record.place[0], "failed_validations" if record.reason else "successful_validations"
        true.update(("total_validations", verdict, f"{topic} total_validations", f"{topic} {verdict}"))
    said = {name: totals[name] for name in ("total_validations", "failed_validations", "successful_validations")}
    said |= {f"by_outcome {kind}": count for kind, count in totals["by_outcome"].items()}
    said |= {f"{topic} {name}": counts[name] for topic, counts in totals["by_topic"].items() for name in said if name in counts}
    return [f"stats are {said.get(name, 0) - true[name]:+,} off the log in {name}" for name in sorted({*said, *true}) if said.get(name, 0) != true[name]]


def compare_positions(found: Positions) -> list[str]:
    """At the end the progress is the log's end, and so is what the group has committed. Pure."""
    wrong = []
    for tp, end in found.ends.items():
        reached, done = found.progress.get(tp, 0), found.committed.get(tp, 0)
        if reached != end:
            wrong.append(f"{tp.topic}/{tp.partition}: progress {reached}, the log ends at {end}")
        if done != end:
            wrong.append(f"{tp.topic}/{tp.partition}: the group has committed {done}, the log ends at {end}")
    return wrong


def shown(wrong: Sequence[str]) -> str:
    """The first few of what is wrong."""
    return "\n".join([*wrong[:SHOWN], *([f"and {len(wrong) - SHOWN} more"] if len(wrong) > SHOWN else [])])


def _kind(record: Witnessed, document: Stored) -> str:
    if record.place == document.place:
        return "stored" if record.digest == document.digest else "altered"
    return "duplicate" if record.digest == document.digest else "conflict"


def _hash(value: bytes | None) -> bytes:
    return blake2b(value or b"", digest_size=16).digest()
