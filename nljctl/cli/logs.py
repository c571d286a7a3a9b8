"""`nljctl logs`: what the services print."""

from __future__ import annotations

from typing import Annotated

import typer

from nljctl.cli import options, output
from nljctl.errors import UsageError

COLOURS = ("cyan", "magenta", "green", "yellow", "blue", "red")


def logs(
    service: Annotated[str | None, typer.Argument(metavar="[SERVICE]", help="One service, such as redpanda; all by default.")] = None,
    follow: Annotated[bool, typer.Option("--follow", "-f", help="Go on with what comes, until Ctrl-C.")] = False,
    lines: Annotated[int, typer.Option("--lines", min=0, help="How many of the last lines of each.")] = 50,
    runtime: options.Runtime = None,
    as_json: options.Json = False,
) -> None:
    """Prints the last lines of the services' logs.

    With --json one document with all `lines`; with --follow one document a line.

    Example: [bold]nljctl logs nlj-faststream-consumer --follow[/]
    """
    import asyncio
    import sys

    from nljctl.cli import loading
    from nljctl.stack.choice import open_runtime

    chosen = open_runtime(loading.load({"runtime": runtime}))

    async def act() -> None:
        known = [each.name for each in await chosen.state()]
        if service is not None and service not in known:
            raise UsageError(f"this stack has no service {service}", f"It has {', '.join(known)}.")
        found = chosen.logs([service] if service else known, lines=lines, follow=follow)
        if as_json and not follow:
            output.document("logs", {"lines": [{"service": each.service, "line": each.line} async for each in found]})
            return
        console = output.people()
        async for each in found:
            if as_json:
                output.document("logs", {"service": each.service, "line": each.line})
            elif service:
                sys.stdout.write(each.line + "\n")
                sys.stdout.flush()
            else:
                console.print(f"{each.service}", style=COLOURS[known.index(each.service) % len(COLOURS)], end="  ")
                console.print(each.line, markup=False, highlight=False)

    asyncio.run(act())
