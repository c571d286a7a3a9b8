"""An HTTP proxy in front of Elasticsearch that answers in its place, partly in its place, late, or not at all."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from aiohttp import ClientError, ClientSession, ClientTimeout, TCPConnector, web
from loop_thread import LoopThread
from tcp_proxy import LOOPBACK

LARGEST_REQUEST = 256 * 1024 * 1024
HOP_BY_HOP = frozenset({"connection", "content-length", "host", "keep-alive", "transfer-encoding"})
REJECTED = {"type": "es_rejected_execution_exception", "reason": "rejected execution of coordinating operation"}


@dataclass(frozen=True, slots=True)
class Reply:
    status: int
    body: bytes
    headers: tuple[tuple[str, str], ...] = ()


Forward = Callable[[bytes], Awaitable[Reply]]
Rule = Callable[[str, bytes, Forward], Awaitable[Reply | None]]
"""What becomes of a request, by its path and body; None cuts the connection instead of an answer."""


async def transparent(_path: str, body: bytes, forward: Forward) -> Reply | None:
    return await forward(body)


def refuse(status: int) -> Rule:
    """Every request is answered by this status, and Elasticsearch sees none."""

    async def rule(_path: str, _body: bytes, _forward: Forward) -> Reply | None:
        return _json(status, {"error": REJECTED, "status": status})

    return rule


async def refuse_every_second_item(path: str, body: bytes, forward: Forward) -> Reply | None:
    """The first, third, … document of a bulk goes on to Elasticsearch; those between are answered 429, each in its place."""
    if not path.endswith("/_bulk"):
        return await forward(body)
    lines = body.rstrip(b"\n").split(b"\n")
    documents = [b"%b\n%b\n" % (lines[begin], lines[begin + 1]) for begin in range(0, len(lines), 2)]
    reply = await forward(b"".join(documents[::2]))
    if reply.status != 200:
        return reply
    answer = json.loads(reply.body)
    passed = iter(answer["items"])
    refused = {"create": {"status": 429, "error": REJECTED}}
    answer["errors"] = True
    answer["items"] = [refused if number % 2 else next(passed) for number in range(len(documents))]
    return _json(200, answer, reply.headers)


def slow(seconds: float) -> Rule:
    """Every answer comes so much later."""

    async def rule(_path: str, body: bytes, forward: Forward) -> Reply | None:
        reply = await forward(body)
        await asyncio.sleep(seconds)
        return reply

    return rule


class LostAnswers:
    """Elasticsearch does what a bulk asks, and two of three answers are lost with their connections: aiohttp asks once more by itself."""

    def __init__(self) -> None:
        self._bulks = 0

    async def __call__(self, path: str, body: bytes, forward: Forward) -> Reply | None:
        reply = await forward(body)
        if not path.endswith("/_bulk"):
            return reply
        self._bulks += 1
        return None if self._bulks % 3 else reply


class BulkProxy:
    """Forwards whole requests; `rule` decides what becomes of each. Listens on `port`; `ruled` counts requests that met a rule."""

    def __init__(self, loop: LoopThread, target_port: int) -> None:
        self._loop = loop
        self._target = f"http://{LOOPBACK}:{target_port}"
        self._session: ClientSession | None = None
        self._runner: web.AppRunner | None = None
        self.rule: Rule = transparent
        self.ruled = 0
        self.port = 0
        loop.run(self._listen())

    def close(self) -> None:
        self._loop.run(self._close())

    async def _listen(self) -> None:
        # No limits of its own: whoever waits too long decides that himself.
        plain = ("Accept-Encoding", "User-Agent")
        self._session = ClientSession(auto_decompress=False, skip_auto_headers=plain, timeout=ClientTimeout(total=None), connector=TCPConnector(limit=0))
        app = web.Application(client_max_size=LARGEST_REQUEST)
        app.router.add_route("*", "/{path:.*}", self._handle)
        self._runner = web.AppRunner(app, access_log=None)
        await self._runner.setup()
        site = web.TCPSite(self._runner, LOOPBACK, 0)
        await site.start()
        self.port = self._runner.addresses[0][1]

    async def _close(self) -> None:
        if self._runner is not None:
            await self._runner.cleanup()
        if self._session is not None:
            await self._session.close()

    async def _handle(self, request: web.Request) -> web.StreamResponse:
        async def forward(body: bytes) -> Reply:
            return await self._forward(request, body)

        self.ruled += self.rule is not transparent
        try:
            reply = await self.rule(request.path, await request.read(), forward)
        except ClientError:
            reply = None
        if reply is None:
            if request.transport is not None:
                request.transport.abort()
            return web.Response(status=502)
        response = web.Response(status=reply.status, body=reply.body)
        response.headers.extend(reply.headers)
        return response

    async def _forward(self, request: web.Request, body: bytes) -> Reply:
        assert self._session is not None
        headers = [(name, value) for name, value in request.headers.items() if name.lower() not in HOP_BY_HOP]
        async with self._session.request(request.method, self._target + request.raw_path, data=body, headers=headers) as answer:
            kept = tuple((name, value) for name, value in answer.headers.items() if name.lower() not in HOP_BY_HOP)
            return Reply(answer.status, await answer.read(), kept)


def _json(status: int, document: Any, headers: tuple[tuple[str, str], ...] = ()) -> Reply:
    kept = headers or (("Content-Type", "application/vnd.elasticsearch+json;compatible-with=8"), ("X-Elastic-Product", "Elasticsearch"))
    return Reply(status, json.dumps(document).encode(), kept)
