"""Each repair on the shapes that the platform really sends, before and after."""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest
from xapi_world import UUID, X, encoded, full_statement, judged, statement, sub_statement

from nljctl.judge import ALL_REPAIRS
from nljctl.judgement import Verdict
from nljctl.xapi.repair import REPAIRS, repair

ACCOUNT = {"homePage": "http://nlj.platform", "name": "7a1d2c3e-0000-4000-8000-000000000001"}
SCHEDULED: dict[str, Any] = {
    "id": UUID,
    "version": "1.0.3",
    "timestamp": "2025-03-01T09:00:00+00:00",
    "actor": {"objectType": "Agent", "name": "Ada Coach", "mbox": "mailto:ada@example.org", "account": ACCOUNT},
    "verb": {"id": "http://activitystrea.ms/schema/1.0/schedule", "display": {"en-US": "scheduled"}},
    "object": {"objectType": "Activity", "id": "http://nlj.platform/training-sessions/5d8b1f9a-0000-4000-8000-000000000002"},
    "context": {"platform": "NLJ Platform", "extensions": {X + "capacity": 12, X + "instructor_id": None}},
    "producer_id": "nlj-platform",
    "producer_timestamp": "2025-03-01T09:00:00.120000+00:00",
    "event_id": "5d8b1f9a-0000-4000-8000-000000000002",
}
EXTRACTION: dict[str, Any] = {
    "id": UUID,
    "event_type": "knowledge_extraction_started",
    "timestamp": "2025-03-03T08:00:00+00:00",
    "actor": {"objectType": "Agent", "name": "Ada Coach", "mbox": "mailto:ada@example.org"},
    "verb": {"id": "http://adlnet.gov/expapi/verbs/launched", "display": {"en-US": "launched"}},
    "object": {
        "id": "nlj://knowledge-extraction/x-1",
        "definition": {"type": "http://nlj-platform.com/activitytype/knowledge-extraction", "extensions": {"extraction_id": "x-1", "target_count": 1}},
    },
    "context": {"platform": "NLJ Knowledge Extraction System", "language": "en-US"},
}
PROGRAM = "9c2e4b6d-0000-4000-8000-000000000003"


def repaired_by(value: dict[str, Any], *names: str) -> dict[str, Any]:
    made = repair(value, names)
    assert made.repairs == names
    return made.statement


def test_the_envelope_is_dropped_and_kept() -> None:
    made = repair(SCHEDULED, {"drop-envelope"})

    assert made.statement == {name: value for name, value in SCHEDULED.items() if name not in ("producer_id", "producer_timestamp", "event_id")}
    assert made.removed == {f"/{name}": SCHEDULED[name] for name in ("producer_id", "producer_timestamp", "event_id")}


def test_of_two_identifiers_mbox_stays_and_the_account_moves() -> None:
    made = repaired_by(SCHEDULED, "one-identifier")

    assert made["actor"] == {"objectType": "Agent", "name": "Ada Coach", "mbox": "mailto:ada@example.org"}
    assert made["context"]["extensions"] == {X + "actor_account": ACCOUNT, X + "capacity": 12, X + "instructor_id": None}


def test_an_account_alone_stays() -> None:
    assert repair(statement(actor={"account": ACCOUNT})).repairs == ()


def test_a_cancelled_session_is_not_voided() -> None:
    cancelled = statement(verb={"id": "http://adlnet.gov/expapi/verbs/voided", "display": {"en-US": "cancelled"}})
    made = repair(cancelled)

    assert made.statement["verb"] == {"id": "http://nlj.platform/verbs/cancelled", "display": {"en-US": "cancelled"}}
    assert made.removed == {"/verb/id": "http://adlnet.gov/expapi/verbs/voided"}


def test_a_statement_that_is_really_voided_stays_voided() -> None:
    voiding = statement(verb={"id": "http://adlnet.gov/expapi/verbs/voided"}, object={"objectType": "StatementRef", "id": UUID})

    assert repair(voiding).repairs == ()


def test_a_null_score_goes_and_a_null_extension_stays() -> None:
    value = statement(result={"score": None, "completion": True, "extensions": {X + "a": None}}, context={"extensions": {X + "b": {"c": None}}})
    made = repair(value)

    assert made.statement["result"] == {"completion": True, "extensions": {X + "a": None}}
    assert made.statement["context"] == value["context"]
    assert made.removed == {"/result/score": None}


def test_a_null_in_an_array_is_left_to_be_rejected() -> None:
    assert judged(statement(context={"contextActivities": {"other": [None]}})).verdict is Verdict.REJECTED


