"""Runtime `compose`: the protocol's verbs over `docker compose`. What it did is looked up in the engine afterwards, not assumed."""

from __future__ import annotations

import asyncio
import math
import os
import re
import time
from collections.abc import AsyncIterator, Collection, Mapping
from contextlib import AbstractAsyncContextManager, suppress
from pathlib import Path
from typing import Literal

from nljctl.credentials import read_secret
from nljctl.errors import NljctlError, StackError, TimedOutError
from nljctl.stack.compose import engine, logs, record, secrets, view
from nljctl.stack.compose.command import compose
from nljctl.stack.compose.container import Container
from nljctl.stack.compose.process import own_pid
from nljctl.stack.compose.project import Project
from nljctl.stack.compose.record import Record
from nljctl.stack.lock import held
from nljctl.stack.names import BESIDE, CONSUMERS, DATABASE, Profile
from nljctl.stack.runtime import LogLine, Notify, ServiceState, Stopped

POLL_SECONDS = 0.3
LAST_LINES = 5
ENOUGH_RESTARTS = 3
"""A service that ended so often since it was started is not going to become healthy."""


class ComposeRuntime:
    """The containers of one Compose project.

    Args:
        project: its file and its name.
        home: where nljctl keeps what the engine cannot tell: which services should run, and the secrets that it made.
    """

    name: Literal["compose"] = "compose"

    def __init__(self, project: Project, home: Path) -> None:
        self.project = project
        self.home = home
        self._initial = Record(project.name, project.file, frozenset())

    def profiles(self) -> tuple[Profile, ...]:
        return view.profiles(self.wanted())

    def wanted(self) -> frozenset[str]:
        return self._wanted(engine.containers(self.project.name))

    def endpoints(self) -> Mapping[str, str | None]:
        found = engine.containers(self.project.name)
        addresses = view.endpoints(found, self._wanted(found))
        passfile = self.home / secrets.PASSFILE
        if addresses["database"] and passfile.exists():
            addresses["database"] += f"?passfile={passfile}"
        return addresses

    async def state(self) -> tuple[ServiceState, ...]:
        found = await self._containers()
        return tuple(own_pid(each) for each in view.states(found, self._wanted(found)))

    async def start(self, services: Collection[str], *, timeout: float, notify: Notify, healthy: bool = True) -> tuple[str, ...]:  # noqa: ASYNC109 - see Runtime
        names = [name for name in view.SERVICES if name in services]
        earlier = await self._containers()
        wanted = self._wanted(earlier)
        ran = {each.service for each in earlier if each.runs}
        started = [name for name in names if name not in ran]
        self._begin(wanted)
        if DATABASE in names:
            await self._make_secrets(notify)
        record.want(self.home, self._initial, names)
        try:
            # Consumers last, in a command of their own: Compose would give up on what they depend on by its own clock.
            for part in ([name for name in names if name not in CONSUMERS.values()], [name for name in names if name in CONSUMERS.values()]):
                if part:
                    await self._bring_up(part, notify)
                    if healthy:
                        await self._wait_healthy(part, timeout, notify)
        except NljctlError as failed:
            failed.hint = "; ".join(filter(None, (await self._last_words(names), failed.hint)))
            await self.undo(started, wanted)
            raise
        except BaseException:  # Ctrl-C too: what this call started is stopped, then it goes on up
            await self.undo(started, wanted)
            raise
        await self._tell()
        return tuple(started)

    async def start_consumer(self, profile: Profile, *, timeout: float, notify: Notify, healthy: bool = True) -> tuple[str, ...]:  # noqa: ASYNC109 - as start
        return await self.start((*BESIDE[profile], CONSUMERS[profile]), timeout=timeout, notify=notify, healthy=healthy)

    async def stop(self, services: Collection[str], *, drain_seconds: float | None = None) -> tuple[Stopped, ...]:
        found = await self._containers()
        present = {each.service for each in found}
        names = [name for name in view.SERVICES if name in services and name in present]
        if not names:
            return ()
        # Unwanted first: whoever looks while it drains sees a service that is meant to go.
        self._begin(self._wanted(found))
        record.forget(self.home, self._initial, names)
        running = {each.id: each for each in found if each.service in names and each.runs}
        begun = time.monotonic()
        if running:
            async with self._changing():
                if paused := sorted({each.service for each in running.values() if each.status == "paused"}):
                    await compose(self.project, "unpause", *paused)
                # Naming services needs no profile, and reaches every replica.
                patience = () if drain_seconds is None else ("--timeout", str(math.ceil(drain_seconds)))
                await compose(self.project, "stop", *patience, *names)
        after = await self._containers()
        if still := sorted({each.service for each in after if each.service in names and each.runs}):
            raise StackError(f"{', '.join(still)} runs after it was stopped", "Somebody started it again: see `nljctl status`.", code="not-stopped")
        seconds = round(time.monotonic() - begun, 3)
        by_itself = view.drained(running, after)
        await self._tell()
        return tuple(
            Stopped(name, "already", 0.0) if name not in by_itself else Stopped(name, "drained" if by_itself[name] else "killed", seconds) for name in names
        )

    async def stop_consumer(self, profile: Profile, *, drain_seconds: float) -> Stopped:
        stopped = await self.stop([CONSUMERS[profile]], drain_seconds=drain_seconds)
        return stopped[0] if stopped else Stopped(CONSUMERS[profile], "already", 0.0)

    async def undo(self, started: Collection[str], wanted: Collection[str]) -> None:
        if started:
            await self.stop(started)
        record.change(self.home, self._initial, lambda known: Record(known.project, known.file, known.wanted - set(started) | (set(wanted) & set(started))))

    async def remove(self) -> None:
        async with self._changing():
            # Of plain `down`, services of a profile would run on.
            await compose(self.project, "--profile", "*", "down", "--volumes", "--remove-orphans")
        secrets.remove(self.project, self.home)
        (self.home / record.FILE).unlink(missing_ok=True)

    async def logs(self, services: Collection[str], *, lines: int, follow: bool) -> AsyncIterator[LogLine]:
        found = [each for each in await self._containers() if each.service in services]
        if follow:
            async for service, line in logs.follow(found, lines):
                yield LogLine(service, line)
            return
        for each in found:
            for line in await asyncio.to_thread(engine.last, each.id, lines):
                yield LogLine(each.service, line)

    async def _bring_up(self, names: Collection[str], notify: Notify) -> None:
        """Their containers run. Only they are touched: a dependency that is away is somebody else's decision."""

        def say(what: str, does: str) -> None:
            if service := self._service_of(what, names):
                notify(service, does.lower())

        async with self._changing():
            await compose(self.project, "up", "--detach", "--no-deps", *names, watch=say)

    async def _wait_healthy(self, names: Collection[str], seconds: float, notify: Notify) -> None:
        deadline = time.monotonic() + seconds
        left = list(names)
        for name in left:
            notify(name, "waiting")
        while left:
            states = {each.name: each for each in view.states(await self._containers(), frozenset(names))}
            for name in tuple(left):
                found = states[name]
                if found.state != "running" or (found.health == "unhealthy" and (found.restarts or 0) >= ENOUGH_RESTARTS):
                    raise StackError(f"{name} ended while it started: {found.detail}", code="service-ended")
                if found.health == "healthy":
                    left.remove(name)
                    notify(name, "healthy")
            if left and time.monotonic() > deadline:
                wrong = "; ".join(f"{name}: {states[name].detail or states[name].health}" for name in left)
                raise TimedOutError(f"not healthy in time: {wrong}", "--timeout gives it longer.")
            if left:
                await asyncio.sleep(POLL_SECONDS)

    async def _last_words(self, names: Collection[str]) -> str:
        """The last lines of what did not become healthy."""
        told = []
        with suppress(NljctlError):
            for each in await self._containers():
                if each.service in names and not (each.runs and each.health in (None, "healthy")):
                    lines = await asyncio.to_thread(engine.last, each.id, LAST_LINES)
                    if lines:
                        told.append(f"{each.service} said: {' / '.join(lines)}")
        return "; ".join(told)

    async def _make_secrets(self, notify: Notify) -> None:
        """Random ones for a new stack. A database that exists keeps the password that it was made with."""
        if secrets.chosen(self.project, os.environ) is not None:
            return
        if await asyncio.to_thread(engine.has_volume, self.project.name, "database"):
            return
        secrets.make(self.project, self.home)
        notify(DATABASE, "random secrets made")

    async def _tell(self) -> None:
        """What readers outside find in `stack.json`, and the password file that its database URL names."""
        found = await self._containers()
        wanted = self._wanted(found)
        database = next((each for each in found if each.service == DATABASE), None)
        source = view.secrets(found).get("database_password")
        if database is not None and source is not None:
            password = await asyncio.to_thread(read_secret, "the database's password", source)
            secrets.write_passfile(self.home, database.environment.get("POSTGRES_USER", "postgres"), password)
        record.tell(self.home, {"profiles": list(view.profiles(wanted)), "endpoints": await asyncio.to_thread(self.endpoints)})

    def _begin(self, wanted: frozenset[str]) -> None:
        """From now on nljctl remembers what should run; what somebody started by hand before is part of it."""
        self.home.mkdir(parents=True, exist_ok=True)
        if record.read(self.home) is None:
            record.want(self.home, self._initial, wanted)

    def _wanted(self, containers: Collection[Container]) -> frozenset[str]:
        known = record.read(self.home)
        return view.wanted(None if known is None else known.wanted, containers)

    async def _containers(self) -> tuple[Container, ...]:
        return await asyncio.to_thread(engine.containers, self.project.name)

    def _changing(self) -> AbstractAsyncContextManager[None]:
        """One `docker compose` of ours at a time: two at once would take each other's containers for their own."""
        return held(self.home / "locks" / "compose")

    def _service_of(self, what: str, names: Collection[str]) -> str | None:
        """The service whose container or image Compose speaks of."""
        container = re.fullmatch(rf"Container {re.escape(self.project.name)}-(.+)-\d+", what)
        service = container[1] if container else what
        return service if service in names else None
