"""A stack with both consumers that have read the same events, and hands that change documents behind their backs."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar
from uuid import uuid4

from elasticsearch import AsyncElasticsearch
from sqlalchemy import text
from stacks import Answer, Stack

from nljctl.effects.database import engine
from nljctl.store.client import elasticsearch
from nljctl.store.scan import scan, scanner

EVENTS, RICH = 300, 120
"""Records of the comparison's platform: events of the catalogue, and statements of planted.py."""

SETTLE_SECONDS = 180

INDEX = {"faststream": "xapi-statements", "legacy": "statements"}

Documents = dict[str, dict[str, Any]]
Value = TypeVar("Value")


class Platform:
    """Both indices as they are after everything published has been processed."""

    def __init__(self, stack: Stack) -> None:
        self.stack = stack

    @property
    def records(self) -> int:
        """What the log holds: what was published, and what effects have announced."""
        [[announced]] = self.query("SELECT count(*) FROM nljctl.outbox WHERE published_at IS NOT NULL")
        return EVENTS + RICH + int(announced)

    def settle(self) -> None:
        """Waits until both consumers have read everything, what effects have announced too."""
        deadline = time.monotonic() + SETTLE_SECONDS
        while not (self._caught_up() and self.query("SELECT count(*) FROM nljctl.outbox WHERE published_at IS NULL") == [[0]] and self._caught_up()):
            assert time.monotonic() < deadline, f"not read to the end after {SETTLE_SECONDS} s"
            time.sleep(0.5)

    def _caught_up(self) -> bool:
        return bool(self.stack.run("status", "--json").document["lag"] == {"faststream": 0, "legacy": 0})

    def compare(self, *arguments: str) -> Answer:
        """Compares; analytics, which take most of the time of a small comparison, only with `--analytics`."""
        without = () if "--analytics" in arguments else ("--no-analytics",)
        return self.stack.run("compare-legacy", "--wait", "180", "--limit", "5000", *without, *arguments, "--json")

    def statements(self, *arguments: str) -> Answer:
        """The same of statements alone, which takes half the time."""
        return self.compare("--no-effects", "--no-analytics", *arguments)

    def unexplained(self) -> set[tuple[str, str, str]]:
        """Differences that nothing explains, as (side, id, class)."""
        found = self.statements().document["differences"]
        return {(entry["side"], entry["id"], entry["class"]) for entry in found if not entry["explained"]}

    def documents(self, side: str) -> Documents:
        """Every document of an index, by id."""

        async def read() -> Documents:
            async with scanner(self.stack.settings) as client:
                return {hit.id: json.loads(bytes(hit.source)) async for page in scan(client, INDEX[side]) for hit in page}

        return asyncio.run(read())

    @contextmanager
    def changed(self, side: str, changes: dict[str, dict[str, Any] | None]) -> Iterator[None]:
        """Writes documents over (None deletes), and puts everything back afterwards."""
        before = self.documents(side)
        self._write(side, changes)
        try:
            yield
        finally:
            self._write(side, {id: before.get(id) for id in changes})

    def _write(self, side: str, changes: dict[str, dict[str, Any] | None]) -> None:
        async def write(client: AsyncElasticsearch) -> None:
            for id, source in changes.items():
                if source is None:
                    await client.options(ignore_status=404).delete(index=INDEX[side], id=id)
                else:
                    await client.index(index=INDEX[side], id=id, document=source)

        self._with_client(write)

    def query(self, statement: str) -> list[list[Any]]:
        """The rows that Postgres gives; none for a statement that gives no rows."""

        async def run() -> list[list[Any]]:
            async with engine(self.stack.settings) as made, made.begin() as connection:
                result = await connection.execute(text(statement))
                return [list(row) for row in result] if result.returns_rows else []

        return asyncio.run(run())

    @contextmanager
    def sql(self, statement: str, undo: str) -> Iterator[None]:
        """Changes rows by hand, and back afterwards."""
        self.query(statement)
        try:
            yield
        finally:
            self.query(undo)

    def _with_client(self, work: Callable[[AsyncElasticsearch], Awaitable[Value]]) -> Value:
        async def run() -> Value:
            async with elasticsearch(self.stack.settings) as client:
                return await work(client)

        return asyncio.run(run())


def copy_of(source: dict[str, Any], **changes: Any) -> dict[str, Any]:
    return {**json.loads(json.dumps(source)), **changes}


def new_id() -> str:
    return str(uuid4())
