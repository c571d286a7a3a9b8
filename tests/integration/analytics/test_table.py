"""A table of an index's statements answers every question as the index does, on both mappings, and follows whatever is done to the index."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any

import pytest
from elasticsearch import AsyncElasticsearch
from indices import Indices
from month import CLIMATE, NOW, SECOND_BREATH, month
from plainly import everything

from nljctl import analytics
from nljctl.analytics import PERIODS, SurveyFilters, View, view_of
from nljctl.analytics.figures import figures
from nljctl.analytics.table import TableView
from nljctl.analytics.trends import METRICS
from nljctl.api import mirror as mirroring
from nljctl.api.mirror import Mirror
from nljctl.api.stamp import look
from nljctl.catalogue.names import N

TODAY = NOW.date()
WEEK = datetime(2025, 3, 5, tzinfo=UTC), datetime(2025, 3, 14, 12, tzinfo=UTC)
LONG_ID = N + "activities/" + "long-name-" * 60 + "1"

QUESTIONS: dict[str, Callable[[View], Awaitable[Any]]] = {
    "overview": lambda view: analytics.overview_of(view, now=NOW),
    "completion": lambda view: analytics.completion_of(view, now=NOW),
    "completion of one": lambda view: analytics.completion_of(view, activity_id=N + "activities/3", now=NOW),
    "learner": lambda view: analytics.learner_of(view, "sam@example.org", now=NOW),
    "activity": lambda view: analytics.activity_of(view, N + "activities/7", now=NOW),
    "long activity": lambda view: analytics.activity_of(view, LONG_ID, now=NOW),
    "question": lambda view: analytics.question_of(view, CLIMATE, "q1"),
    "demographics": lambda view: analytics.demographics_of(view, SECOND_BREATH, now=NOW),
    "performers": lambda view: analytics.performers_of(view, "overall", limit=100, time_period="30d", include_characteristics=True, now=NOW),
    "performers in training": lambda view: analytics.performers_of(view, "training", limit=3, time_period="90d", include_characteristics=True, now=NOW),
    **{
        f"survey by {group} of {only}": lambda view, group=group, only=only: analytics.survey_of(
            view, CLIMATE, filters=SurveyFilters(only, group, None, None), now=NOW
        )
        for group in (None, "department", "favourite_colour")
        for only in (None, "q1")
    },
    **{
        f"trends of {period}, {metric}": lambda view, period=period, metric=metric: analytics.trends_of(view, period=period, metric=metric, now=NOW)
        for period in PERIODS
        for metric in METRICS
    },
}


@pytest.fixture(params=["new", "legacy"])
def index(request: pytest.FixtureRequest, indices: Indices) -> str:
    return str(getattr(indices, request.param))


def mirror_of(indices: Indices, client: AsyncElasticsearch, index: str) -> Mirror:
    return Mirror(indices.stack.settings, client, index, lambda: look(client, index))


@asynccontextmanager
async def table(mirror: Mirror, *time: datetime) -> AsyncIterator[View]:
    async with mirror.view(*time) as view:
        assert isinstance(view, TableView)
        yield view


@pytest.mark.parametrize("time", [(), WEEK], ids=["all time", "a week"])
def test_the_table_answers_as_the_index_does(indices: Indices, index: str, time: tuple[datetime, ...]) -> None:
    async def ask(client: AsyncElasticsearch) -> None:
        of_index = (await view_of(client, index)).between(*(time or (None, None)))
        async with table(mirror_of(indices, client, index), *time) as view:
            for name, question in QUESTIONS.items():
                assert (name, await question(view)) == (name, await question(of_index))

    indices.ask(ask)


def test_the_table_gives_every_figure_that_plain_python_gives(indices: Indices, index: str) -> None:
    async def ask(client: AsyncElasticsearch) -> dict[tuple[str, str, str], Any]:
        async with table(mirror_of(indices, client, index)) as view:
            return {(kind, entity, name): value async for kind, entity, name, value in figures(view, today=TODAY)}

    assert indices.ask(ask) == everything(indices.of(index), TODAY)


async def all_of(view: View) -> dict[tuple[str, str, str], Any]:
    return {(kind, entity, name): value async for kind, entity, name, value in figures(view, today=TODAY)}


@pytest.mark.parametrize("shards", [1, 3])
def test_the_table_follows_what_is_written_replaced_and_deleted(indices: Indices, shards: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mirroring, "OVERLAPS", (3, 10))
    monkeypatch.setattr(mirroring, "REST", 0.0)
    index, chance = f"analytics-followed-{shards}", random.Random(5)
    given = month()
    chance.shuffle(given)

    async def change(client: AsyncElasticsearch, there: list[str]) -> None:
        for _ in range(chance.randrange(1, 12)):
            done = chance.choice(("add", "add", "add", "replace", "delete"))
            if done == "add" or not there:
                statement = given.pop()
                there.append(statement["id"])
                await client.index(index=index, id=statement["id"], document=statement)
            elif done == "replace":
                await client.index(index=index, id=chance.choice(there), document=given.pop())
            else:
                await client.delete(index=index, id=there.pop(chance.randrange(len(there))))

    async def ask(client: AsyncElasticsearch) -> None:
        await client.indices.create(index=index, settings={"number_of_replicas": 0, "number_of_shards": shards, "refresh_interval": "-1"})
        try:
            mirror, there = mirror_of(indices, client, index), list[str]()
            for _ in range(10):
                await change(client, there)
                if chance.random() < 0.8:
                    await client.indices.refresh(index=index)
                async with table(mirror) as view:
                    assert await all_of(view) == await all_of(await view_of(client, index))
        finally:
            await client.indices.delete(index=index)

    indices.ask(ask)


def test_while_much_is_to_be_read_the_index_itself_is_asked(indices: Indices, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mirroring, "AT_ONCE", 0)
    monkeypatch.setattr(mirroring, "REST", 0.0)
    index = "analytics-in-the-background"

    async def counted(mirror: Mirror) -> tuple[bool, int]:
        async with mirror.view() as view:
            return isinstance(view, TableView), await view.count()

    async def until_in_memory(mirror: Mirror, count: int) -> None:
        assert await counted(mirror) == (False, count)
        async with asyncio.timeout(60):
            while (found := await counted(mirror)) != (True, count):
                assert found == (False, count)
        assert mirror.statements == count

    async def ask(client: AsyncElasticsearch) -> None:
        mirror, (first, second, *_) = mirror_of(indices, client, index), month()
        assert await counted(mirror) == (False, 0)
        await client.indices.create(index=index, settings={"number_of_replicas": 0, "refresh_interval": "-1"})
        try:
            for count, statement in enumerate((first, second), 1):
                await client.index(index=index, id=str(count), document=statement, refresh=True)
                await until_in_memory(mirror, count)
        finally:
            await client.indices.delete(index=index)

    indices.ask(ask)


def test_a_view_does_not_see_what_is_written_while_it_is_asked(indices: Indices) -> None:
    index = "analytics-while-asked"

    async def ask(client: AsyncElasticsearch) -> None:
        await client.indices.create(index=index, settings={"number_of_replicas": 0})
        try:
            mirror, (first, second, *_) = mirror_of(indices, client, index), month()
            await client.index(index=index, id="1", document=first, refresh=True)
            async with table(mirror) as before:
                await client.index(index=index, id="2", document=second, refresh=True)
                async with table(mirror) as after:
                    assert (await before.count(), await after.count(), await before.count()) == (1, 2, 1)
        finally:
            await client.indices.delete(index=index)

    indices.ask(ask)
