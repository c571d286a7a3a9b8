"""What an export holds, row by row: one table per kind, each read from the index as far as the limit goes."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Literal, TypeAlias

import msgspec

from nljctl import analytics
from nljctl.analytics import View
from nljctl.analytics import vocabulary as words
from nljctl.analytics.counted import per_value
from nljctl.analytics.exact import percentage
from nljctl.analytics.learner import name_of
from nljctl.analytics.progress import attempts
from nljctl.analytics.view import by
from nljctl.api.reads import Reads

Kind = Literal["overview", "learners", "activities", "statements"]
Row: TypeAlias = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Asked:
    """The time of the statements that an export is made of, and how many rows it may have."""

    since: datetime | None
    until: datetime | None
    limit: int


@dataclass(slots=True)
class _Progress:
    attempted: int = 0
    completed: int = 0


async def _overview(reads: Reads, asked: Asked) -> AsyncIterator[Row]:
    """One row per figure; a list of them as JSON."""
    found = await analytics.overview(reads.client, reads.index, since=asked.since, until=asked.until, now=reads.now())
    for metric, value in asdict(found).items():
        yield {"metric": metric, "value": value}


async def _learners(reads: Reads, asked: Asked) -> AsyncIterator[Row]:
    """Every learner, by address."""
    async for mbox, statements, work in _counted(reads, asked, words.MBOX, lambda attempt: attempt.learner):
        email = mbox.removeprefix("mailto:")
        yield {"learner_email": email, "statements": statements, **_progress(work)}


async def _activities(reads: Reads, asked: Asked) -> AsyncIterator[Row]:
    """Every object of a statement, by id; its attempts are learners who attempted it."""
    async for target, statements, work in _counted(reads, asked, words.OBJECT, lambda attempt: attempt.activity):
        yield {"activity_id": target, "statements": statements, **_progress(work)}


async def _statements(reads: Reads, asked: Asked) -> AsyncIterator[Row]:
    """The youngest statements, as they are stored."""
    async for statement in analytics.statements(reads.client, reads.index, since=asked.since, until=asked.until, limit=asked.limit):
        yield statement


async def _counted(reads: Reads, asked: Asked, path: str, of: Callable[[Any], str]) -> AsyncIterator[tuple[str, int, _Progress]]:
    view: View = await analytics.view_of(reads.client, reads.index, since=asked.since, until=asked.until)
    statements = await per_value(view, by(path, needed=True))
    made: dict[str, _Progress] = {}
    async for attempt in attempts(view):
        work = made.setdefault(of(attempt), _Progress())
        work.attempted += 1
        work.completed += attempt.completed
    for name in sorted(statements)[: asked.limit]:
        yield name, statements[name], made.get(name, _Progress())


def _progress(work: _Progress) -> Row:
    return {"attempted": work.attempted, "completed": work.completed, "completion_rate": percentage(work.completed, work.attempted)}


TABLES: Mapping[Kind, Callable[[Reads, Asked], AsyncIterator[Row]]] = {
    "overview": _overview,
    "learners": _learners,
    "activities": _activities,
    "statements": _statements,
}

_PROGRESS = ("statements", "attempted", "completed", "completion_rate")
COLUMNS: Mapping[Kind, tuple[str, ...]] = {
    "overview": ("metric", "value"),
    "learners": ("learner_email", *_PROGRESS),
    "activities": ("activity_id", *_PROGRESS),
    "statements": (
        "id",
        "timestamp",
        "actor",
        "verb",
        "object_id",
        "object_name",
        "object_type",
        "completion",
        "success",
        "score_scaled",
        "response",
        "duration",
    ),
}


def cells(kind: Kind, row: Row) -> tuple[Any, ...]:
    """A row as the columns of its table; what is no text and no number as JSON. Pure."""
    shown = _statement(row) if kind == "statements" else tuple(row[column] for column in COLUMNS[kind])
    return tuple(value if value is None or isinstance(value, str | int | float) else msgspec.json.encode(value).decode() for value in shown)


def _statement(row: Row) -> tuple[Any, ...]:
    actor, target, result = (_member(row, name) for name in ("actor", "object", "result"))
    account = _member(actor, "account")
    return (
        row.get("id"),
        row.get("timestamp"),
        actor.get("mbox") or account.get("name"),
        _member(row, "verb").get("id"),
        target.get("id"),
        name_of(target),
        _member(target, "definition").get("type"),
        result.get("completion"),
        result.get("success"),
        _member(result, "score").get("scaled"),
        result.get("response"),
        result.get("duration"),
    )


def _member(of: Row, name: str) -> Row:
    found = of.get(name)
    return found if isinstance(found, dict) else {}
