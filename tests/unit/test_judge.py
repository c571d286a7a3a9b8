"""The judgement of a record: verdict, body, completions, event, digest."""

from __future__ import annotations

import json
from typing import Any
from uuid import uuid5

import pytest

from nljctl.judge import ALL_REPAIRS, document_digests, judge
from nljctl.judgement import Judgement, Origin, Reason, Verdict
from nljctl.xapi.complete import NAMESPACE

UUID = "0B0F3F0E-6a0e-4c55-9a57-1b6f0c2f9d10"
ORIGIN = Origin("xapi-events", 3, 41, 1_740_819_600_123)
COMPLETE: dict[str, Any] = {
    "id": UUID,
    "actor": {"mbox": "mailto:ada@example.org"},
    "verb": {"id": "http://adlnet.gov/expapi/verbs/passed"},
    "object": {"id": "https://example.org/quiz"},
    "timestamp": "2025-03-01T09:00:00Z",
    "version": "1.0.3",
}


def without(*names: str) -> bytes:
    return json.dumps({name: value for name, value in COMPLETE.items() if name not in names}).encode()


def judged(record: bytes | None, origin: Origin = ORIGIN) -> Judgement:
    return judge(record, origin)


def test_a_complete_statement_is_accepted_byte_for_byte() -> None:
    judgement = judged(without())

    assert (judgement.verdict, judgement.body, judgement.completions, judgement.repairs) == (Verdict.ACCEPTED, without(), (), ())
    assert (judgement.id, judgement.id_given, judgement.timestamp_given) == (UUID.lower(), True, True)


def test_what_an_lrs_adds_is_put_in_front_of_the_record_s_own_bytes() -> None:
    judgement = judged(b"\n " + without("id", "timestamp", "version"))

    assert judgement.completions == ("id", "timestamp", "version")
    assert judgement.body.endswith(without("id", "timestamp", "version")[1:])
    assert json.loads(judgement.body)["timestamp"] == "2025-03-01T09:00:00.123Z"
    assert json.loads(judgement.body)["version"] == "1.0.0"
    assert json.loads(judgement.body)["id"] == judgement.id
    assert (judgement.id_given, judgement.timestamp_given) == (False, False)


def test_a_made_id_is_the_same_each_time_and_another_for_each_record() -> None:
    origins = [
        ORIGIN,
        Origin("xapi-events", 3, 42, 0),
        Origin("xapi-events", 4, 41, 0),
        Origin("other", 3, 41, 0),
        Origin("xapi-events", 3, 41, 0, generation=1),
    ]

    ids = [judged(without("id"), origin).id for origin in origins]

    assert ids == [judged(without("id"), origin).id for origin in origins]
    assert len(set(ids)) == len(origins)
    assert ids[0] == "17f040c8-040c-5b23-8e81-9768458b50c3" == str(uuid5(NAMESPACE, "0/xapi-events/3/41"))


@pytest.mark.parametrize(
    ("milliseconds", "timestamp"), [(-1, "1970-01-01T00:00:00.000Z"), (0, "1970-01-01T00:00:00.000Z"), (10**18, "9999-12-31T23:59:59.000Z")]
)
def test_any_record_timestamp_makes_a_timestamp(milliseconds: int, timestamp: str) -> None:
    judgement = judged(without("timestamp"), Origin("xapi-events", 0, 0, milliseconds))

    assert json.loads(judgement.body)["timestamp"] == timestamp


def test_a_rejected_record_has_every_error_and_no_body() -> None:
    judgement = judged(without("verb", "object"))

    assert (judgement.verdict, judgement.reason, judgement.body) == (Verdict.REJECTED, Reason.INVALID_XAPI, b"")
    assert [error.rule for error in judgement.errors] == ["XAPI-00004", "XAPI-00005"]
    assert (judgement.id, judgement.completions) == (UUID.lower(), ())
    assert judgement.digest == document_digests(json.loads(without("verb", "object"))).digest


