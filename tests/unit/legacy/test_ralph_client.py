"""The LRS client against sockets that misbehave."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx

from nljctl.pipelines.legacy.ralph import Kind, Ralph


@asynccontextmanager
async def client(port: int, seconds: float = 5.0) -> AsyncIterator[Ralph]:
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=seconds, trust_env=False) as http:
        yield Ralph(http)


@asynccontextmanager
async def server(answer: bytes | None) -> AsyncIterator[int]:
    """Accepts, reads a little, sends `answer` and hangs up; None never answers."""
    done = asyncio.Event()

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(10)
        if answer is None:
            await done.wait()
        else:
            writer.write(answer)
        writer.close()

    listening = await asyncio.start_server(talk, "127.0.0.1", 0)
    async with listening:
        yield listening.sockets[0].getsockname()[1]
        done.set()


async def test_nobody_there_is_a_failure_of_the_connection() -> None:
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        async with client(bound.getsockname()[1]) as ralph:
            answer = await ralph.post(b"{}")
            assert (answer.kind, answer.reason) == (Kind.FAILED, "connection")
            assert await ralph.heartbeat() == "connection"


async def test_silence_is_a_timeout() -> None:
    async with server(None) as port, client(port, seconds=0.2) as ralph:
        answer = await ralph.post(b"{}")
    assert (answer.kind, answer.reason) == (Kind.FAILED, "timeout")


async def test_hanging_up_is_a_failure_that_names_what_happened() -> None:
    async with server(b"") as port, client(port) as ralph:
        answer = await ralph.post(b"{}")
    assert answer.kind is Kind.FAILED
    assert answer.reason.startswith("connection-")


async def test_rubbish_is_a_failure() -> None:
    async with server(b"rubbish\r\n\r\n") as port, client(port) as ralph:
        assert (await ralph.post(b"{}")).kind is Kind.FAILED


async def test_a_sick_lrs_says_so_in_its_heartbeat() -> None:
    async with server(b"HTTP/1.1 500 sick\r\ncontent-length: 0\r\n\r\n") as port, client(port) as ralph:
        assert await ralph.heartbeat() == "http-500"
