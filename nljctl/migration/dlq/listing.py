"""`nljctl dlq list` and `show`: what was refused, and what waits for a parent."""

from __future__ import annotations

from typing import Any

from sqlalchemy import func, select

from nljctl.effects import database
from nljctl.effects.ledger_tables import parked
from nljctl.effects.plan import Role
from nljctl.judgement import Judgement, Verdict
from nljctl.migration.dlq import attempts as book
from nljctl.migration.dlq.coordinates import Coordinates
from nljctl.migration.dlq.decide import judged_now
from nljctl.migration.dlq.index import Wanted
from nljctl.migration.dlq.letter import listed, value_shown
from nljctl.migration.dlq.plan import no_letter
from nljctl.migration.dlq.reading import letters, read_index
from nljctl.migration.dlq.recover import read_completed
from nljctl.settings import Settings

PARKED = "parked"


async def list_letters(settings: Settings, *, reason: str | None, topic: str | None, limit: int) -> dict[str, Any]:
    """The contract's keys, and `foreign`: records of the topic that are no dead letters. One item per origin, the last one wins; newest first.

    Raises:
        UnreachableError: Kafka or Postgres does not answer.
        ConfigurationError: there is no dead-letter topic.
    """
    attempts = await _attempts(settings)
    index = await read_index(settings, book.roots(attempts))
    wanted = Wanted(reason, topic)
    by_reason = index.count(wanted)
    newest = index.newest(wanted, limit)
    last = book.last_of(attempts)
    items = {}
    async for letter in letters(settings, index, Wanted(origins=frozenset(found.origin for found in newest))):
        again = last.get(letter.origin)
        items[letter.origin] = {**listed(letter), "replayed": None if again is None else again.document()}
    return {
        "count": by_reason.total(),
        "by_reason": dict(by_reason.most_common()),
        "items": [items[found.origin] for found in newest if found.origin in items],
        "foreign": index.foreign,
    }


async def list_parked(settings: Settings, *, topic: str | None, limit: int) -> dict[str, Any]:
    """The same shape of the events that wait: `rule` names the parent that they wait for. Newest first."""
    c = parked.c
    conditions = [c.role == Role.LIVE, *([c.topic == topic] if topic is not None else [])]
    newest = select(parked).where(*conditions).order_by(c.at.desc(), c.topic, c.partition, c.offset.desc()).limit(limit)
    async with database.engine(settings, name="nljctl dlq") as engine, engine.connect() as connection:
        count: int = (await connection.execute(select(func.count()).select_from(parked).where(*conditions))).scalar_one()
        items = [
            {
                "reason": PARKED,
                "rule": row.waits_for,
                "pointer": "",
                "topic": row.topic,
                "partition": row.partition,
                "offset": row.offset,
                "at": row.at.isoformat(timespec="milliseconds"),
                "event": row.event,
                "statement_id": row.statement_id,
                "pipeline": row.pipeline,
                **value_shown(bytes(row.statement)),
            }
            for row in await connection.execute(newest)
        ]
    return {"count": count, "by_reason": {PARKED: count} if count else {}, "items": items}


async def show_letter(settings: Settings, coordinates: Coordinates) -> dict[str, Any]:
    """The contract's keys with one item: all of its value, every attempt to send it again, and what it would be judged today.

    Raises:
        UndecidedError: there is no such letter.
    """
    attempts = await _attempts(settings)
    index = await read_index(settings, book.roots(attempts))
    origin = index.root(coordinates)
    async for letter in letters(settings, index, Wanted(origins={origin})):
        item = {
            **listed(letter, longest=None),
            "key": value_shown(letter.key)["value"],
            "replays": [attempt.document() for attempt in attempts if attempt.origin == origin],
            "judged": _judged(judged_now(letter)),
        }
        return {"count": 1, "by_reason": {letter.reason: 1}, "items": [item]}
    raise no_letter(settings, [coordinates])


async def _attempts(settings: Settings) -> list[book.Attempt]:
    async with database.engine(settings, name="nljctl dlq") as engine:
        return await read_completed(settings, engine)


def _judged(judgement: Judgement) -> dict[str, Any]:
    return {
        "accepted": judgement.verdict is not Verdict.REJECTED,
        "verdict": judgement.verdict.value,
        "id": judgement.id,
        "event": judgement.event,
        "repairs": list(judgement.repairs),
        "errors": [{"rule": error.rule, "pointer": error.pointer, "message": error.message, "section": error.section} for error in judgement.errors],
    }
