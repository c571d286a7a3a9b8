"""Which shares a shift goes through."""

from __future__ import annotations

import pytest

from nljctl.effects.plan import Epoch
from nljctl.errors import ConfigurationError, RefusedError, UsageError
from nljctl.migration.shares import path, state_at, targets
from nljctl.migration.shift import plan_steps
from nljctl.migration.states import State
from nljctl.migration.steps import Steps


def standing(share: int, state: State = State.SHIFTING) -> list[Epoch]:
    return [Epoch(1, 0, "1", "initial", State.LEGACY, {}), Epoch(2, share, "1", "shift", state, {})]


def test_one_share_or_several_ascending_ones() -> None:
    assert targets(10, None) == (10,)
    assert targets(0, None) == (0,)
    assert targets(None, "1,10, 50,100") == (1, 10, 50, 100)


@pytest.mark.parametrize(
    ("to", "steps"),
    [(None, None), (10, "1,10"), (101, None), (-1, None), (None, ""), (None, "10,1"), (None, "1,1"), (None, "0,5"), (None, "5,101"), (None, "a")],
)
def test_anything_else_is_bad_usage(to: int | None, steps: str | None) -> None:
    with pytest.raises(UsageError):
        targets(to, steps)


@pytest.mark.parametrize(
    ("share", "asked", "left"),
    [
        (0, (10,), (10,)),
        (10, (10,), ()),
        (50, (10,), (10,)),
        (50, (0,), (0,)),
        (0, (1, 10, 50), (1, 10, 50)),
        (10, (1, 10, 50), (50,)),
        (5, (1, 10, 50), (10, 50)),
        (50, (1, 10, 50), ()),
        (80, (1, 10, 50), ()),
    ],
)
def test_what_is_left_to_do(share: int, asked: tuple[int, ...], left: tuple[int, ...]) -> None:
    assert path(standing(share), asked) == left


def test_where_legacy_does_not_run_there_is_nothing_to_shift_but_all_may_be_done() -> None:
    assert path(standing(100, State.CUT_OVER), (50, 100)) == ()
    with pytest.raises(RefusedError, match="cut over"):
        path(standing(100, State.CUT_OVER), (50,))
    with pytest.raises(RefusedError, match="removed"):
        path(standing(100, State.LEGACY_REMOVED), (50,))


def test_before_the_first_epoch_it_says_what_to_run() -> None:
    with pytest.raises(ConfigurationError) as refused:
        path([], (10,))
    assert "nljctl setup" in refused.value.hint


def test_without_a_share_the_state_is_that_of_legacy_beside_a_reader() -> None:
    assert (state_at(0), state_at(1), state_at(100)) == (State.LEGACY, State.SHIFTING, State.SHIFTING)


def test_the_plan_names_each_step_and_what_is_so_already() -> None:
    steps = Steps()
    plan_steps(steps, standing(10)[-1], (1, 10, 50), (50,), hold=60)
    assert [(step.step, step.status) for step in steps.steps] == [
        ("1 %", "already"),
        ("10 %", "already"),
        ("50 %: gates", "planned"),
        ("50 %: fence", "planned"),
        ("50 %: passed", "planned"),
        ("50 %: hold", "planned"),
    ]
