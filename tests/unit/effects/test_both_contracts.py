"""Both producer contracts mean the same: what they write of one subject is read into one command."""

from __future__ import annotations

from dataclasses import asdict
from datetime import UTC, datetime
from random import Random
from typing import Any

import msgspec
import pytest

from nljctl.catalogue.event import Contract
from nljctl.catalogue.events import BY_NAME
from nljctl.catalogue.samples.frame import Moment
from nljctl.catalogue.samples.shapes import SHAPES
from nljctl.catalogue.samples.world import World
from nljctl.effects.registry import EFFECTS
from nljctl.judge import judge
from nljctl.judgement import Origin

AT = datetime(2026, 3, 1, 9, tzinfo=UTC)

TOLD_BY_ONE: dict[str, tuple[str, ...]] = {
    "session.scheduled": ("end", "instructor"),
    "booking.requested": ("requirements",),
    "booking.confirmed": ("aggregate", "by", "reason"),
    "booking.waitlisted": ("aggregate",),
    "booking.cancelled": ("aggregate",),
    "attendance.completed": ("values.assessment_score",),
    "content.generation.requested": ("columns.prompt_config", "sources", "causes"),  # samples draw other prompts: test_generations.py has equal ones
    "content.generation.completed": ("columns.total_tokens_used", "columns.generation_time_seconds"),
}
"""What only one of the contracts carries, or carries in another form."""


def command(event: str, contract: Contract, subject: Any) -> dict[str, Any]:
    form = BY_NAME[event].form(contract)
    assert form is not None
    statement = SHAPES[event, form.contract](subject, Moment(AT, form, contract, Random(7)))
    judgement = judge(msgspec.json.encode(statement), Origin(BY_NAME[event].topic, 0, 0, 0))
    assert judgement.event == event
    flat: dict[str, Any] = {}
    for name, value in asdict(EFFECTS[event].read(msgspec.json.decode(judgement.body))).items():
        flat |= {f"{name}.{key}": item for key, item in value.items()} if isinstance(value, dict) and name != "requirements" else {name: value}
    return flat


@pytest.mark.parametrize("event", EFFECTS)
def test_both_contracts_are_read_into_the_same_command(event: str) -> None:
    _, drawn = World(Random(3), AT, frozenset()).draw(event)
    old, new = (command(event, contract, drawn.subject) for contract in ("old", "new"))  # type: ignore[arg-type]  # a tuple's literals are strings
    ignored = TOLD_BY_ONE.get(event, ())
    assert {name: value for name, value in old.items() if name not in ignored} == {name: value for name, value in new.items() if name not in ignored}


def test_every_event_that_the_catalogue_gives_an_owner_has_an_effect_and_no_other() -> None:
    assert set(EFFECTS) == {name for name, event in BY_NAME.items() if event.has_effects}
