"""Everything that is wrong with a decoded statement, by rule, place, sentence and section. Pure, and only for what was not accepted at once."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from nljctl.judgement import Violation
from nljctl.xapi.report import FullError, Report, excerpt
from nljctl.xapi.shapes import STATEMENT


def explain(statement: Any) -> tuple[Violation, ...]:
    """The errors of one decoded JSON value, in its order, at most MAX_ERRORS; none if it is a valid statement of xAPI 1.0.3.

    Numbers must be finite, as JSON's are. The nesting may be any.
    """
    report = Report()
    try:
        if isinstance(statement, dict):
            STATEMENT(report, statement, ())
        else:
            report.add("XAPI-00014", (), f"A record must be one statement, a JSON object; it is {excerpt(statement)}.")
    except FullError:
        pass
    return tuple(report.errors)


def repeated_ids(statements: Sequence[Any]) -> tuple[Violation, ...]:
    """The ids that occur twice in a batch, which an LRS refuses (Communication 2.1.2), by their place in it."""
    report, seen = Report(), set[str]()
    try:
        for index, statement in enumerate(statements):
            id_ = statement.get("id") if isinstance(statement, dict) else None
            if isinstance(id_, str):
                if id_.lower() in seen:
                    report.add("batch-ids", (index, "id"), f"The ids of a batch must be distinct; {excerpt(id_)} is there twice.")
                seen.add(id_.lower())
    except FullError:
        pass
    return tuple(report.errors)