def test_the_migration_document_s_own_test_event_is_a_dead_letter() -> None:
    judgement = judged(without().replace(UUID.encode(), b"test-12345"))

    assert [(error.rule, error.pointer) for error in judgement.errors] == [("XAPI-00027", "/id")]


@pytest.mark.parametrize("record", [None, b"", b"null", b"[]", b"3", b'"x"', b"nope"])
def test_what_is_no_object_has_no_digest(record: bytes | None) -> None:
    judgement = judged(record)

    assert (judgement.verdict, judgement.id, judgement.digest, judgement.content_digest) == (Verdict.REJECTED, None, "", "")


def test_an_event_is_known_as_it_came_and_as_it_was_repaired() -> None:
    cancelled = {
        **COMPLETE,
        "verb": {"id": "http://adlnet.gov/expapi/verbs/voided"},
        "object": {"id": "http://nlj.platform/training-sessions/5d8b1f9a-0000-4000-8000-000000000002"},
    }
    judgement = judged(json.dumps(cancelled).encode(), Origin("nlj.training.sessions", 0, 0, 0))

    assert (judgement.verdict, judgement.event, judgement.contract) == (Verdict.REPAIRED, "session.cancelled", "old")
    assert judged(judgement.body, Origin("nlj.training.sessions", 0, 0, 0)).event == "session.cancelled"


def test_a_statement_of_no_event_has_none() -> None:
    assert judged(without(), Origin("nlj.training.sessions", 0, 0, 0)).event is None


def test_the_digest_does_not_depend_on_which_repairs_are_made() -> None:
    record = json.dumps({**COMPLETE, "event_id": "k", "result": {"score": None}}).encode()

    assert {judge(record, ORIGIN, repairs=repairs).digest for repairs in (ALL_REPAIRS, frozenset(), frozenset({"null-value"}))} == {judged(record).digest}


def test_a_completed_statement_has_the_digest_of_what_is_stored() -> None:
    judgement = judged(without("id", "timestamp", "version"))
    stored = {**json.loads(judgement.body), "stored": "2025-03-02T00:00:00Z", "nljctl": {"topic": "xapi-events"}}

    assert document_digests(stored).digest == judgement.digest
    assert document_digests(stored).id == judgement.id


@pytest.mark.parametrize("depth", [5_000, 600])
def test_a_document_of_any_depth_has_digests(depth: int) -> None:
    deep: Any = {}
    for _ in range(depth):
        deep = {"x": deep}

    assert document_digests({"id": UUID, "context": deep}).id == UUID.lower()


def booking(**extensions: Any) -> bytes:
    x = "http://nlj.platform/extensions/"
    return json.dumps(
        {
            **COMPLETE,
            "id": UUID.lower(),
            "actor": {"name": "Ada", "mbox": "mailto:ada@example.org"},
            "verb": {"id": "http://adlnet.gov/expapi/verbs/asked", "display": {"en-US": "requested"}},
            "object": {
                "id": "http://nlj.platform/training-sessions/5d8b1f9a-0000-4000-8000-000000000002",
                "definition": {"name": {"en-US": "Brakes"}, "type": "http://adlnet.gov/expapi/activities/meeting"},
            },
            "context": {"extensions": {x + name: value for name, value in extensions.items()}},
        }
    ).encode()


def test_what_only_the_platform_s_producer_asks_is_a_warning() -> None:
    bookings = Origin("nlj.training.bookings", 0, 0, 0)

    assert judged(booking(booking_id="b", registration_method="online"), bookings).warnings == ()
    judgement = judged(booking(booking_id="b"), bookings)
    assert (judgement.verdict, [warning.rule for warning in judgement.warnings]) == (Verdict.ACCEPTED, ["producer-method"])


def test_a_repaired_statement_is_warned_of_as_it_was_repaired() -> None:
    record = json.loads(booking(booking_id="b", registration_method=None))
    judgement = judged(json.dumps({**record, "event_id": "k"}).encode(), Origin("nlj.training.bookings", 0, 0, 0))

    assert (judgement.verdict, [warning.rule for warning in judgement.warnings]) == (Verdict.REPAIRED, ["producer-method"])
