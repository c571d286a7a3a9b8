"""What every answer carries for the browser's sake, and what is refused before anything else looks at a request. ASGI, around the application."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, MutableMapping
from http import HTTPStatus
from typing import Any, TypeAlias

from nljctl.api import failures
from nljctl.api.listening import LOCAL_NAMES

Message: TypeAlias = MutableMapping[str, Any]
Receive: TypeAlias = Callable[[], Awaitable[Message]]
Send: TypeAlias = Callable[[Message], Awaitable[None]]
Application: TypeAlias = Callable[[Message, Receive, Send], Awaitable[None]]

SECURITY: tuple[tuple[str, str], ...] = (
    ("content-security-policy", "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"),
    ("x-content-type-options", "nosniff"),
    ("x-frame-options", "DENY"),
    ("referrer-policy", "no-referrer"),
    ("cross-origin-opener-policy", "same-origin"),
    ("cross-origin-resource-policy", "same-origin"),
    ("permissions-policy", "camera=(), geolocation=(), microphone=()"),
    ("cache-control", "no-store"),
)
"""An answer that says one of these itself (the page's own policy) keeps its own."""


def guarded(app: Application, *, local_only: bool) -> Application:
    """The application with these headers, and HEAD answered as GET without its body.

    Args:
        app: what answers.
        local_only: refuse requests that call this machine by another name than a loopback one.
    """

    async def outer(scope: Message, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await app(scope, receive, send)
            return
        head = scope["method"] == "HEAD"

        async def dressed(message: Message) -> None:
            if message["type"] == "http.response.start":
                said = {name.lower() for name, _ in message["headers"]}
                extra = [(name.encode(), value.encode()) for name, value in SECURITY if name.encode() not in said]
                message = {**message, "headers": [*message["headers"], *extra]}
            elif head:
                message = {**message, "body": b""}
            await send(message)

        if local_only and not _is_local(scope):
            wrong = failures.answer(
                HTTPStatus.FORBIDDEN, "strange-host", "this service has no key, and answers to loopback names only", "Ask it as http://127.0.0.1:PORT."
            )
            await wrong(scope, receive, dressed)
            return
        await app({**scope, "method": "GET"} if head else scope, receive, dressed)

    return outer


def _is_local(scope: Message) -> bool:
    hosts = [value.decode("latin-1") for name, value in scope["headers"] if name == b"host"]
    return len(hosts) == 1 and _name(hosts[0]).lower() in LOCAL_NAMES


def _name(host: str) -> str:
    """Without the port; an IPv6 address keeps its brackets."""
    return host[: host.rfind("]") + 1] if host.startswith("[") else host.partition(":")[0]
