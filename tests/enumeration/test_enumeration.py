"""Every state of small worlds: no effect twice or never, in the log's order, and an end within reach of everywhere. The large ones: scripts/enumerate."""

from __future__ import annotations

from collections.abc import Callable

import model
import pytest
from model import World
from search import search
from worlds import SHORT, SMALL

from nljctl.effects.claim import Admission, Position
from nljctl.kafka.offsets import Span


@pytest.mark.parametrize("world", SHORT, ids=lambda world: world.name)
def test_no_state_of_a_small_world_breaks_a_rule(world: World, record_property: Callable[[str, object], None]) -> None:
    found = search(world)

    assert not found.broken, "\n".join([found.broken, *map(str, found.history)])
    assert found.complete
    assert found.ends > 0
    record_property("states", found.states)


ONE_AGGREGATE: model.Log = (model.Record("first", model.MOVES), model.Record("second", model.MOVES)), (model.Record("other", model.STAYS),)
"""Two records of one aggregate that moves, on one partition: only a barrier keeps them in order."""


KEPT: model.Log = (tuple(model.Record(name, model.MOVES) for name in ("one", "two", "three")), ())
"""Three records of one aggregate that has been faststream's since the first shift."""


def calm(log: model.Log, *commands: str) -> World:
    """A world without misfortunes."""
    return World(", ".join(commands), log, commands, deaths=0, zombies=0, lost=0, kills=0)


def test_without_the_order_barrier_the_enumeration_finds_the_disorder(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(model, "_barrier", lambda plans, p, other: None)

    assert search(calm(ONE_AGGREGATE, "shift")).broken.startswith("OrderError")


def test_if_nothing_waited_that_changes_its_owner_it_finds_the_disorder(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(model, "_waits", lambda plans, p, offset, aggregate, who, other: False)

    assert search(calm(ONE_AGGREGATE, "shift")).broken.startswith("OrderError")


def test_an_aggregate_that_keeps_its_owner_never_waits_at_a_fence() -> None:
    """Legacy stays behind for ever, and faststream's own aggregates go on all the same."""
    plans = (model.Plan(0, "initial", (0, 0)), model.Plan(model.SHARE, "shift", (0, 0)), model.Plan(100, "cutover", (2, 0)))
    state = calm(KEPT, "shift").begin()._replace(plans=plans, positions=((Position(0, 0),) * 2, (Position(2, 2), Position(0, 0))))

    assert calm(KEPT, "shift")._barrier(state, model.F, 0, Span(2, 3)) is None


def test_without_fences_it_finds_a_record_judged_by_two_plans(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(model, "fences_of", lambda legacy, faststream: dict.fromkeys(legacy, 0))

    assert search(calm(SMALL, "shift")).broken.startswith("TwicePlannedError")


def test_without_settling_it_finds_the_effect_that_nobody_applies(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(World, "_settle", lambda self, state, whose: iter([(("settled",), state._replace(pc=state.pc + 1))]))

    assert search(calm(SMALL, "shift", "rollback")).broken.startswith("LostEffectError")


def test_if_a_claim_took_no_notice_of_the_position_it_finds_the_skipped_effect(monkeypatch: pytest.MonkeyPatch) -> None:
    def careless(claim: Span, position: Position, waits: int | None) -> Admission:
        end = claim.end if waits is None else min(claim.end, waits)
        return Admission(claim, Span(claim.begin, end), Position(claim.end, max(position.effects_next, end)))

    monkeypatch.setattr(model, "_admit", careless)

    assert search(calm(ONE_AGGREGATE, "shift")).broken.startswith("LostEffectError")
