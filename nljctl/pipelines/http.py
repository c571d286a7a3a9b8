"""What a consumer answers over HTTP: `/live`, `/ready`, `/health`, `/stats` as JSON and `/metrics` as text, the same for both pipelines.

The answers come from the running consumer itself, in its own loop: no second process, no constant.
"""

from __future__ import annotations

import asyncio
import json
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, MutableMapping, Sequence
from contextlib import asynccontextmanager, contextmanager
from http import HTTPStatus
from typing import Any, Literal, Protocol, TypeAlias

import uvicorn

from nljctl.errors import ConfigurationError
from nljctl.pipelines.metrics import CONTENT_TYPE, Reading, exposition

Message: TypeAlias = MutableMapping[str, Any]
Receive: TypeAlias = Callable[[], Awaitable[Message]]
Send: TypeAlias = Callable[[Message], Awaitable[None]]
Application: TypeAlias = Callable[[Message, Receive, Send], Awaitable[None]]
Answer: TypeAlias = tuple[HTTPStatus, Any]

STOP_SECONDS = 2


class Provider(Protocol):
    """A consumer, asked about itself. None of these waits for anything."""

    def live(self) -> bool:
        """Whether its loop turns."""

    def ready(self) -> bool:
        """Whether it is a member of its group, has its positions and reaches what it needs."""

    def health(self) -> dict[str, Any]:
        """As the contract's `health`; `status` is healthy, degraded or unhealthy."""

    def stats(self) -> dict[str, Any]:
        """Counts since the consumer started, and live rates."""

    def reading(self) -> Reading:
        """Its counters, for Prometheus."""


def routes(provider: Provider) -> Sequence[tuple[str, Application]]:
    """The paths and an ASGI application for each (FastStream's `asgi_routes` takes them as they are)."""

    def live() -> Answer:
        return _when(provider.live()), {"live": provider.live()}

    def ready() -> Answer:
        return _when(provider.ready()), {"ready": provider.ready()}

    def health() -> Answer:
        body = provider.health()
        return _when(body["status"] != "unhealthy"), body

    def stats() -> Answer:
        return HTTPStatus.OK, provider.stats()

    answers = (("/live", live), ("/ready", ready), ("/health", health), ("/stats", stats))
    return (*((path, _endpoint(answer)) for path, answer in answers), ("/metrics", _metrics(provider)))


def application(provider: Provider) -> Application:
    """All routes as one ASGI application, for a consumer that has no other."""
    table = dict(routes(provider))

    async def missing(_scope: Message, _receive: Receive, send: Send) -> None:
        await _send(send, HTTPStatus.NOT_FOUND, {"error": "not found", "paths": sorted(table)})

    async def app(scope: Message, receive: Receive, send: Send) -> None:
        await table.get(scope["path"], missing)(scope, receive, send)

    return app


@asynccontextmanager
async def serve(app: Application, host: str, port: int, *, lifespan: Literal["on", "off"] = "off") -> AsyncIterator[int]:
    """Answers inside the running loop until the block ends; gives the real port (port 0 takes any free one).

    Signals stay with the consumer: uvicorn installs no handlers.

    Raises:
        ConfigurationError: the address cannot be bound.
    """
    listener = _bind(host, port)
    config = uvicorn.Config(app, log_config=None, access_log=False, server_header=False, lifespan=lifespan, ws="none", timeout_graceful_shutdown=STOP_SECONDS)
    server = _QuietServer(config)
    serving = asyncio.create_task(server.serve(sockets=[listener]), name="http")
    try:
        yield int(listener.getsockname()[1])
    finally:
        server.should_exit = True
        await asyncio.wait([serving], timeout=2 * STOP_SECONDS)
        serving.cancel()
        listener.close()


def free_port(host: str, wanted: int) -> int:
    """`wanted` if nobody listens there, else 0: for a port that nobody asked for by name."""
    try:
        _bind(host, wanted).close()
    except ConfigurationError:
        return 0
    return wanted


class _QuietServer(uvicorn.Server):
    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


def _bind(host: str, port: int) -> socket.socket:
    try:
        family, _, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)[0]
        listener = socket.socket(family, socket.SOCK_STREAM)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
        listener.listen()  # whoever reads the address in the log may ask at once
    except (OSError, OverflowError) as problem:
        raise ConfigurationError(
            f"cannot listen on {host}:{port}: {getattr(problem, 'strerror', None) or problem}",
            "Choose another --port (0 takes any free one) or --host.",
            code="address-taken",
        ) from problem
    return listener


def _when(good: bool) -> HTTPStatus:
    return HTTPStatus.OK if good else HTTPStatus.SERVICE_UNAVAILABLE


def _endpoint(answer: Callable[[], Answer]) -> Application:
    async def app(scope: Message, _receive: Receive, send: Send) -> None:
        if scope["method"] not in ("GET", "HEAD"):
            await _send(send, HTTPStatus.METHOD_NOT_ALLOWED, {"error": "only GET"})
            return
        await _send(send, *answer(), with_body=scope["method"] == "GET")

    return app


def _metrics(provider: Provider) -> Application:
    async def app(scope: Message, _receive: Receive, send: Send) -> None:
        if scope["method"] not in ("GET", "HEAD"):
            await _send(send, HTTPStatus.METHOD_NOT_ALLOWED, {"error": "only GET"})
            return
        await _send_bytes(send, HTTPStatus.OK, exposition(provider.reading()), CONTENT_TYPE, with_body=scope["method"] == "GET")

    return app


async def _send(send: Send, status: HTTPStatus, body: Any, *, with_body: bool = True) -> None:
    content = json.dumps(body, default=str, ensure_ascii=False).encode()
    await _send_bytes(send, status, content, "application/json", with_body=with_body)


async def _send_bytes(send: Send, status: HTTPStatus, content: bytes, content_type: str, *, with_body: bool) -> None:
    headers = [(b"content-type", content_type.encode()), (b"content-length", str(len(content)).encode()), (b"cache-control", b"no-store")]
    await send({"type": "http.response.start", "status": int(status), "headers": headers})
    await send({"type": "http.response.body", "body": content if with_body else b""})
