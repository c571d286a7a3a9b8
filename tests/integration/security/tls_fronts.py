"""What encrypts and authenticates in front of services whose builds here cannot: real TLS peers that pass on what they let in.

Elasticsearch's free build in the local stack has no security module, and the Postgres wheel is built without OpenSSL.
"""

from __future__ import annotations

import asyncio
import ssl
import threading
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass
from typing import Any

import httpx
import uvicorn
from certificates import Pair

from nljctl.stack.local.ports import LOOPBACK

SSL_REQUEST = (8).to_bytes(4, "big") + (80877103).to_bytes(4, "big")
"""Postgres' protocol, 54.2.11: what a client sends first when it wants TLS."""

UNENCRYPTED_FROM = "127.0.0.2"
"""Connections that did not ask for TLS reach Postgres from this address, for which pg_hba.conf has no entry."""


@dataclass(frozen=True)
class Door:
    """Who may: values of the Authorization header, and the status for those who may not do all."""

    allowed: frozenset[str]
    restricted: frozenset[str] = frozenset()


@contextmanager
def elasticsearch_front(target: str, pair: Pair, door: Door) -> Iterator[int]:
    """An https port that asks for credentials as Elasticsearch does."""

    @asynccontextmanager
    async def serve() -> AsyncIterator[int]:
        async with httpx.AsyncClient(base_url=target, trust_env=False, timeout=60) as client:
            config = uvicorn.Config(
                _application(client, door), host=LOOPBACK, port=0, ssl_certfile=pair.certificate, ssl_keyfile=pair.key, log_level="critical", lifespan="off"
            )
            server = uvicorn.Server(config)
            task = asyncio.create_task(server.serve())
            while not server.started:  # noqa: ASYNC110  # uvicorn tells nobody when it listens
                await asyncio.sleep(0.01)
            yield server.servers[0].sockets[0].getsockname()[1]
            server.should_exit = server.force_exit = True
            await task

    with _in_a_thread(serve) as port:
        yield port


def _application(client: httpx.AsyncClient, door: Door) -> Any:
    async def application(scope: Mapping[str, Any], receive: Callable[[], Any], send: Callable[[Any], Any]) -> None:
        headers = dict(scope["headers"])
        who = headers.get(b"authorization", b"").decode()
        body = b""
        while True:
            message = await receive()
            body += message.get("body", b"")
            if not message.get("more_body"):
                break
        if who not in door.allowed:
            await _refuse(send, 403 if who in door.restricted else 401)
            return
        url = scope["path"] + ("?" + scope["query_string"].decode() if scope["query_string"] else "")
        passed = {name: value for name, value in headers.items() if name in (b"content-type", b"accept")}
        answer = await client.request(scope["method"], url, content=body, headers=passed)
        kept = [(name.encode(), value.encode()) for name, value in answer.headers.items() if name in ("content-type", "x-elastic-product")]
        await send({"type": "http.response.start", "status": answer.status_code, "headers": [*kept, (b"content-length", str(len(answer.content)).encode())]})
        await send({"type": "http.response.body", "body": answer.content})

    return application


async def _refuse(send: Callable[[Any], Any], status: int) -> None:
    reason = b'{"error":{"root_cause":[{"type":"security_exception","reason":"unable to authenticate or not authorized"}]},"status":%d}' % status
    headers = [(b"content-type", b"application/json"), (b"x-elastic-product", b"Elasticsearch"), (b"content-length", str(len(reason)).encode())]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": reason})


@contextmanager
def postgres_front(target: int, pair: Pair) -> Iterator[int]:
    """A port that answers Postgres' request for TLS, and passes on what comes in the clear under another address."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pair.certificate, pair.key)

    async def meet(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError, asyncio.IncompleteReadError):
            first = await reader.readexactly(8)
            source = UNENCRYPTED_FROM
            if first == SSL_REQUEST:
                writer.write(b"S")
                await writer.start_tls(context)
                first, source = b"", LOOPBACK
            behind, forward = await asyncio.open_connection(LOOPBACK, target, local_addr=(source, 0))
            forward.write(first)
            await asyncio.gather(_pump(reader, forward), _pump(behind, writer))
        writer.close()

    @asynccontextmanager
    async def serve() -> AsyncIterator[int]:
        server = await asyncio.start_server(meet, LOOPBACK, 0)
        yield server.sockets[0].getsockname()[1]
        server.close()

    with _in_a_thread(serve) as port:
        yield port


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(OSError):
        while data := await reader.read(65_536):
            writer.write(data)
            await writer.drain()
    writer.close()


@contextmanager
def _in_a_thread(serve: Callable[[], Any]) -> Iterator[int]:
    """Runs an asynchronous context in a loop of its own; gives what it yields."""
    loop, ready, told = asyncio.new_event_loop(), threading.Event(), []
    stop: asyncio.Event = asyncio.Event()

    async def run() -> None:
        async with serve() as port:
            told.append(port)
            ready.set()
            await stop.wait()

    thread = threading.Thread(target=_run, args=(loop, run), daemon=True)
    thread.start()
    assert ready.wait(10)
    try:
        yield told[0]
    finally:
        loop.call_soon_threadsafe(stop.set)
        thread.join(10)


def _run(loop: asyncio.AbstractEventLoop, work: Callable[[], Coroutine[Any, Any, None]]) -> None:
    loop.run_until_complete(work())
    for task in asyncio.all_tasks(loop):
        task.cancel()
    loop.run_until_complete(asyncio.sleep(0))
    loop.close()
