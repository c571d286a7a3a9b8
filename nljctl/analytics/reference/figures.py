"""Computes all figures of a table of facts in DuckDB: one set-based query per kind, for all learners, activities, nodes and surveys at once."""

from __future__ import annotations

from datetime import date
from string import Template

import duckdb

from nljctl.analytics.reference.activities import ACTIVITIES, NODES
from nljctl.analytics.reference.arithmetic import MACROS, STATEMENTS, TERMS
from nljctl.analytics.reference.learners import LEARNERS
from nljctl.analytics.reference.overview import OVERVIEW
from nljctl.analytics.reference.performers import BEST, JUDGED, PERFORMANCES
from nljctl.analytics.reference.surveys import DEMOGRAPHICS, QUESTIONS, SCALES, SURVEYS, TRENDS

QUERIES = (OVERVIEW, BEST, LEARNERS, PERFORMANCES, ACTIVITIES, NODES, SURVEYS, QUESTIONS, TRENDS, DEMOGRAPHICS)

_DROPPED = ("DROP TABLE ${s}_judged", "DROP TABLE ${s}_scales", "DROP TABLE $s")
_TABLE = "CREATE OR REPLACE TABLE $into (kind VARCHAR, entity VARCHAR, metric VARCHAR, value VARCHAR)"


def compute(db: duckdb.DuckDBPyConnection, facts: str, into: str, *, today: date) -> None:
    """Fills table `into` (kind, entity, metric, value as JSON) with every figure of the statements in `facts`.

    Args:
        facts: a table or view with the columns of `facts.COLUMNS`.
        today: the day (UTC) that ends streaks, the month of the performers and the trends of surveys.
    """
    names = {**TERMS, "facts": facts, "s": f"{facts}_read", "into": into, "today": today.isoformat()}
    for text in (MACROS, STATEMENTS, SCALES, JUDGED, _TABLE, *(f"INSERT INTO $into {query}" for query in QUERIES), *_DROPPED):
        db.execute(Template(text).substitute(names))
