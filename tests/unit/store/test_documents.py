"""What is stored of a statement, and what a record is to the document that holds its id."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

from nljctl.judge import judge
from nljctl.judgement import Origin
from nljctl.store.documents import document, stored_at
from nljctl.store.writer import compare

STORED = stored_at(datetime(2026, 3, 1, 9, 0, 0, 123_000, tzinfo=UTC))
ORIGIN = Origin("xapi-events", 2, 17, 1_741_000_000_000)
STATEMENT: dict[str, Any] = {
    "id": "0b0f3f0e-6a0e-4c55-9a57-1b6f0c2f9d10",
    "version": "1.0.3",
    "timestamp": "2026-03-01T09:00:00Z",
    "actor": {"mbox": "mailto:sam@example.org"},
    "verb": {"id": "http://adlnet.gov/expapi/verbs/experienced"},
    "object": {"id": "http://nlj.platform/activities/brakes"},
}


def stored(origin: Origin = ORIGIN, **members: Any) -> dict[str, Any]:
    made = document(judge(json.dumps({**STATEMENT, **members}).encode(), origin), origin, STORED)
    found: dict[str, Any] = json.loads(made.source)
    return found


def test_a_document_is_the_statement_with_when_and_whence() -> None:
    found = stored()
    provenance = found.pop("nljctl")
    assert found.pop("stored") == "2026-03-01T09:00:00.123+00:00"
    assert found == STATEMENT
    assert (provenance["topic"], provenance["partition"], provenance["offset"], provenance["repairs"]) == ("xapi-events", 2, 17, [])


def test_a_document_is_one_line_whatever_the_producer_wrote() -> None:
    made = document(judge(json.dumps(STATEMENT, indent=2).encode() + b"\n", ORIGIN), ORIGIN, STORED)
    assert b"\n" not in made.source
    assert json.loads(made.source)["verb"] == STATEMENT["verb"]


def test_a_producers_own_stored_is_replaced() -> None:
    assert stored(stored="2020-01-01T00:00:00Z")["stored"] == "2026-03-01T09:00:00.123+00:00"


def test_the_same_coordinates_mean_an_earlier_attempt() -> None:
    judgement = judge(json.dumps(STATEMENT).encode(), ORIGIN)
    assert compare(document(judgement, ORIGIN, STORED), stored()).fate == "stored"


def test_the_same_coordinates_in_another_generation_of_the_topic_are_other_coordinates() -> None:
    anew = Origin("xapi-events", 2, 17, 1_741_000_000_000, 1)
    assert (stored(anew)["nljctl"]["generation"], "generation" in stored()["nljctl"]) == (1, False)
    mine = document(judge(json.dumps(STATEMENT).encode(), anew), anew, STORED)
    assert compare(mine, stored()).fate == "duplicate"
    assert compare(mine, stored(anew)).fate == "stored"


def test_other_coordinates_with_equal_content_are_a_duplicate_and_with_other_content_a_conflict() -> None:
    elsewhere = Origin("xapi-events", 2, 3, 1_741_000_000_000)
    mine = document(judge(json.dumps(STATEMENT).encode(), ORIGIN), ORIGIN, STORED)
    assert compare(mine, stored(elsewhere)).fate == "duplicate"
    other = compare(mine, stored(elsewhere, verb={"id": "http://adlnet.gov/expapi/verbs/failed"}))
    assert (other.fate, other.detail) == ("conflict", "first stored from xapi-events/2 at offset 3")
