"""What the analytics routes ask: the index behind the alias, through answers that are remembered."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Any, TypeVar

import msgspec
from elasticsearch import AsyncElasticsearch
from starlette.responses import Response

from nljctl.analytics import View
from nljctl.api.envelope import enveloped
from nljctl.api.mirror import Mirror
from nljctl.api.remembered import Remembered
from nljctl.settings import Settings
from nljctl.store.index import ALIAS

T = TypeVar("T")


class Reads:
    """One Elasticsearch, read through the alias `xapi-analytics` and nothing else.

    Args:
        settings: where it is.
        client: asks it.
    """

    index = ALIAS

    def __init__(self, settings: Settings, client: AsyncElasticsearch) -> None:
        self.client = client
        self._remembered = Remembered(client, ALIAS)
        self._mirror = Mirror(settings, client, ALIAS, self._remembered.stamp)

    @staticmethod
    def now() -> datetime:
        return datetime.now(UTC)

    @property
    def held(self) -> int | None:
        """How many statements answers are counted from in memory; None while the index itself is asked."""
        return self._mirror.statements

    async def of(self, question: Callable[[View], Awaitable[T]], since: datetime | None = None, until: datetime | None = None) -> T:
        """The answer to a question about the statements of a time, counted now."""
        async with self._mirror.view(since, until) as view:
            return await question(view)

    async def enveloped(self, name: str, ask: Callable[[], Awaitable[Any]], **filters: Any) -> Response:
        """The answer to a question in the platform's envelope. `name` and `filters` together are the question."""

        async def in_envelope() -> dict[str, Any]:
            return enveloped(await ask(), **filters)

        return await self.plain(name, in_envelope, **filters)

    async def known(self, name: str, ask: Callable[[], Awaitable[Any]], **filters: Any) -> Any:
        """An answer of which a response is made, as JSON gives it back; remembered as responses are."""
        return msgspec.json.decode(await self._remembered((name, *sorted(filters.items(), key=lambda item: item[0])), ask))

    async def plain(self, name: str, ask: Callable[[], Awaitable[Any]], **filters: Any) -> Response:
        """The answer to a question that is its own envelope."""
        answer = await self._remembered((name, *sorted(filters.items(), key=lambda item: item[0])), ask)
        return Response(answer, media_type="application/json")
