"""What a runtime can do, whatever it runs services with. Commands and the migration see only this."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Literal, Protocol, TypeAlias

from nljctl.stack.names import Profile

State: TypeAlias = Literal["running", "exited", "stopped"]
"""exited: it should run and does not. stopped: nobody wants it to run."""

Health: TypeAlias = Literal["healthy", "starting", "unhealthy"]


@dataclass(frozen=True, slots=True)
class ServiceState:
    """A service as it is now. `health` is None where nothing runs that could have one; `detail` says why it is not healthy.

    What only containers have is None on other runtimes: `image`, `restarts` by the engine, `exit_code` once it has ended.
    """

    name: str
    state: State
    health: Health | None
    endpoint: str | None
    pid: int | None
    detail: str = ""
    image: str | None = None
    restarts: int | None = None
    exit_code: int | None = None


@dataclass(frozen=True, slots=True)
class Stopped:
    """How a service came to its end. `how`: already (it did not run), drained (it ended by itself when asked), killed (it had to be)."""

    name: str
    how: Literal["already", "drained", "killed"]
    seconds: float


@dataclass(frozen=True, slots=True)
class LogLine:
    service: str
    line: str


Notify: TypeAlias = Callable[[str, str], None]
"""Told a service's name and what happens to it: `installing …`, `preparing`, `waiting`, `healthy`."""


class Runtime(Protocol):
    """Starts and stops services by the platform's names, and says how they are.

    Every method is safe to repeat, and safe when another nljctl does the same on the same stack at once.
    Failures are StackError, an elapsed time is TimedOutError.
    """

    @property
    def name(self) -> Literal["local", "compose"]: ...

    async def start(self, services: Collection[str], *, timeout: float, notify: Notify, healthy: bool = True) -> tuple[str, ...]:  # noqa: ASYNC109 - patience, not a limit
        """Starts what does not run and waits until all are healthy (or not, if not `healthy`); gives the names of those that it had to start.

        `timeout`: seconds that each may take to become healthy once its process runs; installing does not count. When it fails or is
        cancelled, it stops again what it started.
        """
        ...

    async def undo(self, started: Collection[str], wanted: Collection[str]) -> None:
        """Stops what a failed attempt started. What of it had been wanted before that is wanted still."""
        ...

    async def stop(self, services: Collection[str], *, drain_seconds: float | None = None) -> tuple[Stopped, ...]:
        """Stops services, dependents first; none of them is wanted any more. Data stays. `drain_seconds`: each service's own by default."""
        ...

    async def start_consumer(self, profile: Profile, *, timeout: float, notify: Notify, healthy: bool = True) -> tuple[str, ...]:  # noqa: ASYNC109 - as start
        """Starts a profile's consumer with what it needs beside the shared services."""
        ...

    async def stop_consumer(self, profile: Profile, *, drain_seconds: float) -> Stopped:
        """Stops a profile's consumer, and only it: SIGTERM, at most `drain_seconds` of patience, SIGKILL."""
        ...

    async def state(self) -> tuple[ServiceState, ...]:
        """Shared services, and those of profiles that run or have run."""
        ...

    def profiles(self) -> tuple[Profile, ...]:
        """The profiles whose consumer should run."""
        ...

    def wanted(self) -> frozenset[str]:
        """The services that should run, whether they do or not."""
        ...

    def endpoints(self) -> Mapping[str, str | None]:
        """kafka, database, elasticsearch, ralph, faststream, legacy, api: where each answers; None for what should not run."""
        ...

    async def remove(self) -> None:
        """Stops everything, then deletes its data."""
        ...

    def logs(self, services: Collection[str], *, lines: int, follow: bool) -> AsyncIterator[LogLine]:
        """The last lines of each service's log, then new ones as they come when `follow`."""
        ...
