"""The catalogue's table agrees with itself and with the topics."""

from __future__ import annotations

import pytest

from nljctl.catalogue.events import BY_NAME, EVENTS
from nljctl.catalogue.topics import SUBSCRIBED, TOPICS


def test_names_are_unique() -> None:
    assert len(BY_NAME) == len(EVENTS)


def test_subscribed_are_exactly_the_topics_on_which_an_event_is_recognised() -> None:
    recognised = {topic for event in EVENTS for form in event.forms for topic in (event.topic, *form.topics)}

    assert sorted(recognised) == list(SUBSCRIBED)


@pytest.mark.parametrize(
    ("topic", "partitions", "retention_days"),
    [
        ("nlj.training.bookings", 12, 30),
        ("nlj.training.certificates", 3, 90),
        ("nlj.content.generation", 6, 90),
        ("nlj.survey.responses", 8, 90),
        ("xapi-events", 6, 90),
    ],
)
def test_topics_are_as_the_platform_makes_them(topic: str, partitions: int, retention_days: int) -> None:
    made = TOPICS[topic]

    assert (made.partitions, made.retention_days) == (partitions, retention_days)


@pytest.mark.parametrize(
    ("name", "aggregate"),
    [
        ("program.published", "program"),
        ("booking.waitlisted", "session"),
        ("attendance.completed", "session"),
        ("content.generation.failed", "generation"),
        ("node.answered", "node"),
        ("content.generation.progress", None),
        ("session.conflict", None),
        ("survey.answered", None),
    ],
)
def test_an_event_has_effects_if_and_only_if_something_owns_them(name: str, aggregate: str | None) -> None:
    event = BY_NAME[name]

    assert event.aggregate == aggregate
    assert event.has_effects is (aggregate is not None)


@pytest.mark.parametrize("event", EVENTS, ids=lambda event: event.name)
def test_every_event_is_written_by_some_producer(event: object) -> None:
    assert any(BY_NAME[event.name].form(contract) for contract in ("old", "new"))  # type: ignore[attr-defined]  # parametrize hides the type
