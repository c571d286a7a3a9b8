"""`nljctl cutover`: faststream for good."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console

from nljctl.cli import confirm, options, output, plan_view
from nljctl.cli.shift import Gate, Timeout
from nljctl.errors import EXIT_NOT_SO

if TYPE_CHECKING:
    from nljctl.migration.cutover import CutoverReport


def cutover(
    force: Annotated[bool, typer.Option("--force", help="Report the gates and record them in the history, but do not obey them.")] = False,
    gate: Gate = None,
    timeout: Timeout = 60.0,
    dry_run: options.DryRun = False,
    yes: options.Yes = False,
    runtime: options.Runtime = None,
    as_json: options.Json = False,
) -> None:
    """Gives all effects to faststream, points analytics at the new index, stops legacy and verifies that it is so. Legacy is kept: rollback works.

    Every gate must be met, or nothing happens (exit code 1). Run it again after any interruption: it finishes the same cutover.

    Example: [bold]nljctl cutover --yes[/]
    """
    import asyncio

    from nljctl.cli import loading
    from nljctl.cli.outlive import outlive_the_terminal
    from nljctl.migration import acting
    from nljctl.migration import cutover as migration
    from nljctl.migration.gates import conditions
    from nljctl.migration.steps import Steps
    from nljctl.stack.choice import open_runtime

    asked = migration.CutoverOptions(conditions("cutover", gate or ()), force, timeout)
    loaded = loading.load({"runtime": runtime})
    loaded.together()
    chosen = open_runtime(loaded)
    asyncio.run(acting.expect(loaded, chosen))
    watched = Steps()
    report = asyncio.run(migration.plan_cutover(loaded, asked, watched, gates=dry_run or not yes))
    if dry_run:
        output.show("cutover", report.document(), as_json=as_json, render=lambda console: _render(console, report))
        return
    confirm.ask("cutover", plan_view.plan(watched, report.gates, "cutover"), yes=yes)
    outlive_the_terminal()
    progress = output.progress()
    watched.watch = lambda step: plan_view.say(progress, step)
    asyncio.run(migration.cutover(loaded, chosen, asked, report, lambda name, what: progress.print(f"  {name}: {what}", style="dim")))
    output.show("cutover", report.document(), as_json=as_json, render=lambda console: _render(console, report))
    if not report.executed:
        raise typer.Exit(EXIT_NOT_SO)


def _render(console: Console, report: CutoverReport) -> None:
    console.print(plan_view.plan(report.steps, report.gates, "cutover"))
    if report.executed:
        console.print(f"running: {', '.join(report.verified['running'])}")
        console.print("legacy is stopped and kept; `nljctl rollback` goes back")
