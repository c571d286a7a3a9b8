"""What the analytics routes ask: the index behind the alias, through answers that are remembered."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Any

from elasticsearch import AsyncElasticsearch
from starlette.responses import Response

from nljctl.api.envelope import enveloped
from nljctl.api.remembered import Remembered
from nljctl.store.index import ALIAS


class Reads:
    """One Elasticsearch, read through the alias `xapi-analytics` and nothing else.

    Args:
        client: asks it.
    """

    index = ALIAS

    def __init__(self, client: AsyncElasticsearch) -> None:
        self.client = client
        self._remembered = Remembered(client, ALIAS)

    @staticmethod
    def now() -> datetime:
        return datetime.now(UTC)

    async def enveloped(self, name: str, ask: Callable[[], Awaitable[Any]], **filters: Any) -> Response:
        """The answer to a question in the platform's envelope. `name` and `filters` together are the question."""

        async def in_envelope() -> dict[str, Any]:
            return enveloped(await ask(), **filters)

        return await self.plain(name, in_envelope, **filters)

    async def plain(self, name: str, ask: Callable[[], Awaitable[Any]], **filters: Any) -> Response:
        """The answer to a question that is its own envelope."""
        answer = await self._remembered((name, *sorted(filters.items(), key=lambda item: item[0])), ask)
        return Response(answer, media_type="application/json")
