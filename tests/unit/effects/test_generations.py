"""The state machine of content generation, on values."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import product
from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nljctl.catalogue.names import N, X
from nljctl.effects.effect import Announce, Insert, Refusal, UnreadableEventError, Update
from nljctl.effects.generations import TRANSITIONS, Event, Generate, Generation, generate, read_completed, read_failed, read_requested

SESSION, USER, SOURCE = (f"{digit}a1d2c3e-0000-4000-8000-00000000000{digit}" for digit in "789")
AT = datetime(2026, 3, 1, 9, tzinfo=UTC)
START = Announce("0b0f3f0e-6a0e-4c55-9a57-1b6f0c2f9d10", "nlj.content.generation", SESSION, {})
STATUSES = ("pending", "processing", "completed", "failed", "cancelled")
EVENTS: tuple[Event, ...] = get_args(Event)


def statement(result: dict[str, Any] | None = None, **context: Any) -> dict[str, Any]:
    return {
        "id": "0b0f3f0e-6a0e-4c55-9a57-1b6f0c2f9d10",
        "timestamp": AT.isoformat(),
        "actor": {"account": {"homePage": "http://nlj.platform", "name": USER}},
        "object": {"id": f"{N}content-generation-sessions/{SESSION}", "definition": {"name": {"en-US": "Quiz"}}},
        "result": {"extensions": {X + name: value for name, value in (result or {}).items()}},
        "context": {"extensions": {X + name: value for name, value in context.items()}},
    }


def a(event: Event) -> Generate:
    return Generate(event, SESSION, {}, AT, causes=[START] if event == "requested" else ())


def after(status: str | None, event: Event) -> str | None:
    """The status after an event; None if it is refused."""
    decision = generate(Generation(status), a(event))
    if isinstance(decision, Refusal):
        return None
    written = [change.values["status"] for change in decision if isinstance(change, Insert | Update) and "status" in change.values]
    return written[-1] if written else status


@pytest.mark.parametrize(
    ("status", "event", "becomes"),
    [
        (None, "requested", "pending"),
        ("pending", "requested", "pending"),
        ("processing", "requested", "processing"),
        ("failed", "requested", "pending"),
        ("completed", "requested", None),
        ("pending", "started", "processing"),
        ("processing", "started", "processing"),
        ("completed", "started", "completed"),
        ("failed", "started", "failed"),
        ("pending", "completed", "completed"),
        ("processing", "completed", "completed"),
        ("completed", "completed", "completed"),
        ("failed", "completed", "completed"),
        ("pending", "failed", "failed"),
        ("processing", "failed", "failed"),
        ("failed", "failed", "failed"),
        ("completed", "failed", None),
    ],
)
def test_a_status_moves_by_the_table(status: str | None, event: Event, becomes: str | None) -> None:
    assert after(status, event) == becomes


@pytest.mark.parametrize("event", EVENTS)
def test_what_was_cancelled_stays_so_and_the_refusal_says_why(event: Event) -> None:
    assert generate(Generation("cancelled"), a(event)) == Refusal(f"a generation session that is cancelled cannot be {event}")


@pytest.mark.parametrize(("status", "event"), list(product((None, *STATUSES), EVENTS)))
def test_every_request_that_is_not_refused_asks_for_a_run_and_nothing_else_does(status: str | None, event: Event) -> None:
    decision = generate(Generation(status), a(event))
    asked = not isinstance(decision, Refusal) and START in decision
    assert asked is (event == "requested" and (status, event) in TRANSITIONS)


@given(st.lists(st.sampled_from(EVENTS), max_size=12))
def test_what_is_completed_never_becomes_anything_else(events: list[Event]) -> None:
    status: str | None = "completed"
    for event in events:
        status = after(status, event) or status
    assert status == "completed"


def test_a_start_that_the_api_has_noted_keeps_its_time() -> None:
    earlier = datetime(2026, 3, 1, 8, tzinfo=UTC)
    [made] = generate(Generation("processing", earlier), a("started"))  # type: ignore[misc]  # a decision that is no refusal
    assert made.values["started_at"] == earlier


def test_asking_again_after_a_failure_forgets_it() -> None:
    [made, start] = generate(Generation("failed", AT), a("requested"))  # type: ignore[misc]  # a decision that is no refusal
    assert made.values == {"status": "pending", "error_message": None, "started_at": None, "completed_at": None}
    assert start is START


def test_a_request_says_the_same_in_either_contract() -> None:
    config = {"generated_prompt_text": "Write six questions", "generation_type": "quiz"}
    old = read_requested(statement(prompt_config=config, source_document_ids=[SOURCE]))
    new = read_requested(statement({"prompt": "Write six questions", "content_type": "quiz", "source_documents": [SOURCE]}))
    assert old == new
    assert (old.columns["prompt_config"], old.sources) == (config, [SOURCE])


@pytest.mark.parametrize("told", [{"error_message": "cut off"}, {}])
def test_a_failure_says_why_wherever_the_contract_puts_it(told: dict[str, str]) -> None:
    assert read_failed(statement(None, **told)) == read_failed(statement(told))


def test_an_end_tells_what_it_took() -> None:
    assert read_completed(statement({"tokens_used": 700, "duration_seconds": 31.5})).columns == {
        "total_tokens_used": 700,
        "generation_time_seconds": 31.5,
        "error_message": None,
    }


@pytest.mark.parametrize("result", [{"tokens_used": "many"}, {"tokens_used": -1}, {"tokens_used": True}, {"duration_seconds": []}])
def test_numbers_that_are_none_are_unreadable(result: dict[str, Any]) -> None:
    with pytest.raises(UnreadableEventError):
        read_completed(statement(result))


@pytest.mark.parametrize("sources", ["x", ["x"], [5], [SOURCE] * 1_001])
def test_sources_that_cannot_be_read_are_refused(sources: Any) -> None:
    with pytest.raises(UnreadableEventError):
        read_requested(statement(source_document_ids=sources))
