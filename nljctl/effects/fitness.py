"""Whether the platform's own tables have what effects need: columns, types, and no obligation that effects do not meet. They are never altered.

What differs within a family of types (text and varchar, json and jsonb) is fine.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ARRAY, JSON, Boolean, Column, DateTime, Float, Integer, Numeric, String, Table, text
from sqlalchemy.dialects.postgresql import UUID
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.types import TypeEngine

from nljctl.effects.generations import ENUM
from nljctl.effects.platform_tables import EFFECT_TABLES, LIVE_SCHEMA, content_items, nodes, users

NEVER_TOUCHED = frozenset(
    {
        *("cal_booking_id", "cal_booking_uid", "cal_attendee_id", "location_details", "location_override", "session_notes", "max_attendees"),
        *("attendance_taken_at", "attendance_taken_by_id", "content_items", "instructor_requirements", "registration_notes", "confirmation_sent_at"),
        *("last_reminder_sent", "check_out_time", "engagement_notes", "instructor_notes", "follow_up_notes", "activity_session_id"),
        *("claude_conversation_id", "claude_message_id", "generated_content", "validated_nlj", "validation_errors"),
    }
)
"""Columns that no effect reads or writes: whether a platform has them is its own affair."""

NEEDED: Mapping[Table, Sequence[Column[object]]] = {
    **{table: [column for column in table.columns if column.name not in NEVER_TOUCHED] for table in EFFECT_TABLES},
    **{table: [table.c.id] for table in (users, nodes, content_items)},
}
"""Tables, and the columns that effects need of them."""

_FAMILIES: Sequence[tuple[type[TypeEngine[Any]], frozenset[str]]] = (
    (UUID, frozenset({"uuid"})),
    (String, frozenset({"varchar", "text", "bpchar"})),
    (Boolean, frozenset({"bool"})),
    (Integer, frozenset({"int2", "int4", "int8"})),
    (Float, frozenset({"float4", "float8", "numeric"})),
    (Numeric, frozenset({"float4", "float8", "numeric"})),
    (DateTime, frozenset({"timestamptz"})),
    (JSON, frozenset({"json", "jsonb"})),
)


@dataclass(frozen=True, slots=True)
class Found:
    """A column as Postgres has it. `demands`: it must be given a value, for it takes no null and has no default."""

    type: str
    demands: bool = False


def misfits(tables: Mapping[str, Mapping[str, Found]]) -> list[str]:
    """What of the tables found does not fit, in words. Pure. Tables that are not there are none."""
    said = []
    for table, needed in NEEDED.items():
        found = tables.get(table.name)
        if found is None:
            continue
        for column in needed:
            there = found.get(column.name)
            if there is None:
                said.append(f"{table.name}.{column.name} is missing")
            elif there.type not in _types(column):
                said.append(f"{table.name}.{column.name} is {there.type}, not {' or '.join(sorted(_types(column)))}")
        if table in EFFECT_TABLES:
            unknown = [name for name, column in found.items() if column.demands and name not in table.columns]
            said += [f"{table.name}.{name} must be given a value, and no effect has one" for name in unknown]
    return said


_COLUMNS = text(
    """
    SELECT table_name, column_name, udt_name,
           is_nullable = 'NO' AND column_default IS NULL AND is_identity = 'NO' AND is_generated = 'NEVER' AS demands
    FROM information_schema.columns WHERE table_schema = :schema AND table_name = ANY(:names)
    """
)


async def platform(connection: AsyncConnection) -> dict[str, dict[str, Found]]:
    """Those of the tables that effects need which are there, and their columns."""
    found: dict[str, dict[str, Found]] = {}
    for row in await connection.execute(_COLUMNS, {"schema": LIVE_SCHEMA, "names": [table.name for table in NEEDED]}):
        found.setdefault(row.table_name, {})[row.column_name] = Found(row.udt_name, row.demands)
    return found


def _types(column: Column[object]) -> frozenset[str]:
    kind = column.type
    if isinstance(kind, ARRAY):
        return frozenset(f"_{name}" for name in _family(kind.item_type))
    types = _family(kind)
    return types | {ENUM} if column.table.name == "generation_sessions" and column.name == "status" else types


def _family(kind: TypeEngine[Any]) -> frozenset[str]:
    return next(names for family, names in _FAMILIES if isinstance(kind, family))
