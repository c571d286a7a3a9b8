"""`nljctl down`: nothing of the stack is left running."""

from __future__ import annotations

from typing import Annotated, Any

import typer
from rich.console import Console

from nljctl.cli import options, output, service_view


def down(
    volumes: Annotated[bool, typer.Option("--volumes", help="Delete the stack's data and logs too. Asks first.")] = False,
    dry_run: options.DryRun = False,
    yes: options.Yes = False,
    runtime: options.Runtime = None,
    as_json: options.Json = False,
) -> None:
    """Stops every service of the stack, consumers first. Data stays, unless --volumes.

    Example: [bold]nljctl down[/], or to begin anew: [bold]nljctl down --volumes --yes[/]
    """
    import asyncio

    from nljctl.cli import confirm, loading
    from nljctl.stack.choice import open_runtime

    loaded = loading.load({"runtime": runtime})
    chosen = open_runtime(loaded)
    plan = f"stop all services{f' and delete the data and logs in {loaded.home}' if volumes else ''}"
    if dry_run:
        services = service_view.rows(asyncio.run(chosen.state()))
        document = {"runtime": chosen.name, "services": services, "volumes": volumes, "executed": False}
        output.show("down", document, as_json=as_json, render=lambda console: console.print(plan, highlight=False))
        return
    if volumes:
        confirm.ask("down --volumes", plan, yes=yes, does="deletes data")
    elif chosen.name != "local":
        confirm.ask("down", plan, yes=yes, does="stops the platform's database too")

    async def act() -> list[dict[str, Any]]:
        names = [each.name for each in await chosen.state()]
        stopped = await chosen.stop(names)
        if volumes:
            await chosen.remove()
        gone = {"state": "stopped", "health": None, "endpoint": None, "pid": None}
        return [{"name": each.name, **gone, "how": each.how, "seconds": each.seconds} for each in stopped]

    services = asyncio.run(act())

    def render(console: Console) -> None:
        for each in services:
            how = "did not run" if each["how"] == "already" else f"{each['how']} in {each['seconds']:.1f} s"
            console.print(f"[dim]stopped[/]  {each['name']}: {how}", highlight=False)
        if not services:
            console.print("no stack here")
        if volumes:
            console.print(f"deleted the data in {loaded.home}", highlight=False)

    output.show("down", {"runtime": chosen.name, "services": services, "volumes": volumes, "executed": True}, as_json=as_json, render=render)
