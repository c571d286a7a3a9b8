"""Runtime `local`: the protocol's verbs over child processes. No supervisor runs; what is known lies in `stack.json` and in the process table."""

from __future__ import annotations

import asyncio
import shutil
import time
from collections.abc import AsyncIterator, Collection, Mapping
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Literal

from nljctl.errors import StackError, TimedOutError
from nljctl.stack.local import install, logs, ports, process, record, view
from nljctl.stack.local.book import Book, version_for
from nljctl.stack.local.instance import Instance
from nljctl.stack.local.service import Service
from nljctl.stack.local.services import ENDPOINTS, SERVICES
from nljctl.stack.lock import held
from nljctl.stack.names import BESIDE, CONSUMERS, SHARED, Profile
from nljctl.stack.runtime import LogLine, Notify, ServiceState, Stopped

POLL_SECONDS = 0.1


class LocalRuntime:
    """The stack of one folder.

    Args:
        home: its folder; made when something is started.
        cache: where programs are installed, for all stacks.
        elasticsearch: the major version, "8" or "9"; None takes the stack's own, or 8.
    """

    name: Literal["local"] = "local"

    def __init__(self, home: Path, cache: Path, elasticsearch: str | None = None) -> None:
        self.home = home
        self.cache = cache
        self._elasticsearch = elasticsearch
        self._book = Book(home)

    def profiles(self) -> tuple[Profile, ...]:
        known = self._book.read()
        return () if known is None else view.profiles(known)

    def endpoints(self) -> Mapping[str, str | None]:
        known = self._book.read()
        return dict.fromkeys(ENDPOINTS) if known is None else view.endpoints(Instance(self.home, known, {}))

    def wanted(self) -> frozenset[str]:
        known = self._book.read()
        return frozenset() if known is None else known.wanted

    async def state(self) -> tuple[ServiceState, ...]:
        known = self._book.read()
        if known is None:
            return tuple(ServiceState(name, "stopped", None, None, None) for name in SHARED)
        return await view.states(Instance(self.home, known, {}))

    async def install(self, services: Collection[str], notify: Notify) -> Mapping[str, Path]:
        """The folders of what these services are made of, built where they are missing."""
        version = version_for(self._book.read(), self._elasticsearch)
        found: dict[str, Path] = {}
        for name in services:
            asset = SERVICES[name].asset
            if asset is not None:
                found[asset] = await install.install(self.cache, asset, elasticsearch=version, building=partial(notify, name))
        return found

    async def start(self, services: Collection[str], *, timeout: float, notify: Notify, healthy: bool = True) -> tuple[str, ...]:  # noqa: ASYNC109 - see Runtime
        assets = await self.install(services, notify)
        wanted = self._book.begin(self._elasticsearch).wanted
        started: list[str] = []
        ready = {name: asyncio.Event() for name in services}

        async def bring_up(service: Service) -> None:
            for need in service.needs:
                if need in ready:
                    await ready[need].wait()
            if await self._start_process(service, assets, notify):
                started.append(service.name)
            if healthy:
                notify(service.name, "waiting")
                await self._wait_healthy(service, timeout)
                notify(service.name, "healthy")
            ready[service.name].set()

        try:
            async with asyncio.TaskGroup() as group:
                for name in services:
                    group.create_task(bring_up(SERVICES[name]))
        except BaseExceptionGroup as failed:
            await self.undo(started, wanted)
            # The first one failed by itself; the others are its consequences.
            raise failed.exceptions[0] from None
        except asyncio.CancelledError:
            await self.undo(started, wanted)
            raise
        return tuple(started)

    async def start_consumer(self, profile: Profile, *, timeout: float, notify: Notify, healthy: bool = True) -> tuple[str, ...]:  # noqa: ASYNC109 - as start
        return await self.start((*BESIDE[profile], CONSUMERS[profile]), timeout=timeout, notify=notify, healthy=healthy)

    async def stop(self, services: Collection[str], *, drain_seconds: float | None = None) -> tuple[Stopped, ...]:
        if self._book.read() is None:
            return ()
        ended: dict[str, asyncio.Task[Stopped]] = {}

        async def after_dependents(service: Service) -> Stopped:
            await asyncio.gather(*(ended[other.name] for other in SERVICES.values() if service.name in other.needs and other.name in ended))
            return await self._stop_process(service, drain_seconds)

        # The table lists a service after what it needs: in reverse, a dependent's task exists before anyone looks for it.
        for name in reversed([name for name in SERVICES if name in services]):
            ended[name] = asyncio.create_task(after_dependents(SERVICES[name]))
        return tuple([await ended[name] for name in SERVICES if name in ended])

    async def stop_consumer(self, profile: Profile, *, drain_seconds: float) -> Stopped:
        stopped = await self.stop([CONSUMERS[profile]], drain_seconds=drain_seconds)
        return stopped[0] if stopped else Stopped(CONSUMERS[profile], "already", 0.0)

    async def undo(self, started: Collection[str], wanted: Collection[str]) -> None:
        await self.stop(started)
        if self._book.read() is not None:
            self._book.want(set(wanted) & set(started))

    async def remove(self) -> None:
        await self.stop(list(SERVICES))
        for service in SERVICES.values():
            folder = (self.home / "services" / service.name).resolve()
            # What runs here is ended even if stack.json, and so its pid, is gone.
            await process.stop(None, process.Place(folder, service.program), service.stop_signal, 0)
            await asyncio.to_thread(shutil.rmtree, folder, ignore_errors=True)
        for name in ("services", "logs", "locks"):
            await asyncio.to_thread(shutil.rmtree, self.home / name, ignore_errors=True)
        (self.home / record.FILE).unlink(missing_ok=True)
        with suppress(OSError):
            self.home.rmdir()

    async def logs(self, services: Collection[str], *, lines: int, follow: bool) -> AsyncIterator[LogLine]:
        files = {name: self.home / "logs" / f"{name}.log" for name in services}
        async for name, line in logs.read(files, lines=lines, follow=follow):
            yield LogLine(name, line)

    async def _start_process(self, service: Service, assets: Mapping[str, Path], notify: Notify) -> bool:
        """Starts the service's process unless it runs."""
        async with held(self._lock(service)):
            instance = Instance(self.home, self._book.require(), assets)
            earlier = instance.record.processes.get(service.name)
            if earlier is not None and process.is_alive(earlier):
                self._book.remember(service.name, earlier)
                return False
            notify(service.name, "preparing")
            await process.stop(earlier, _place(service, instance), service.stop_signal, 0)
            _ports_are_free(service, instance)
            await asyncio.to_thread(service.prepare, instance)
            try:
                started = process.spawn(service.launch(instance), instance.log(service.name))
            except OSError as problem:
                raise StackError(f"{service.name} cannot be started: {problem}", f"See {instance.log(service.name)}.") from problem
            # No await since the process exists: whatever happens next, the record knows it.
            self._book.remember(service.name, started)
        return True

    async def _wait_healthy(self, service: Service, seconds: float) -> None:
        deadline = time.monotonic() + seconds
        while True:
            instance = Instance(self.home, self._book.require(), {})
            log = instance.log(service.name)
            wrong = await service.check(instance)
            if service.name not in instance.record.wanted:
                raise StackError(f"{service.name} was stopped while it started, by another nljctl", "Run `nljctl up` again.", code="service-ended")
            if not process.is_alive(instance.record.processes.get(service.name)):
                last = " / ".join(logs.last(log, 3)) or "it printed nothing"
                raise StackError(f"{service.name} ended while it started: {last}", f"Its log: {log}", code="service-ended")
            if not wrong:
                return
            if time.monotonic() > deadline:
                raise TimedOutError(f"{service.name} runs and is not healthy in time: {wrong}", f"Its log: {log}. --timeout gives it longer.")
            await asyncio.sleep(POLL_SECONDS)

    async def _stop_process(self, service: Service, drain_seconds: float | None) -> Stopped:
        begun = time.monotonic()
        # Unwanted first: whoever looks while it drains sees a service that is meant to go.
        self._book.forget(service.name)
        async with held(self._lock(service)):
            instance = Instance(self.home, self._book.require(), {})
            patience = service.drain_seconds if drain_seconds is None else drain_seconds
            how = await process.stop(instance.record.processes.get(service.name), _place(service, instance), service.stop_signal, patience)
        return Stopped(service.name, how, round(time.monotonic() - begun, 3))

    def _lock(self, service: Service) -> Path:
        return self.home / "locks" / service.name


def _place(service: Service, instance: Instance) -> process.Place:
    return process.Place(instance.folder(service.name).resolve(), service.program)


def _ports_are_free(service: Service, instance: Instance) -> None:
    for name in service.ports:
        port = instance.port(name)
        if not ports.is_free(port):
            raise StackError(
                f"port {port}, which {service.name} has had, is taken by {ports.listener(port)}",
                "Stop that, or let the stack choose new ports: nljctl down, then nljctl up.",
                code="port-taken",
            )
