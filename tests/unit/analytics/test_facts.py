"""What is noted of a statement for the second way of computing."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from nljctl.analytics.facts import FactRow, fact_of, fact_of_document, moment_of
from nljctl.catalogue.names import NV, N, V, X


@pytest.mark.parametrize(
    ("timestamp", "moment"),
    [
        ("1970-01-01T00:00:01Z", 1_000),
        ("1970-01-01T02:00:00.0015+02:00", 1),
        ("1970-01-01T00:00:00", 0),
        ("1969-12-31T23:59:59.999999999Z", -1),
        ("2016-12-31T23:59:60Z", None),
        ("1970-01-01T00:00:00.0123456789Z", None),
        ("1970-01-01T00:00:00+19:00", None),
        ("yesterday", None),
        (7, None),
    ],
)
def test_a_time_is_read_as_an_index_reads_it(timestamp: Any, moment: int | None) -> None:
    assert moment_of(timestamp) == moment


def test_a_raw_document_gives_the_facts_of_the_repaired_statement() -> None:
    raw = {
        "actor": {"mbox": "mailto:sam@example.org", "account": {"homePage": "http://nlj.platform", "name": "7"}},
        "verb": {"id": V + "voided"},
        "object": {"id": N + "training-sessions/1"},
        "context": {"extensions": {"parent_survey": N + "content/s1", X + "program_id": 5}},
        "result": {"score": {"scaled": 1}, "completion": None},
        "event_id": "x",
    }
    expected = FactRow(1, mbox="mailto:sam@example.org", verb=NV + "cancelled", object=N + "training-sessions/1", scaled=1.0, survey="s1", program="5")
    assert fact_of_document(1, raw) == expected


def test_a_document_in_another_shape_has_no_facts() -> None:
    assert fact_of_document(1, {"actor": "sam", "verb": {"id": V + "passed"}}) == FactRow(1)
    assert fact_of(1, msgspec.json.encode([])) == FactRow(1)
