"""Which of the platform's tables fit, on values."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from nljctl.effects.fitness import NEEDED, Found, _types, misfits
from nljctl.effects.platform_tables import EFFECT_TABLES

Tables = dict[str, dict[str, Found]]


def whole() -> Tables:
    """Tables with all that is needed, each column of the first type that will do; the ids of users, nodes and activities with them."""
    return {table.name: {column.name: Found(min(_types(column))) for column in needed} for table, needed in NEEDED.items()}


def without(table: str, column: str) -> Callable[[Tables], object]:
    return lambda tables: tables[table].pop(column)


def having(table: str, column: str, found: Found) -> Callable[[Tables], object]:
    return lambda tables: tables[table].update({column: found})


def test_a_platform_as_the_facts_have_it_fits() -> None:
    assert misfits(whole()) == []


def test_tables_that_are_not_there_will_be_made() -> None:
    assert misfits({}) == []


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (without("training_bookings", "registration_method"), "training_bookings.registration_method is missing"),
        (having("attendance_records", "booking_id", Found("int8")), "attendance_records.booking_id is int8, not uuid"),
        (having("training_sessions", "start_time", Found("timestamp")), "training_sessions.start_time is timestamp, not timestamptz"),
        (
            having("training_programs", "learning_objectives", Found("_int4")),
            "training_programs.learning_objectives is _int4, not _bpchar or _text or _varchar",
        ),
        (
            having("training_sessions", "session_title", Found("varchar", demands=True)),
            "training_sessions.session_title must be given a value, and no effect has one",
        ),
        (without("users", "id"), "users.id is missing"),
    ],
)
def test_what_does_not_fit_is_named_by_table_and_column(change: Callable[[Tables], object], said: str) -> None:
    tables = whole()
    change(tables)
    assert misfits(tables) == [said]


@pytest.mark.parametrize(
    "change",
    [
        having("generation_sessions", "status", Found("generationstatus")),
        having("training_bookings", "special_requirements", Found("jsonb")),
        having("training_sessions", "cancellation_reason", Found("varchar")),
        having("training_sessions", "colour", Found("varchar")),
        having("users", "password_hash", Found("varchar", demands=True)),
        having("training_bookings", "confirmation_sent", Found("bool", demands=True)),
    ],
)
def test_what_is_only_other_or_more_fits(change: Callable[[Tables], object]) -> None:
    tables = whole()
    change(tables)
    assert misfits(tables) == []


@pytest.mark.parametrize("table", EFFECT_TABLES, ids=lambda table: table.name)
def test_an_insert_says_every_default_that_an_application_would_fill_in(table: object) -> None:
    columns = table.columns  # type: ignore[attr-defined]  # parametrize hides the type
    silent = [column.name for column in columns if column.server_default is not None and column.default is None and column.name != "id"]
    assert silent == []
