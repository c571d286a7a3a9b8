"""The new index, the dead-letter topic and the LRS in memory. A store can be held up: what is on its way then waits, as long as a zombie does."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime

import msgspec
from doom import Killed

from nljctl.pipelines.faststream.deadletters import DeadLetter
from nljctl.pipelines.legacy.ralph import Answer, Kind
from nljctl.store.documents import Document
from nljctl.store.writer import Written


class Gate:
    """Open, closed, or broken: who waits at a broken one dies."""

    def __init__(self) -> None:
        self._open = asyncio.Event()
        self._open.set()
        self._broken = False

    @property
    def closed(self) -> bool:
        return not self._open.is_set()

    def close(self) -> None:
        self._open.clear()

    def open(self) -> None:
        self._open.set()

    def break_(self) -> None:
        self._broken = True
        self._open.set()

    async def pass_(self) -> None:
        await self._open.wait()
        if self._broken:
            raise Killed


class Index:
    """Documents by id, as one group's members write them; and the coordinates of dead letters."""

    def __init__(self) -> None:
        self.documents: dict[str, Document] = {}
        self.letters: set[tuple[str, int, int]] = set()


class IndexWriter:
    """One member's way to the index: StatementWriter and DeadLetters in one."""

    def __init__(self, index: Index, gate: Gate) -> None:
        self._index = index
        self._gate = gate

    async def write(self, documents: Sequence[Document]) -> list[Written]:
        await self._gate.pass_()
        return [self._write(document) for document in documents]

    def _write(self, document: Document) -> Written:
        held = self._index.documents.setdefault(document.id, document)
        if held.origin == document.origin:
            return Written("stored")
        return Written("duplicate" if held.digest == document.digest else "conflict")

    async def send(self, letters: Sequence[DeadLetter]) -> None:
        self._index.letters.update((letter.origin.topic, letter.origin.partition, letter.origin.offset) for letter in letters)


class Lrs:
    """Statements by id. It judges nothing."""

    def __init__(self) -> None:
        self.statements: dict[str, tuple[bytes, datetime]] = {}


class LrsClient:
    """One consumer's way to the LRS: what the legacy sender asks of Ralph."""

    def __init__(self, lrs: Lrs, gate: Gate) -> None:
        self._lrs = lrs
        self._gate = gate

    async def post(self, body: bytes) -> Answer:
        await self._gate.pass_()
        id_ = str(msgspec.json.decode(body)["id"]).lower()
        held = self._lrs.statements.setdefault(id_, (body, datetime.now(UTC)))
        if held[0] is body:
            return Answer(Kind.STORED)
        return Answer(Kind.DUPLICATE if held[0] == body else Kind.CONFLICT)

    async def stored_at(self, id_: str) -> datetime | None:
        held = self._lrs.statements.get(id_.lower())
        return held[1] if held else None
