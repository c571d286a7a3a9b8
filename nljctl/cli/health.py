"""`nljctl health`: every component, honestly."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Annotated, Any

import typer
from rich.table import Table

from nljctl.cli import options, output
from nljctl.errors import EXIT_NOT_SO, TimedOutError, UsageError

EVERY_SECONDS = 1.0
COLOURS = {"healthy": "green", "degraded": "yellow", "unhealthy": "red", "not_expected": "dim"}


def health(
    watch: Annotated[bool, typer.Option("--watch", help="Again every second, until Ctrl-C.")] = False,
    wait: Annotated[str | None, typer.Option("--wait", metavar="healthy", help="Wait until it is so.")] = None,
    timeout: Annotated[float, typer.Option("--timeout", min=0, metavar="SECONDS", help="How long --wait waits.")] = 60.0,
    kafka: options.Kafka = None,
    database: options.Database = None,
    elasticsearch: options.Elasticsearch = None,
    ralph: options.Ralph = None,
    as_json: options.Json = False,
) -> None:
    """Asks Kafka, Postgres, Elasticsearch, both consumers, Ralph, and who owns the effects. Exit code 1 if anything expected is unhealthy.

    Example: [bold]nljctl health --wait healthy --timeout 30[/]
    """
    if wait not in (None, "healthy"):
        raise UsageError(f"--wait is {wait!r}", "It can only be healthy.")
    import asyncio

    from nljctl.cli import loading
    from nljctl.cli.watch import repeat
    from nljctl.migration import health as migration

    loaded = loading.load({"kafka": kafka, "database": database, "elasticsearch": elasticsearch, "ralph": ralph})

    def once() -> Mapping[str, Any]:
        return asyncio.run(migration.health(loaded))

    if watch:
        repeat("health", once, render, as_json=as_json, every=EVERY_SECONDS)
    found = once()
    deadline = time.monotonic() + timeout
    while wait and found["status"] != wait:
        if time.monotonic() > deadline:
            bad = ", ".join(name for name, component in found["components"].items() if component["status"] in ("unhealthy", "degraded"))
            raise TimedOutError(f"not healthy after {timeout:g} s: {bad}", "Run `nljctl health` to see why.")
        time.sleep(EVERY_SECONDS)
        found = once()
    output.show("health", found, as_json=as_json, render=lambda console: console.print(render(found)))
    if found["status"] == "unhealthy":
        raise typer.Exit(EXIT_NOT_SO)


def render(found: Mapping[str, Any]) -> Table:
    """One row a component."""
    table = Table("component", "status", "detail", title=f"[{COLOURS[found['status']]}]{found['status']}[/]")
    for name, component in found["components"].items():
        hint = f" ({component['hint']})" if component.get("hint") else ""
        table.add_row(name, f"[{COLOURS[component['status']]}]{component['status']}[/]", f"{component['detail']}{hint}")
    return table
