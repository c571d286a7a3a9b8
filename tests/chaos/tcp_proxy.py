"""A TCP proxy that does to connections what networks do: forward, delay, reset, refuse, or say nothing any more."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager

from loop_thread import LoopThread

LOOPBACK = "127.0.0.1"
CHUNK = 256 * 1024


class _Link:
    """One connection: the client's end and, once it is made, the server's. While `passes` is not set its bytes go nowhere."""

    def __init__(self, client: asyncio.StreamWriter) -> None:
        self.ends = [client]
        self.passes = asyncio.Event()

    def lose_server(self) -> None:
        for end in self.ends[1:]:
            end.transport.abort()

    def abort(self) -> None:
        for end in self.ends:
            end.transport.abort()


class TcpProxy:
    """Listens on a port of its own in front of one server. Its methods may be called from any thread.

    Attributes:
        port: where it listens; it stays the same for life.
        connections: how many it has accepted.
    """

    def __init__(self, loop: LoopThread, target_port: int) -> None:
        self._loop = loop
        self._target = target_port
        self._links: set[_Link] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._server: asyncio.Server | None = None
        self._silent = False
        self._latency = 0.0
        self.port = 0
        self.connections = 0
        loop.run(self._listen())

    def refuse(self) -> None:
        """Nobody listens any more, and whoever is connected is cut off."""
        self._loop.run(self._refuse())

    def reset(self) -> None:
        """Cuts off whoever is connected; new connections are welcome."""
        self._loop.run(self._reset())

    def delay(self, seconds: float) -> None:
        """Everything that passes waits so long, in each direction."""
        self._latency = seconds

    def fall_silent(self) -> None:
        """Half-open: every connection, old or new, is accepted and stays, and nothing passes."""
        self._loop.run(self._hush())

    def heal(self, *, forget: bool = False) -> None:
        """As it was. `forget`: as when a router has lost its table, the clients of silent connections hear no more of them, their servers give them up."""
        self._loop.run(self._heal(forget))

    def close(self) -> None:
        self._loop.run(self._refuse())

    async def _listen(self) -> None:
        self._server = await asyncio.start_server(self._accept, LOOPBACK, self.port, limit=CHUNK)
        self.port = self._server.sockets[0].getsockname()[1]

    async def _refuse(self) -> None:
        if self._server is not None:
            self._server.close()
            self._server = None
        await self._reset()

    async def _reset(self) -> None:
        for link in list(self._links):
            link.abort()

    async def _hush(self) -> None:
        self._silent = True
        for link in self._links:
            link.passes.clear()

    async def _heal(self, forget: bool) -> None:
        self._silent = False
        self._latency = 0.0
        for link in self._links:
            if not forget:
                link.passes.set()
            elif not link.passes.is_set():
                link.lose_server()
        if self._server is None:
            await self._listen()

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        task = asyncio.get_running_loop().create_task(self._serve(reader, writer))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with self._linked(writer) as link:
            if not self._silent:
                link.passes.set()
            await link.passes.wait()
            try:
                server_reader, server_writer = await asyncio.open_connection(LOOPBACK, self._target, limit=CHUNK)
            except OSError:
                return
            link.ends.append(server_writer)
            ways = [asyncio.create_task(self._pass(link, *way)) for way in ((reader, server_writer), (server_reader, writer))]
            try:
                # A reset on one side is a reset on the other, not the end of one direction.
                await asyncio.wait(ways, return_when=asyncio.FIRST_EXCEPTION)
            finally:
                for way in ways:
                    way.cancel()
                await asyncio.gather(*ways, return_exceptions=True)

    @contextmanager
    def _linked(self, writer: asyncio.StreamWriter) -> Iterator[_Link]:
        link = _Link(writer)
        self._links.add(link)
        try:
            yield link
        finally:
            self._links.discard(link)
            link.abort()

    async def _pass(self, link: _Link, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while data := await reader.read(CHUNK):
            if self._latency:
                await asyncio.sleep(self._latency)
            await link.passes.wait()
            writer.write(data)
            await writer.drain()
        await link.passes.wait()
        if not writer.transport.is_closing():
            writer.write_eof()
