"""`nljctl status`: what runs, who owns what, and how far each pipeline is."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

import typer
from rich.console import Group, RenderableType
from rich.table import Table

from nljctl.cli import options, output, service_view

EVERY_SECONDS = 1.0


def status(
    watch: Annotated[bool, typer.Option("--watch", help="Again every second, until Ctrl-C; full screen on a terminal.")] = False,
    history: Annotated[bool, typer.Option("--history", help="List every decision about who owns what.")] = False,
    runtime: options.Runtime = None,
    as_json: options.Json = False,
) -> None:
    """Shows the services, who owns the effects, how far each pipeline is behind the log, and what waits.

    A service that was killed is `exited`; `nljctl up` starts it again. What a service that is away would have told is empty, and `why` says so.

    Example: [bold]nljctl status --watch[/]
    """
    import asyncio

    from nljctl.cli import loading
    from nljctl.cli.watch import repeat
    from nljctl.migration.status import status as ask
    from nljctl.stack.choice import open_runtime

    loaded = loading.load({"runtime": runtime})
    chosen = open_runtime(loaded)

    def once() -> Mapping[str, Any]:
        found, services = asyncio.run(ask(loading.load({"runtime": runtime}), chosen))
        return {"runtime": chosen.name, "profiles": list(chosen.profiles()), "services": service_view.rows(services), **found}

    def draw(found: Mapping[str, Any]) -> RenderableType:
        return render(found, history=history)

    if watch:
        repeat("status", once, draw, as_json=as_json, every=EVERY_SECONDS)
    found = once()
    output.show("status", found, as_json=as_json, render=lambda console: console.print(draw(found)))


def render(found: Mapping[str, Any], *, history: bool) -> RenderableType:
    """The services, then a line each for what is known of the migration."""
    parts: list[RenderableType] = [service_view.table(found["services"]), _facts(found)]
    if history:
        parts.append(_history(found["history"]))
    return Group(*parts)


def _facts(found: Mapping[str, Any]) -> Table:
    grid = Table.grid(padding=(0, 2))
    grid.add_row("runtime", found["runtime"])
    grid.add_row("profiles", ", ".join(found["profiles"]) or "none: shared services only")
    owned = found["ownership"]
    if owned["epoch"] is not None:
        reads = owned["reads"] or "what is not known"
        grid.add_row("state", f"{owned['state']}: epoch {owned['epoch']}, faststream owns {owned['share']} % of the aggregates, analytics read {reads}")
        if owned["reads_due"]:
            grid.add_row("reads", f"[yellow]still to be switched[/] to {owned['reads_due']}: xapi-consumer does it when that is full and Elasticsearch serves")
        if not owned["owner_running"]:
            grid.add_row("owner", "[red]not running[/]: effects wait for it")
    for pipeline, records in found["lag"].items() if owned["epoch"] is not None else ():
        grid.add_row(f"lag {pipeline}", "never ran" if records is None else f"{records:,} records")
    if found["parked"]:
        grid.add_row("parked", f"{found['parked']:,} events wait for their parent")
    for each in found["backfill"] or ():
        grid.add_row("backfill", f"{each['index']} {each['topic']}/{each['partition']}: {each['done'] - each['from']:,} of {each['to'] - each['from']:,}")
    if found["why"]:
        grid.add_row("unknown", f"[yellow]{found['why']}[/]")
    return grid


def _history(decisions: list[dict[str, Any]]) -> Table:
    columns = ("number", "kind", "share", "at", "by", "reason")
    view = Table(*columns, title="decisions")
    for each in decisions:
        view.add_row(*(str(each.get(column, "")) for column in columns))
    return view
