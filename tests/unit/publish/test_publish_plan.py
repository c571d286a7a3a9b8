"""What a wish comes to, and which wishes cannot be meant."""

from __future__ import annotations

from typing import Any

import pytest

from nljctl.catalogue.events import EVENTS
from nljctl.errors import UsageError
from nljctl.publish.plan import HARMLESS, Wish, plan


def request(**wish: Any) -> Any:
    made = plan(Wish(**wish), seed=1).request
    assert made is not None
    return made


def test_nothing_said_is_one_harmless_statement() -> None:
    made = plan(Wish(), seed=1)

    assert made.request is not None
    assert (made.count, made.request.events, made.with_effects) == (1, (HARMLESS,), ())


def test_a_count_alone_takes_all_events() -> None:
    assert request(count=100).events == ()


def test_events_without_a_count_come_once_each() -> None:
    assert request(events=("program.created", "learning.completed")).count == 2
    assert request(events=("all",)).count == len(EVENTS)


def test_rate_and_duration_make_the_count() -> None:
    assert plan(Wish(rate=50, duration=10), seed=1).count == 500


def test_a_duration_alone_leaves_the_count_open() -> None:
    assert plan(Wish(duration=10), seed=1).count is None


def test_effects_of_parents_count() -> None:
    assert plan(Wish(events=("session.conflict",)), seed=1).with_effects == ("program.created", "session.scheduled")


def test_a_seed_that_is_said_is_taken() -> None:
    assert (plan(Wish(seed=0), seed=1).seed, plan(Wish(), seed=1).seed) == (0, 1)


def test_a_file_goes_to_the_general_topic_unless_another_is_named() -> None:
    assert plan(Wish(file="-"), seed=1).topic == "xapi-events"
    assert plan(Wish(file="-", topic="nlj.training.programs"), seed=1).with_effects == ("program.created", "program.published")


@pytest.mark.parametrize(
    "wish",
    [
        {"count": 0},
        {"count": -1},
        {"rate": 0.0},
        {"rate": -1.0},
        {"rate": float("nan")},
        {"rate": float("inf")},
        {"duration": 0.0},
        {"invalid": -1.0},
        {"invalid": 101.0},
        {"duplicates": float("nan")},
        {"duplicates": 100.0},
        {"conflicts": 60.0, "duplicates": 40.0},
        {"invalid": 60.0, "duplicates": 60.0},
        {"invalid": 90.0, "duplicates": 10.0},
        {"events": ("booking.requestd",)},
        {"topic": "xapi-events"},
        {"contract": "newest"},
        {"contract": "old", "events": ("workflow.approved",)},
        {"contract": "new", "events": ("content.generation.modified",)},
        {"file": "x", "events": ("all",)},
        {"file": "x", "invalid": 2.0},
        {"file": "x", "contract": "old"},
    ],
    ids=str,
)
def test_what_cannot_be_meant_is_refused_with_a_hint(wish: dict[str, Any]) -> None:
    with pytest.raises(UsageError) as refusal:
        plan(Wish(**wish), seed=1)

    assert refusal.value.hint


def test_everything_invalid_can_be_meant() -> None:
    assert request(count=10, invalid=100.0).invalid == 100.0
