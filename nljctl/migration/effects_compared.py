"""Compares the platform's rows with the shadow's, inside Postgres, in one snapshot of both schemas and all progress (docs/ownership.md, "Shadow").

Compared are the columns that effects write and whose value does not depend on the order in which topics are read. Who of two racing for a seat
got it may differ: a booking's status counts as different only where the number of a session's bookings per status differs. How a content generation
ended is compared, not whether it is pending or processing, nor what was cancelled: the platform's API writes these by itself. The sources of
a generation come with its row, and are not compared.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from aiokafka import TopicPartition
from sqlalchemy import JSON, Column, ColumnElement, MetaData, Table, Text, case, cast, func, literal, or_, select
from sqlalchemy.dialects.postgresql import JSONB, UUID
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine
from sqlalchemy.sql.expression import FromClause, Subquery

from nljctl.effects import plans
from nljctl.effects.ledger_tables import applied, parked, progress
from nljctl.effects.plan import Epoch, Pipeline, Role
from nljctl.effects.platform_tables import (
    LIVE_SCHEMA,
    SHADOW_SCHEMA,
    attendance_records,
    generation_sessions,
    node_interactions,
    training_bookings,
    training_programs,
    training_sessions,
)
from nljctl.migration.witnesses import EffectRow, EffectSpanRow, OneSidedRow, WitnessFile

Compared = tuple[Table, str, tuple[str, ...]]

COMPARED: tuple[Compared, ...] = (
    (training_programs, "program", ("title", "description", "learning_objectives", "prerequisites", "created_by_id", "is_published")),
    (
        training_sessions,
        "session",
        ("program_id", "start_time", "end_time", "location", "capacity", "instructor_id", "status", "cancelled_at", "cancellation_reason"),
    ),
    (
        training_bookings,
        "booking",
        ("program_id", "session_id", "learner_id", "registration_method", "special_requirements", "cancelled_at", "cancelled_by_id", "cancellation_reason"),
    ),
    (
        attendance_records,
        "attendance",
        (
            *("session_id", "learner_id", "recorded_by_id", "attended", "check_in_time", "attendance_method", "completed", "completion_time"),
            *("participation_score", "assessment_score", "certificate_issued", "certificate_issued_at"),
        ),
    ),
    (generation_sessions, "generation", ("user_id",)),
    (
        node_interactions,
        "interaction",
        ("node_id", "user_id", "activity_id", "session_id", "response_data", "is_correct", "score", "time_to_respond", "attempts", "created_at"),
    ),
)
"""Table, the word for its rows in keys, and the columns that must be equal."""


@dataclass(frozen=True, slots=True)
class EffectsWitness:
    """What Postgres says. `same` counts per table the rows that are equal; `absent` says why there is nothing to compare, if there is nothing."""

    same: Mapping[str, int]
    spans: Sequence[EffectSpanRow] = ()
    absent: str | None = None


async def compare_effects(engine: AsyncEngine, rows: WitnessFile, one_sided: WitnessFile) -> EffectsWitness:
    """Streams the rows that differ, and the effects that only one schema has; gives the counts of those that are equal."""
    async with engine.connect() as connection:
        await connection.execution_options(isolation_level="REPEATABLE READ")
        plan = await plans.read_plan(connection)
        positions = await _positions(connection)
        if absent := _nothing_to_compare(plan, positions):
            return EffectsWitness({}, absent=absent)
        same = {}
        for table, word, columns in COMPARED:
            both, differing = await _compare_table(connection, table, word, columns, rows)
            same[table.name] = both - differing
        await _one_sided(connection, one_sided)
        return EffectsWitness(same, moving(plan, positions))


Positions = Mapping[tuple[str, str], Mapping[TopicPartition, int]]


def moving(plan: Sequence[Epoch], positions: Positions) -> list[EffectSpanRow]:
    """Per partition the offsets between those who change the live schema and the one who changes the shadow.

    A pipeline counts as long as it may own records beyond its position, or has not reached the newest fence.
    """
    newest = plan[-1] if plan else None
    share = newest.share if newest else 0
    shadow = positions.get((Pipeline.FASTSTREAM, Role.SHADOW), {})
    found = []
    for tp in sorted({tp for rows in positions.values() for tp in rows}):
        fence = newest.fence(tp) if newest else 0
        reached = [shadow[tp]] if tp in shadow else []
        for pipeline, owns in ((Pipeline.LEGACY, share < 100), (Pipeline.FASTSTREAM, share > 0)):
            position = positions.get((pipeline, Role.LIVE), {}).get(tp)
            if position is not None and (owns or position < fence):
                reached.append(position)
        if reached and min(reached) < max(reached):
            found.append(EffectSpanRow(tp.topic, tp.partition, min(reached), max(reached)))
    return found


def _nothing_to_compare(plan: Sequence[Epoch], positions: Positions) -> str | None:
    if not positions.get((Pipeline.FASTSTREAM, Role.SHADOW)):
        return "faststream keeps no shadow of the platform's rows"
    if not positions.get((Pipeline.LEGACY, Role.LIVE)) and (not plan or plan[-1].share == 100):
        return "faststream owns all effects and legacy never ran: there is one writer, and nothing to compare it with"
    return None


async def _positions(connection: AsyncConnection) -> Positions:
    c = progress.c
    found: dict[tuple[str, str], dict[TopicPartition, int]] = {}
    for row in await connection.execute(select(c.pipeline, c.role, c.topic, c.partition, c.effects_next)):
        found.setdefault((row.pipeline, row.role), {})[TopicPartition(row.topic, row.partition)] = row.effects_next
    return found


async def _compare_table(connection: AsyncConnection, table: Table, word: str, columns: Sequence[str], file: WitnessFile) -> tuple[int, int]:
    """How many rows both schemas have, and how many of those differ; all that are not the same are streamed."""
    live, shadow = (table.to_metadata(MetaData(), schema=schema).alias(schema) for schema in (LIVE_SCHEMA, SHADOW_SCHEMA))
    unequal = {name: _value(live.c[name]).is_distinct_from(_value(shadow.c[name])) for name in columns}
    aggregate: Any = literal(None)
    if table is training_bookings:
        unbalanced = _unbalanced_sessions(live, shadow)
        unequal["booking_status"] = live.c.booking_status.is_distinct_from(shadow.c.booking_status) & live.c.session_id.in_(select(unbalanced.c.session_id))
        aggregate = literal("session:").concat(cast(func.coalesce(live.c.session_id, shadow.c.session_id), Text))
    elif table is generation_sessions:
        unequal["status"] = _ended_otherwise(live, shadow)
    both = live.outerjoin(shadow, live.c.id == shadow.c.id, full=True)
    kind = case((shadow.c.id.is_(None), "only_legacy"), (live.c.id.is_(None), "only_faststream"), else_="differs")
    names = func.concat_ws(", ", *(case((different, name)) for name, different in unequal.items()))
    wanted = (
        select(cast(func.coalesce(live.c.id, shadow.c.id), Text).label("id"), kind.label("kind"), aggregate.label("aggregate"), names.label("columns"))
        .select_from(both)
        .where(or_(live.c.id.is_(None), shadow.c.id.is_(None), *unequal.values()))
    )
    differing = 0
    async for page in (await connection.stream(wanted)).partitions(2_000):
        differing += sum(row.kind == "differs" for row in page)
        file.write([_row(table, word, row) for row in page])
    shared = (await connection.execute(select(func.count()).select_from(live.join(shadow, live.c.id == shadow.c.id)))).scalar_one()
    return shared, differing


def _row(table: Table, word: str, row: Any) -> EffectRow:
    columns = row.columns if row.kind == "differs" else ""
    return EffectRow(str(table.name), row.id, f"{word}:{row.id}", row.kind, row.aggregate, columns)


def _ended_otherwise(live: FromClause, shadow: FromClause) -> ColumnElement[bool]:
    """Generations that one schema knows to be completed or failed, and the other not so."""
    ended, cancelled = ("completed", "failed"), "cancelled"
    ours, theirs = (func.lower(cast(schema.c.status, Text)) for schema in (live, shadow))
    live_end, shadow_end = (case((status.in_(ended), status), else_="open") for status in (ours, theirs))
    return (live_end != shadow_end) & (ours != cancelled)


def _unbalanced_sessions(live: FromClause, shadow: FromClause) -> Subquery:
    """Sessions of which the two schemas have another number of bookings in some status."""

    def counts(table: FromClause) -> Subquery:
        return (
            select(table.c.session_id, table.c.booking_status, func.count().label("bookings")).group_by(table.c.session_id, table.c.booking_status).subquery()
        )

    ours, theirs = counts(live), counts(shadow)
    same_status = (ours.c.session_id == theirs.c.session_id) & (ours.c.booking_status == theirs.c.booking_status)
    return (
        select(func.coalesce(ours.c.session_id, theirs.c.session_id).label("session_id"))
        .select_from(ours.outerjoin(theirs, same_status, full=True))
        .where(ours.c.bookings.is_distinct_from(theirs.c.bookings))
        .subquery()
    )


async def _one_sided(connection: AsyncConnection, file: WitnessFile) -> None:
    """Effects that one schema has and the other has not, or has with another result."""
    live, shadow = (select(applied).where(applied.c.role == role).subquery(role) for role in (Role.LIVE, Role.SHADOW))
    role = case((live.c.statement_id.is_(None), Role.SHADOW), (shadow.c.statement_id.is_(None), Role.LIVE), else_=live.c.role + " and shadow").label("role")
    detail = func.concat_ws(" ", func.coalesce(live.c.sqlstate, shadow.c.sqlstate), func.coalesce(live.c.detail, shadow.c.detail)).label("detail")
    result = case(
        (live.c.result != shadow.c.result, live.c.result.concat(" and ").concat(shadow.c.result)), else_=func.coalesce(live.c.result, shadow.c.result)
    )
    changes = (
        select(role, cast(func.coalesce(live.c.statement_id, shadow.c.statement_id), Text).label("id"), result.label("result"), detail)
        .select_from(live.outerjoin(shadow, live.c.statement_id == shadow.c.statement_id, full=True))
        .where(live.c.result.is_distinct_from(shadow.c.result))
    )
    async for page in (await connection.stream(changes)).partitions(2_000):
        file.write([OneSidedRow(row.role, row.id, row.result, row.detail) for row in page])
    waiting = select(parked.c.role, cast(parked.c.statement_id, Text).label("id"), _awaited().label("waits_for"))
    async for page in (await connection.stream(waiting)).partitions(2_000):
        file.write([OneSidedRow(row.role, row.id, "parked", "", row.waits_for) for row in page])


def _awaited() -> ColumnElement[str]:
    """The key of the row that a parked event waits for. Attendance waits for any booking of its learner: where a schema has one, it is that."""
    waits_for, kind = parked.c.waits_for, "enrolment:"
    pair = func.substr(waits_for, len(kind) + 1)
    session, learner = (cast(func.split_part(pair, "/", part), UUID(as_uuid=False)) for part in (1, 2))
    found = []
    for schema in (LIVE_SCHEMA, SHADOW_SCHEMA):
        bookings = training_bookings.to_metadata(MetaData(), schema=schema).alias(schema)
        first = select(func.min(cast(bookings.c.id, Text))).where(bookings.c.session_id == session, bookings.c.learner_id == learner)
        found.append(literal("booking:").concat(first.correlate(parked).scalar_subquery()))
    return case((waits_for.startswith(kind), func.coalesce(*found, waits_for)), else_=waits_for)


def _value(column: Column[Any]) -> Any:
    """A value that Postgres can compare: `json` has no equality."""
    return cast(column, JSONB) if isinstance(column.type, JSON) and not isinstance(column.type, JSONB) else column
