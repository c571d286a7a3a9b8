"""What each edition does with every event as the platform's producers write it (platform facts 3.1 and 3.2)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from nljctl.catalogue.events import EVENTS
from nljctl.catalogue.names import V, X
from nljctl.catalogue.samples import Sample, SampleRequest, generate
from nljctl.catalogue.topics import SUBSCRIBED
from nljctl.pipelines.legacy.routes import AS_SHIPPED, HANDLERS, INTENDED, RULES, decide


def sample(event: str, contract: str = "old") -> Sample:
    """The first sample of an event in a contract."""
    request = SampleRequest(count=1, events=(event,), contract=contract, seed=7)
    return next(found for found in generate(request) if found.event == event)


def statement(verb: str, *, object_id: str = "http://example.org/thing", context: Any = None, result: Any = None, **more: Any) -> Mapping[str, Any]:
    given = {"context": context, "result": result}
    made: dict[str, Any] = {"actor": {"mbox": "mailto:a@example.org"}, "verb": {"id": verb}, "object": {"id": object_id}, **more}
    return made | {name: {"extensions": {X + key: value for key, value in extensions.items()}} for name, extensions in given.items() if extensions}


NOT_SUBSCRIBED = "attendance.checked_in", "attendance.completed", "certificate.earned", "session.conflict"

AS_PRODUCED = {
    "program.created": "no-route",
    "program.published": "no-route",
    "session.scheduled": "no-route",
    "session.cancelled": "no-route",
    "booking.requested": "no-route",
    "booking.waitlisted": "no-route",
    "booking.cancelled": "no-route",
    "booking.confirmed": "handler-raises: booking.requested: KeyError registration_method",
    "content.generation.requested": "effects-only: content.generation.requested",
    "content.generation.started": "effects-only: content.generation.started",
    "content.generation.completed": "effects-only: content.generation.completed",
    "content.generation.failed": "effects-only: content.generation.failed",
    "content.generation.progress": "no-handler: content.generation.progressing",
    "content.generation.modified": "no-route",
    "content.generation.imported": "no-route",
    "content.generation.reviewed": "no-route",
    "learning.experienced": "no-route",
    "learning.completed": "no-route",
    "statement.attempted": "no-route",
    "statement.passed": "no-route",
    "statement.failed": "no-route",
}


@pytest.mark.parametrize(("event", "why"), AS_PRODUCED.items())
def test_as_shipped_keeps_from_the_lrs_what_the_original_dropped(event: str, why: str) -> None:
    decision = decide(AS_SHIPPED, sample(event).statement)
    assert (decision.sends, decision.why) == (False, why)


@pytest.mark.parametrize("event", NOT_SUBSCRIBED)
def test_as_shipped_never_reads_topics_that_the_original_did_not_subscribe_to(event: str) -> None:
    assert sample(event).topic not in AS_SHIPPED.topics


@pytest.mark.parametrize("event", ["survey.started", "survey.answered", "survey.completed"])
def test_as_shipped_sends_survey_statements_that_name_their_survey(event: str) -> None:
    verb = {"survey.started": "experienced", "survey.answered": "answered", "survey.completed": "completed"}[event]
    decision = decide(AS_SHIPPED, statement(V + verb, context={"parent_survey": "s-1"}))
    assert (decision.sends, decision.event) == (True, None)


@pytest.mark.parametrize("verb", ["experienced", "answered", "completed"])
def test_as_shipped_drops_survey_statements_that_do_not(verb: str) -> None:
    assert decide(AS_SHIPPED, statement(V + verb)).why == "no-route"


def test_as_shipped_takes_any_activity_with_survey_in_its_id_for_a_survey() -> None:
    assert decide(AS_SHIPPED, statement(V + "completed", object_id="http://example.org/Surveying-basics")).sends


def test_as_shipped_lets_any_statement_name_its_handler() -> None:
    decision = decide(AS_SHIPPED, statement(V + "passed", context={"event_type": "program.published"}))
    assert (decision.sends, decision.event) == (False, "program.published")


def test_as_shipped_applies_the_effects_only_of_the_event_that_it_routed() -> None:
    decision = decide(AS_SHIPPED, sample("content.generation.requested").statement)
    assert decision.effects("content.generation.requested")
    assert not decision.effects("program.created")


def test_as_shipped_applies_no_effect_of_what_it_dropped() -> None:
    assert not decide(AS_SHIPPED, sample("booking.requested").statement).effects("booking.requested")


@pytest.mark.parametrize("member", ["context", "result"])
def test_as_shipped_drops_a_statement_whose_null_makes_the_router_raise(member: str) -> None:
    decision = decide(AS_SHIPPED, statement(V + "authored") | {member: None})
    assert decision.why.startswith("router-raises")


def test_as_shipped_never_looks_at_what_an_earlier_rule_made_needless() -> None:
    found = statement(V + "completed", object_id="http://example.org/survey/1") | {"context": None}
    assert decide(AS_SHIPPED, found).sends


@pytest.mark.parametrize("event", ["attendance.checked_in", "attendance.completed", "content.generation.modified"])
def test_as_shipped_handlers_that_always_broke_change_nothing(event: str) -> None:
    decision = decide(AS_SHIPPED, statement(V + "passed", context={"event_type": event}))
    assert decision.why.startswith(f"handler-raises: {event}")
    assert not decision.effects(event)


def test_as_shipped_has_the_nine_rules_and_nineteen_handlers_of_the_original() -> None:
    assert (len(RULES), len(HANDLERS), len(AS_SHIPPED.topics)) == (9, 19, 6)


@pytest.mark.parametrize("contract", ["old", "new"])
def test_intended_sends_every_event_and_lets_it_have_its_effects(contract: str) -> None:
    for event in (row for row in EVENTS if row.form(contract)):
        decision = decide(INTENDED, sample(event.name, contract).statement)
        assert decision.sends, event.name
        assert decision.effects(event.name), event.name


def test_intended_subscribes_to_every_topic_of_the_catalogue() -> None:
    assert INTENDED.topics == SUBSCRIBED
