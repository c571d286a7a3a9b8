"""TLS as every client of nljctl uses it: contexts from files, and what a failed handshake means to people."""

from __future__ import annotations

import asyncio
import contextlib
import ssl
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import httpx

from nljctl.errors import ConfigurationError

PROBE_SECONDS = 3.0

_NOT_TLS = ("WRONG_VERSION_NUMBER", "RECORD_LAYER_FAILURE", "UNEXPECTED_EOF", "HTTP_REQUEST", "PACKET_LENGTH_TOO_LONG", "UNKNOWN_PROTOCOL")
"""What OpenSSL says when the answer to a hello is no TLS."""

_REFUSED = "ALERT"


def client_context(
    cafile: tuple[str, str | None], certfile: tuple[str, str | None] = ("", None), keyfile: tuple[str, str | None] = ("", None), password: str | None = None
) -> ssl.SSLContext:
    """A context that verifies the server, its name too. Each file comes with the name of its setting; without a CA the system's are trusted.

    Raises:
        ConfigurationError: a file is missing, is not PEM, or the key is not the certificate's.
    """
    for setting, path in (cafile, certfile, keyfile):
        readable(setting, path)
    try:
        context = ssl.create_default_context(cafile=cafile[1])
    except (ssl.SSLError, OSError) as problem:
        raise ConfigurationError(f"{cafile[0]} names {cafile[1]}, which holds no certificate: {_reason(problem)}", "It is a PEM file of the CA.") from problem
    if certfile[1] is None:
        return context
    try:
        # Without a function OpenSSL would ask for the password on the terminal.
        context.load_cert_chain(certfile[1], keyfile[1], password=lambda: password or "")
    except (ssl.SSLError, OSError) as problem:
        raise ConfigurationError(
            f"{certfile[0]} and its key cannot be used: {_reason(problem)}",
            "Both are PEM files; an encrypted key needs its password, and must be the certificate's.",
        ) from problem
    return context


def readable(setting: str, path: str | None) -> None:
    """Raises unless the file, where one is named, can be read.

    Raises:
        ConfigurationError: it cannot; names the setting and the path.
    """
    if path is None:
        return
    try:
        with Path(path).open("rb"):
            return
    except OSError as problem:
        raise ConfigurationError(f"{setting} names {path}, which cannot be read: {problem.strerror}", "Mount the file there, or name another one.") from None


def in_words(problem: BaseException) -> str | None:
    """What a failed handshake says of the server, as the end of a sentence about it; None if TLS is not what failed."""
    for cause in _causes(problem):
        if message := getattr(cause, "verify_message", ""):
            return f"shows a certificate that is not to be trusted: {message}"
        if isinstance(cause, ssl.SSLError) and (reason := getattr(cause, "reason", None)):
            if any(word in reason for word in _NOT_TLS):
                return "does not speak TLS"
            return f"{'refuses this client' if _REFUSED in reason else 'fails'} in the TLS handshake: {_reason(cause)}"
    return None


@cache
def public_authorities() -> ssl.SSLContext:
    """What httpx trusts by itself, loaded once: that takes 37 ms, which it would do again for each client."""
    return httpx.create_ssl_context()


async def speaks_tls(host: str, port: int) -> bool:
    """Whether a handshake succeeds there, whatever the certificate. Nothing is sent beyond it."""
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    try:
        async with asyncio.timeout(PROBE_SECONDS):
            _, writer = await asyncio.open_connection(host, port, ssl=context)
    except (OSError, TimeoutError):
        return False
    writer.close()
    with contextlib.suppress(OSError):
        await writer.wait_closed()
    return True


def _causes(problem: BaseException) -> Iterator[BaseException]:
    """The exception and all that its library keeps inside.

    aiohttp's are SSLErrors without their attributes, which `os_error` and `certificate_error` have; elastic_transport keeps `errors`.
    """
    yield problem
    inner = (*getattr(problem, "errors", ()), getattr(problem, "certificate_error", None), getattr(problem, "os_error", None), problem.__cause__)
    for cause in inner:
        if isinstance(cause, BaseException):
            yield from _causes(cause)


def _reason(problem: BaseException) -> str:
    reason = getattr(problem, "reason", None) or getattr(problem, "strerror", None) or type(problem).__name__
    return str(reason).lower().replace("_", " ")
