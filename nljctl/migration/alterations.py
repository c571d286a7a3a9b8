"""Says of an altered document what was altered: where its normal form is not that of its record."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from aiokafka import AIOKafkaConsumer, TopicPartition
from elasticsearch import AsyncElasticsearch

from nljctl.kafka.client import consumer
from nljctl.migration.classes import Side
from nljctl.migration.ledger import Difference
from nljctl.settings import Settings
from nljctl.xapi.decode import decode
from nljctl.xapi.equivalence import normalise, plain_numbers
from nljctl.xapi.repair import repair

NAMED = 50
"""So many altered documents are looked at; the others keep their digests as the reason."""

SHOWN = 6
READ_SECONDS = 10.0
_OF_THE_STORE = ("stored", "nljctl")
_MADE_BY_THE_STORE = ("id", "timestamp")
"""Members that a record may lack: then its store made them, and they say nothing."""


def changed(record: Mapping[str, Any], document: Mapping[str, Any]) -> list[str]:
    """JSON pointers to where the normal forms differ, whole subtrees as one; empty if they are equivalent. Pure."""
    ours, theirs = _normal_form(record), _normal_form(document)
    for name in _MADE_BY_THE_STORE:
        if name not in record:
            ours.pop(name, None)
            theirs.pop(name, None)
    return list(_unequal(ours, theirs, ""))


async def name_changes(settings: Settings, client: AsyncElasticsearch, differences: Sequence[Difference]) -> list[Difference]:
    """The differences, those of class `altered` with what was altered as their reason."""
    altered = [entry for entry in differences if entry.cls == "altered" and entry.topic is not None][:NAMED]
    if not altered:
        return list(differences)
    documents = {side: await _documents(client, index, side, altered) for side, index in _indices(settings)}
    named: dict[Difference, Difference] = {}
    async with consumer(settings) as log:
        log.assign(sorted({_tp(entry) for entry in altered}))
        log.pause(*log.assignment())
        for entry in altered:
            document = documents[entry.side].get(entry.id or "")
            record = await _record(log, entry)
            if document is None or record is None:
                continue
            try:
                paths = changed(record, document)
            except RecursionError:  # nested deeper than can be walked; its digests say that it differs
                continue
            if paths:
                more = f" and {len(paths) - SHOWN} more" if len(paths) > SHOWN else ""
                named[entry] = replace(entry, reason=f"the document is not what the log says at {', '.join(paths[:SHOWN])}{more}")
    return [named.get(entry, entry) for entry in differences]


def _normal_form(statement: Mapping[str, Any]) -> dict[str, Any]:
    form: dict[str, Any] = plain_numbers(repair({name: value for name, value in statement.items() if name not in _OF_THE_STORE}).statement)
    normalise(form)
    return form


def _unequal(ours: Any, theirs: Any, path: str) -> Iterator[str]:
    if isinstance(ours, dict) and isinstance(theirs, dict):
        for name in sorted(ours.keys() | theirs.keys()):
            step = f"{path}/{name.replace('~', '~0').replace('/', '~1')}"
            if name in ours and name in theirs:
                yield from _unequal(ours[name], theirs[name], step)
            else:
                yield step
    elif isinstance(ours, list) and isinstance(theirs, list) and len(ours) == len(theirs):
        for number, (our, their) in enumerate(zip(ours, theirs, strict=True)):
            yield from _unequal(our, their, f"{path}/{number}")
    elif type(ours) is not type(theirs) or ours != theirs:
        yield path


def _indices(settings: Settings) -> tuple[tuple[Side, str], tuple[Side, str]]:
    return ("faststream", settings.index), ("legacy", settings.legacy_index)


async def _documents(client: AsyncElasticsearch, index: str, side: Side, altered: Sequence[Difference]) -> Mapping[str, Mapping[str, Any]]:
    ids = sorted({entry.id for entry in altered if entry.side == side and entry.id})
    if not ids:
        return {}
    answer = await client.mget(index=index, ids=ids)
    return {entry["_id"]: entry["_source"] for entry in answer["docs"] if entry.get("found")}


async def _record(log: AIOKafkaConsumer, entry: Difference) -> Mapping[str, Any] | None:
    tp = _tp(entry)
    log.seek(tp, entry.offset or 0)
    log.resume(tp)
    try:
        record = await asyncio.wait_for(log.getone(tp), READ_SECONDS)
    except TimeoutError:
        return None
    finally:
        log.pause(tp)
    value = decode(record.value).value if record.offset == entry.offset else None
    return value if isinstance(value, dict) else None


def _tp(entry: Difference) -> TopicPartition:
    return TopicPartition(entry.topic, entry.partition)
