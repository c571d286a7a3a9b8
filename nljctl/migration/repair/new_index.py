"""Writes into the new index what it lacks, as the faststream consumer does: judged, created under the id, dead-lettered where it cannot be stored."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

import msgspec
from elasticsearch import AsyncElasticsearch

from nljctl.judge import judge
from nljctl.judgement import Judgement, Origin, Reason, Verdict
from nljctl.migration.repair.content import Content, present
from nljctl.migration.repair.decide import Action, Item, Status, Wanted, decide, impossible
from nljctl.migration.repair.need import Need
from nljctl.pipelines.faststream.deadletters import DeadLetter, DeadLetters
from nljctl.store.documents import Document, document, stored_at
from nljctl.store.outcome import explain
from nljctl.store.writer import StatementWriter

NOWHERE = Origin("", -1, -1, 0)
"""The origin of what the log does not hold any more: nobody knows its coordinates."""

ANOTHER = "its content is not what the ledger says any more: compare again"


@dataclass(frozen=True, slots=True)
class _Judged:
    """A need with its content, judged."""

    need: Need
    content: Content
    origin: Origin
    judgement: Judgement


class _Restored(msgspec.Struct):
    """The `nljctl` object of a document that was taken from the other index: it has no coordinates."""

    restored_from: str
    event: str | None
    repairs: tuple[str, ...]
    removed: Mapping[str, Any]
    digest: str


class NewIndex:
    """The new index as what a repair writes to."""

    def __init__(self, client: AsyncElasticsearch, index: str, writer: StatementWriter, letters: DeadLetters, sent: Collection[tuple[str, int, int]]) -> None:
        """Args:
        sent: coordinates of which the dead-letter topic holds a letter already.
        """
        self._client = client
        self._index = index
        self._writer = writer
        self._letters = letters
        self._sent = sent

    async def look(self, needs: Sequence[Need], contents: Mapping[int, Content], missing: str) -> list[Item]:
        """What would be done about each; writes nothing."""
        judged = _judge(needs, contents)
        held = await present(self._client, self._index, [one.judgement.id for one in judged.values() if one.judgement.id])
        return [self._decide(judged[n], held) if n in judged else impossible(need, missing) for n, need in enumerate(needs)]

    def _decide(self, one: _Judged, held: Mapping[str, Any]) -> Item:
        need, judgement = one.need, one.judgement
        if need.tp is not None and judgement.digest != need.digest:
            return impossible(need, ANOTHER)
        if judgement.verdict is Verdict.REJECTED:
            first = judgement.errors[0] if judgement.errors else None
            why = ": ".join(word for word in (str(judgement.reason or ""), first.rule if first else "") if word)
            return self._letter(need, why) if need.tp is not None else impossible(need, f"the new index takes only valid statements: {why}")
        wanted = Wanted(judgement.digest, judgement.content_digest)
        item = decide(need, judgement.id or "", wanted, held.get(judgement.id or ""))
        if item.action is Action.IMPOSSIBLE and need.tp is not None:
            return replace(self._letter(need, Reason.CONFLICT.value), id=item.id, before=item.before)
        return item

    def _letter(self, need: Need, why: str) -> Item:
        assert need.tp is not None
        there = (need.tp.topic, need.tp.partition, need.offset) in self._sent
        return Item(need, Action.DEAD_LETTER, Status.ALREADY if there else Status.PLANNED, need.id, detail=why)

    async def act(self, items: Sequence[Item], needs: Sequence[Need], contents: Mapping[int, Content]) -> list[Item]:
        """Does what is planned, in this order: creates, overwrites, letters (of conflicts that only creating found, too)."""
        judged = _judge(needs, contents)
        now = stored_at(datetime.now(UTC))
        done = list(items)
        creating = [n for n, item in enumerate(items) if item.status is Status.PLANNED and item.action is Action.CREATE]
        for n, written in zip(creating, await self._writer.write([_document(judged[n], now) for n in creating]), strict=True):
            if written.fate in ("stored", "duplicate"):
                done[n] = items[n].done()
            elif judged[n].need.tp is None:
                done[n] = items[n].failed(written.detail)
            else:
                reason = Reason.CONFLICT if written.fate == "conflict" else Reason.MAPPING_REFUSED
                done[n] = replace(items[n], action=Action.DEAD_LETTER, detail=f"{reason.value}: {written.detail}")
        overwriting = [n for n, item in enumerate(items) if item.status is Status.PLANNED and item.action is Action.OVERWRITE]
        for n, problem in zip(overwriting, await self._overwrite([(items[n], _document(judged[n], now)) for n in overwriting]), strict=True):
            done[n] = items[n].failed(problem) if problem else items[n].done()
        lettering = [n for n, item in enumerate(done) if item.status is Status.PLANNED and item.action is Action.DEAD_LETTER]
        await self._letters.send([_dead_letter(judged[n], done[n].detail) for n in lettering])
        for n in lettering:
            done[n] = done[n].done()
        return done

    async def _overwrite(self, work: Sequence[tuple[Item, Document]]) -> list[str]:
        """Why each could not be written over; "" if it was. Only the version that was looked at is replaced."""
        if not work:
            return []
        operations: list[Any] = []  # the client takes ready-made lines too, which its types do not say
        for item, made in work:
            assert item.present is not None
            operations += [{"index": {"_id": made.id, "if_seq_no": item.present.seq_no, "if_primary_term": item.present.primary_term}}, made.source]
        answer = await self._client.bulk(index=self._index, operations=operations)
        return [explain(entry["index"]) if "error" in entry["index"] else "" for entry in answer["items"]]


def _judge(needs: Sequence[Need], contents: Mapping[int, Content]) -> dict[int, _Judged]:
    judged = {}
    for n, content in contents.items():
        need = needs[n]
        origin = NOWHERE if need.tp is None else Origin(need.tp.topic, need.tp.partition, need.offset, content.timestamp or need.timestamp)
        judged[n] = _Judged(need, content, origin, judge(content.value, origin))
    return judged


def _document(one: _Judged, now: bytes) -> Document:
    if one.need.tp is not None:
        return document(one.judgement, one.origin, now)
    judgement = one.judgement
    statement = msgspec.json.decode(judgement.body)
    provenance = _Restored("legacy", judgement.event, judgement.repairs, judgement.removed, judgement.digest)
    source = msgspec.json.encode({**statement, "stored": one.content.stored or now.decode(), "nljctl": provenance})
    return Document(judgement.id or "", judgement.digest, one.origin, source)


def _dead_letter(one: _Judged, why: str) -> DeadLetter:
    first = one.judgement.errors[0] if one.judgement.errors else None
    if one.judgement.verdict is Verdict.REJECTED and one.judgement.reason is not None:
        return DeadLetter(
            one.origin, one.content.key, one.content.value, one.judgement.reason.value, first.rule if first else "", first.pointer if first else ""
        )
    return DeadLetter(one.origin, one.content.key, one.content.value, why.partition(":")[0])
