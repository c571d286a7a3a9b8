"""`nljctl shift`: a little of the effects to faststream, then more."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console

from nljctl.cli import confirm, options, output, plan_view
from nljctl.errors import EXIT_NOT_SO

if TYPE_CHECKING:
    from nljctl.migration.shift import ShiftReport

Gate = Annotated[
    list[str] | None,
    typer.Option("--gate", metavar="EXPR", help="NAME OP VALUE instead of the default of that gate, such as 'lag<=5000' (repeatable). --dry-run lists them."),
]
Timeout = Annotated[float, typer.Option("--timeout", min=0, metavar="SECONDS", help="How long both pipelines may take to pass a fence.")]


def shift(
    to: Annotated[int | None, typer.Option("--to", metavar="PERCENT", help="The share of the aggregates whose effects faststream shall own.")] = None,
    steps: Annotated[str | None, typer.Option("--steps", metavar="1,10,50,100", help="Several shares, one after the other.")] = None,
    hold: Annotated[float, typer.Option("--hold", min=0, metavar="SECONDS", help="Watch the gates for so long after each step.")] = 0.0,
    gate: Gate = None,
    timeout: Timeout = 60.0,
    dry_run: options.DryRun = False,
    yes: options.Yes = False,
    runtime: options.Runtime = None,
    as_json: options.Json = False,
) -> None:
    """Moves the effects of a share of the programs and sessions to faststream, while both consumers run.

    Each step: every gate must be met, then a fence is set, and both pipelines must pass it. A share that grows moves nobody who has moved already.
    When a gate breaks after a step, effects go back to the last good share at once (exit code 1, [bold]returned[/]). It goes on when the terminal goes
    away; after a kill, run it again.

    Example: [bold]nljctl shift --steps 1,10,50,100 --hold 300 --yes[/]
    """
    import asyncio

    from nljctl.cli import loading
    from nljctl.cli.outlive import outlive_the_terminal
    from nljctl.migration import shift as migration
    from nljctl.migration.gates import conditions
    from nljctl.migration.shares import targets
    from nljctl.migration.steps import Steps

    asked = migration.ShiftOptions(targets(to, steps), conditions("shift", gate or ()), hold, timeout)
    loaded = loading.load({"runtime": runtime})
    loaded.together()
    watched = Steps()
    report = asyncio.run(migration.plan_shift(loaded, asked, watched, gates=dry_run or not yes))
    if dry_run:
        output.show("shift", report.document(), as_json=as_json, render=lambda console: _render(console, report))
        return
    if report.shares:
        confirm.ask("shift", plan_view.plan(watched, report.gates, "shift"), yes=yes)
    outlive_the_terminal()
    progress = output.progress()
    watched.watch = lambda step: plan_view.say(progress, step)
    asyncio.run(migration.shift(loaded, asked, report))
    output.show("shift", report.document(), as_json=as_json, render=lambda console: _render(console, report))
    if not report.reached:
        raise typer.Exit(EXIT_NOT_SO)


def _render(console: Console, report: ShiftReport) -> None:
    console.print(plan_view.plan(report.steps, report.gates, "shift"))
    owned = f"faststream owns {report.epoch.share} % of the aggregates (epoch {report.epoch.number})"
    console.print(f"[red]a gate broke[/]: back again, {owned}" if report.returned else owned)
