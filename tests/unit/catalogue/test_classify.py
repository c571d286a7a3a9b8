"""Statements are told apart where producer contracts collide, before and after repairs."""

from __future__ import annotations

from typing import Any

import pytest

from nljctl.catalogue.classify import Match, classify
from nljctl.catalogue.names import NP, NV, N, S, V, X

BOOKINGS, ATTENDANCE, CONTENT = "nlj.training.bookings", "nlj.training.attendance", "nlj.content.generation"
SESSION, BOOKING = f"{N}training-sessions/5d8b1f9a-0000-4000-8000-000000000002", f"{N}training-bookings/5d8b1f9a-0000-4000-8000-000000000003"


def statement(verb: str, object_id: str = f"{N}activities/1", *, type_: str | None = None, context: Any = None, result: Any = None) -> dict[str, Any]:
    made: dict[str, Any] = {"actor": {"mbox": "mailto:sam@example.org"}, "verb": {"id": verb}, "object": {"id": object_id}}
    if type_:
        made["object"]["definition"] = {"type": type_}
    if context is not None:
        made["context"] = {"extensions": context}
    if result is not None:
        made["result"] = result
    return made


def test_registered_with_a_confirmation_is_the_old_confirmation() -> None:
    confirmed = statement(V + "registered", SESSION, context={X + "booking_id": "b", X + "confirmation_method": "automatic"})

    assert classify(BOOKINGS, confirmed) == Match("booking.confirmed", "old")


def test_registered_without_a_confirmation_is_the_new_request() -> None:
    requested = statement(V + "registered", SESSION, context={X + "booking_id": "b", X + "special_requirements": ""})

    assert classify(BOOKINGS, requested) == Match("booking.requested", "new")


def test_attended_with_a_completion_is_the_old_completion() -> None:
    completed = statement(V + "attended", SESSION, context={X + "completion_percentage": 90.0}, result={"completion": True, "score": None})

    assert classify(ATTENDANCE, completed) == Match("attendance.completed", "old")


def test_attended_without_a_completion_is_the_new_check_in() -> None:
    assert classify(ATTENDANCE, statement(V + "attended", SESSION, context={X + "check_in_method": "manual"})) == Match("attendance.checked_in", "new")


@pytest.mark.parametrize("verb", [V + "voided", NV + "cancelled"], ids=["as sent", "repaired"])
@pytest.mark.parametrize(("object_id", "contract"), [(SESSION, "old"), (BOOKING, "new")])
def test_a_cancelled_booking_is_known_by_its_object(verb: str, object_id: str, contract: Any) -> None:
    assert classify(BOOKINGS, statement(verb, object_id)) == Match("booking.cancelled", contract)


@pytest.mark.parametrize("verb", [V + "voided", NV + "cancelled"], ids=["as sent", "repaired"])
def test_a_cancelled_session_tells_its_contract_by_where_the_reason_is(verb: str) -> None:
    old = statement(verb, SESSION, context={X + "cancellation_reason": "ill"})
    new = statement(verb, SESSION, result={"extensions": {X + "cancellation_reason": "ill"}})

    assert classify("nlj.training.sessions", old) == Match("session.cancelled", "old")
    assert classify("nlj.training.sessions", new) == Match("session.cancelled", "new")


@pytest.mark.parametrize("spelling", ["progress", "progressing"])
def test_both_spellings_of_progress_are_understood(spelling: str) -> None:
    status = {X + "generation_status": spelling}

    assert classify(CONTENT, statement(V + "authored", result={"extensions": status})) == Match("content.generation.progress", "old")
    assert classify(CONTENT, statement(V + "progressed", context=status)) == Match("content.generation.progress", "new")


def test_a_generation_without_status_is_no_event() -> None:
    assert classify(CONTENT, statement(V + "authored", result={"extensions": {}})) is None


def test_tagging_of_a_node_and_of_a_batch_are_known_by_their_types() -> None:
    one = statement(V + "launched", "nlj://auto-tagging/1", type_=NP + "activitytype/auto-tagging")
    batch = statement(V + "launched", "nlj://batch-auto-tagging/1", type_=NP + "activitytype/batch-auto-tagging")

    assert classify("nlj.auto.tagging", one) == Match("tagging.auto.started", "new")
    assert classify("nlj.auto.tagging", batch) == Match("tagging.batch.started", None)


@pytest.mark.parametrize("key", ["tagging_id", X + "tagging_id"], ids=["as sent", "repaired"])
def test_the_old_tagging_is_known_by_its_id(key: str) -> None:
    tagging = statement(V + "launched", "nlj://auto-tagging/1", type_=NP + "activitytype/auto-tagging")
    tagging["object"]["definition"]["extensions"] = {key: "1"}

    assert classify("nlj.auto.tagging", tagging) == Match("tagging.auto.started", "old")


@pytest.mark.parametrize("topic", ["nlj.auto.tagging", "nlj.manual.tagging"])
def test_an_approved_suggestion_is_known_on_both_tagging_topics(topic: str) -> None:
    assert classify(topic, statement(V + "approved", "nlj://node/1/tag-suggestions")) == Match("tagging.suggestion.approved", None)


@pytest.mark.parametrize("verb", [V + "experienced", V + "attempted", S + "start"])
def test_every_generators_verb_starts_a_survey(verb: str) -> None:
    assert classify("nlj.survey.responses", statement(verb)) == Match("survey.started", None)


def test_an_answer_on_the_general_topic_belongs_to_a_survey_only_if_it_says_so() -> None:
    assert classify("xapi-events", statement(V + "answered", context={X + "parent_survey": "36aa"})) == Match("survey.answered", None)
    assert classify("xapi-events", statement(V + "answered")) == Match("statement.general", None)


@pytest.mark.parametrize(
    ("verb", "name"),
    [("http://id.tincanapi.com/verb/skipped", "node.skipped"), (NV + "visited", "node.experienced"), (NV + "responded-to", "node.answered")],
)
def test_what_happens_at_a_node_is_known_by_a_word_in_its_verb(verb: str, name: str) -> None:
    assert classify("nlj.node.interactions", statement(verb, "node://1")) == Match(name, None)


@pytest.mark.parametrize("topic", ["xapi-events", "nlj.learning.activities"])
def test_any_verb_is_an_event_on_the_topics_of_general_xapi(topic: str) -> None:
    assert classify(topic, statement("https://w3id.org/xapi/video/verbs/paused")) == Match("statement.general", None)


@pytest.mark.parametrize("topic", ["nlj.training.programs", "nlj.survey.responses", "nlj.workflow.approval", "some.other.topic"])
def test_an_unknown_verb_is_no_event_elsewhere(topic: str) -> None:
    assert classify(topic, statement("https://w3id.org/xapi/video/verbs/paused")) is None


@pytest.mark.parametrize(
    "malformed",
    [
        {},
        {"verb": None},
        {"verb": "answered"},
        {"verb": {"id": 7}},
        {"verb": {"id": ["x"]}},
        {"verb": {"id": V + "voided"}, "object": None},
        {"verb": {"id": V + "registered"}, "context": {"extensions": ["x"]}},
        {"verb": {"id": V + "attended"}, "result": None, "context": None},
    ],
)
@pytest.mark.parametrize("topic", [BOOKINGS, ATTENDANCE, CONTENT, "nlj.auto.tagging"])
def test_malformed_statements_raise_nothing(topic: str, malformed: dict[str, Any]) -> None:
    found = classify(topic, malformed)

    assert found is None or found.event in {"booking.requested", "attendance.checked_in"}