def test_a_null_id_is_completed_as_if_it_were_not_there() -> None:
    judgement = judged({**statement(), "id": None})

    assert (judgement.verdict, judgement.id_given, judgement.completions) == (Verdict.REPAIRED, False, ("id",))


def test_words_in_the_result_become_extensions() -> None:
    made = repaired_by(statement(result={"completion": True, "questions_completed": 9, "progress": 0.9}), "extra-result-keys")

    assert made["result"] == {"completion": True, "extensions": {X + "questions_completed": 9, X + "progress": 0.9}}


def test_an_event_type_beside_the_statement_becomes_an_extension() -> None:
    made = repaired_by(EXTRACTION, "top-level-words")

    assert "event_type" not in made
    assert made["context"]["extensions"] == {X + "event_type": "knowledge_extraction_started"}


def test_bare_extension_keys_become_iris() -> None:
    made = repaired_by(EXTRACTION, "bare-extension-keys")

    assert made["object"]["definition"]["extensions"] == {X + "extraction_id": "x-1", X + "target_count": 1}


def test_an_iri_that_is_there_already_wins_over_the_bare_word() -> None:
    made = repair(statement(context={"extensions": {"mood": 1, X + "mood": 2}}))

    assert made.statement["context"]["extensions"] == {X + "mood": 2}
    assert made.removed == {"/context/extensions/mood": 1}


@pytest.mark.parametrize(
    ("given", "id_"), [(PROGRAM, f"http://nlj.platform/training-programs/{PROGRAM}"), ("http://nlj.platform/p/1", "http://nlj.platform/p/1")]
)
def test_a_parent_in_the_context_becomes_a_context_activity(given: str, id_: str) -> None:
    made = repaired_by(statement(context={"parent": {"id": given, "objectType": "Activity"}}), "context-parent")

    assert made["context"] == {"contextActivities": {"parent": [{"id": id_, "objectType": "Activity"}]}}


@pytest.mark.parametrize("value", [SCHEDULED, EXTRACTION], ids=["scheduled", "extraction"])
def test_the_platform_s_statements_are_accepted_after_repairs(value: dict[str, Any]) -> None:
    assert judged(value).verdict is Verdict.REPAIRED
    assert judged(value, repairs=frozenset()).verdict is Verdict.REJECTED


@pytest.mark.parametrize("row", REPAIRS, ids=lambda row: row.name)
def test_without_a_repair_what_needs_it_is_rejected(row: Any) -> None:
    needing = {
        "drop-envelope": {"event_id": "x"},
        "null-value": {"result": {"score": None}},
        "one-identifier": {"actor": SCHEDULED["actor"]},
        "cancelled-not-voided": {"verb": {"id": "http://adlnet.gov/expapi/verbs/voided"}},
        "context-parent": {"context": {"parent": {"id": PROGRAM}}},
        "top-level-words": {"event_type": "x"},
        "extra-result-keys": {"result": {"progress": 1}},
        "bare-extension-keys": {"context": {"extensions": {"mood": 1}}},
    }[row.name]
    others = ALL_REPAIRS - {row.name} - ({"top-level-words"} if row.name == "drop-envelope" else set())

    assert judged(statement(**needing)).repairs == (row.name,)
    assert judged(statement(**needing), repairs=others).verdict is Verdict.REJECTED


@pytest.mark.parametrize("value", [SCHEDULED, EXTRACTION, statement(result={"progress": 1, "score": None})])
def test_repairing_twice_is_repairing_once_and_changes_nothing_that_was_given(value: dict[str, Any]) -> None:
    before = copy.deepcopy(value)
    once = repair(value)

    assert repair(once.statement).repairs == ()
    assert value == before


@pytest.mark.parametrize("value", [statement(), full_statement(), statement(object=sub_statement())])
def test_a_valid_statement_is_left_alone(value: dict[str, Any]) -> None:
    assert repair(value).repairs == ()


def test_a_hundred_words_out_of_place_are_no_known_defect() -> None:
    assert judged(statement(**{f"word_{number}": 1 for number in range(101)})).verdict is Verdict.REJECTED


def test_the_body_holds_what_was_repaired_and_the_judgement_what_was_removed() -> None:
    judgement = judged(SCHEDULED)

    assert json.loads(judgement.body) == repair(SCHEDULED).statement
    assert judgement.removed["/event_id"] == SCHEDULED["event_id"]
    assert encoded(SCHEDULED) != judgement.body
