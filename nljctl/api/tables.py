"""What an export holds, row by row: one table per kind, each read from the index as far as the limit goes."""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Literal, TypeAlias

import msgspec

from nljctl.analytics import View, overview_of, statements
from nljctl.analytics.counted import per_value
from nljctl.analytics.exact import percentage
from nljctl.analytics.grouping import ACTIVITY, LEARNER, By
from nljctl.analytics.learner import name_of
from nljctl.analytics.progress import Progress, attempted_per, progress_of
from nljctl.api.reads import Reads

Kind = Literal["overview", "learners", "activities", "statements"]
Row: TypeAlias = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Asked:
    """The time of the statements that an export is made of, and how many rows it may have."""

    since: datetime | None
    until: datetime | None
    limit: int


async def _overview(reads: Reads, asked: Asked) -> AsyncIterator[Row]:
    """One row per figure; a list of them as JSON."""
    found = await reads.of(lambda view: overview_of(view, now=reads.now()), asked.since, asked.until)
    for metric, value in asdict(found).items():
        yield {"metric": metric, "value": value}


async def _learners(reads: Reads, asked: Asked) -> AsyncIterator[Row]:
    """Every learner, by address."""
    async for mbox, count, work in _counted(reads, asked, LEARNER, ACTIVITY):
        email = mbox.removeprefix("mailto:")
        yield {"learner_email": email, "statements": count, **_progress(work)}


async def _activities(reads: Reads, asked: Asked) -> AsyncIterator[Row]:
    """Every object of a statement, by id; its attempts are learners who attempted it."""
    async for target, count, work in _counted(reads, asked, ACTIVITY, LEARNER):
        yield {"activity_id": target, "statements": count, **_progress(work)}


async def _statements(reads: Reads, asked: Asked) -> AsyncIterator[Row]:
    """The youngest statements, as they are stored."""
    async for statement in statements(reads.client, reads.index, since=asked.since, until=asked.until, limit=asked.limit):
        yield statement


async def _counted(reads: Reads, asked: Asked, of: By, others: By) -> AsyncIterator[tuple[str, int, Progress]]:
    """By name, how many statements it has, and its attempts with the `others`."""

    async def count(view: View) -> tuple[Counter[str], dict[str, Progress]]:
        made = {group.key[0]: progress_of(group) for group in await attempted_per(view, of, of=(others,))}
        return await per_value(view, of), made

    found, made = await reads.of(count, asked.since, asked.until)
    for name in sorted(found)[: asked.limit]:
        yield name, found[name], made.get(name, Progress(0, 0))


def _progress(work: Progress) -> Row:
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
