"""An answer is kept as long as the index is the same."""

from __future__ import annotations

import asyncio
from typing import Any, cast

import pytest
from elasticsearch import AsyncElasticsearch

from nljctl.api import remembered
from nljctl.api.remembered import LARGEST, Remembered


class Index:
    """Tells its state as Elasticsearch's statistics do."""

    def __init__(self) -> None:
        self.uuid, self.refreshes, self.count, self.deleted = "u", 1, 10, 0

    @property
    def indices(self) -> Index:
        return self

    async def stats(self, **_: Any) -> dict[str, Any]:
        primaries = {"refresh": {"external_total": self.refreshes}, "docs": {"count": self.count, "deleted": self.deleted}}
        return {"indices": {"i": {"uuid": self.uuid, "primaries": primaries}}}


class Question:
    """Counts how often it was asked; the answer is that count."""

    def __init__(self, padding: str = "") -> None:
        self.asked = 0
        self.padding = padding

    async def __call__(self) -> dict[str, Any]:
        self.asked += 1
        await asyncio.sleep(0)
        return {"asked": self.asked, "padding": self.padding}


@pytest.fixture(autouse=True)
def always_look(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(remembered, "STAMP_SECONDS", -1.0)


def over(index: Index) -> Remembered:
    return Remembered(cast("AsyncElasticsearch", index), "i")


async def test_the_same_question_is_asked_once_even_at_once() -> None:
    question, answers = Question(), over(Index())
    found = [*await asyncio.gather(*(answers(("q", 1), question) for _ in range(5))), await answers(("q", 1), question)]
    assert (question.asked, len(set(found))) == (1, 1)


async def test_another_question_is_another_answer() -> None:
    question, answers = Question(), over(Index())
    assert await answers(("q", 1), question) != await answers(("q", 2), question)


@pytest.mark.parametrize("change", [{"refreshes": 2}, {"count": 11}, {"deleted": 1}, {"uuid": "another"}])
async def test_what_changes_the_index_changes_the_answer(change: dict[str, Any]) -> None:
    index, question = Index(), Question()
    answers = over(index)
    await answers(("q",), question)
    for name, value in change.items():
        setattr(index, name, value)
    await answers(("q",), question)
    assert question.asked == 2


async def test_a_large_answer_is_not_kept() -> None:
    question, answers = Question("x" * LARGEST), over(Index())
    await answers(("q",), question)
    await answers(("q",), question)
    assert question.asked == 2


async def test_a_failure_is_asked_again() -> None:
    answers = over(Index())

    async def broken() -> None:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await answers(("q",), broken)
    assert await answers(("q",), Question()) == b'{"asked":1,"padding":""}'
