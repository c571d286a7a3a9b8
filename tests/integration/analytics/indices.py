"""Both indices and what is in them, and questions to them."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from elasticsearch import AsyncElasticsearch
from stacks import Stack

from nljctl.store.client import elasticsearch

Value = TypeVar("Value")


@dataclass(frozen=True)
class Indices:
    """The names of the indices, and the statements as they were published."""

    stack: Stack
    new: str
    legacy: str
    statements: list[dict[str, Any]]

    @property
    def of_legacy(self) -> list[dict[str, Any]]:
        """Those that Ralph takes: it refuses an actor with two identifiers."""
        return [statement for statement in self.statements if not {"mbox", "account"} <= set(statement["actor"])]

    def of(self, index: str) -> list[dict[str, Any]]:
        return self.statements if index == self.new else self.of_legacy

    def ask(self, question: Callable[[AsyncElasticsearch], Awaitable[Value]]) -> Value:
        """Asks with a client of its own."""

        async def run() -> Value:
            async with elasticsearch(self.stack.settings) as client:
                return await question(client)

        return asyncio.run(run())
