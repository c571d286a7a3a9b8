"""`nljctl up`: a whole stack, running and set up."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Coroutine
from typing import TYPE_CHECKING, Annotated, Any, cast

import typer

from nljctl.cli import options, output, service_view
from nljctl.errors import UsageError

if TYPE_CHECKING:
    from nljctl.stack.names import Profile

DEFAULT_SECONDS = 180.0


def up(
    profile: Annotated[
        list[str] | None,
        typer.Option(
            "--profile", metavar="faststream|analytics", help="Also start this consumer: faststream (new), analytics (legacy, with Ralph). Repeatable."
        ),
    ] = None,
    timeout: Annotated[float, typer.Option("--timeout", min=0, metavar="SECONDS", help="How long each service may take to become healthy.")] = DEFAULT_SECONDS,
    runtime: options.Runtime = None,
    as_json: options.Json = False,
) -> None:
    """Starts Kafka, Postgres and Elasticsearch, sets them up, then starts the profiles' consumers; waits until each is healthy.

    Without a profile: the shared services, and whatever this stack ran before. Profiles add up. Running it again is harmless and revives what was
    killed. If it fails, or at Ctrl-C, it stops what it started. Everything stays up until `nljctl down`.

    Example: [bold]nljctl up --profile faststream --profile analytics[/]
    """
    from nljctl.cli import loading
    from nljctl.cli.start_progress import StartProgress
    from nljctl.migration import up as migration
    from nljctl.stack.choice import open_runtime
    from nljctl.stack.names import PROFILES

    for name in profile or ():
        if name not in PROFILES:
            raise UsageError(f"--profile is {name!r}", f"It is one of {', '.join(PROFILES)}.")
    loaded = loading.load({"runtime": runtime})
    chosen = open_runtime(loaded)
    with StartProgress(output.progress()) as view:
        _until_interrupted(migration.up(loaded, chosen, cast("list[Profile]", profile or []), timeout=timeout, notify=view.notify))
    services = service_view.rows(asyncio.run(chosen.state()))
    document = {"runtime": chosen.name, "profiles": list(chosen.profiles()), "services": services, "endpoints": dict(chosen.endpoints())}
    output.show("up", document, as_json=as_json, render=lambda console: console.print(service_view.table(services)))


def _until_interrupted(work: Coroutine[Any, Any, Any]) -> None:
    """Runs it. SIGTERM and a hang-up end it as Ctrl-C does: it may clean up behind itself.

    Raises:
        KeyboardInterrupt: one of the three came.
    """

    async def guarded() -> None:
        task = asyncio.current_task()
        for number in (signal.SIGTERM, signal.SIGHUP):
            asyncio.get_running_loop().add_signal_handler(number, cast("asyncio.Task[None]", task).cancel)
        await work

    try:
        asyncio.run(guarded())
    except asyncio.CancelledError as stopped:
        raise KeyboardInterrupt from stopped
