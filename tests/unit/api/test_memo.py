"""An answer that is remembered for a moment."""

from __future__ import annotations

import asyncio

import pytest

from nljctl.api.memo import Memo


async def test_who_asks_at_once_gets_one_answer() -> None:
    asked = 0

    async def ask() -> int:
        nonlocal asked
        asked += 1
        await asyncio.sleep(0.01)
        return asked

    memo = Memo(ask, 60)
    assert await asyncio.gather(*(memo() for _ in range(10))) == [1] * 10


async def test_an_old_answer_is_asked_for_again() -> None:
    answers = iter((1, 2))

    async def ask() -> int:
        return next(answers)

    memo = Memo(ask, -1)
    assert [await memo(), await memo()] == [1, 2]


async def test_a_failure_is_not_remembered() -> None:
    outcomes = iter((ZeroDivisionError(), 7))

    async def ask() -> int:
        outcome = next(outcomes)
        if isinstance(outcome, Exception):
            raise outcome
        return outcome

    memo = Memo(ask, 60)
    with pytest.raises(ZeroDivisionError):
        await memo()
    assert await memo() == 7
