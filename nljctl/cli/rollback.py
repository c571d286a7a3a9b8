"""`nljctl rollback`: back to legacy, now."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal

import typer
from rich.console import Console

from nljctl.cli import confirm, options, output, plan_view
from nljctl.errors import UsageError

if TYPE_CHECKING:
    from nljctl.migration.rollback import RollbackReport

TITLE = "rollback to legacy"


def rollback(
    no_drain: Annotated[bool, typer.Option("--no-drain", help="Kill faststream at once; what it had under way is settled from the log.")] = False,
    reads: Annotated[
        str, typer.Option("--reads", metavar="auto|now", help="When analytics read the legacy index: once its backfill is full, or at once.")
    ] = "auto",
    dry_run: options.DryRun = False,
    yes: options.Yes = False,
    runtime: options.Runtime = None,
    as_json: options.Json = False,
) -> None:
    """Gives all effects back to legacy, stops faststream, settles what it owed, starts legacy at the fences, and verifies it.

    Nothing is lost or applied twice, whatever state faststream is in; run it again after any interruption.

    Example: [bold]nljctl rollback --yes[/]
    """
    if reads not in ("auto", "now"):
        raise UsageError(f"--reads is {reads!r}", "It is auto or now.")
    import asyncio

    from nljctl.cli import loading
    from nljctl.migration import acting
    from nljctl.migration import rollback as migration
    from nljctl.migration.steps import Steps
    from nljctl.stack.choice import open_runtime

    loaded = loading.load({"runtime": runtime})
    progress = output.progress()
    steps = migration.plan_rollback(Steps(watch=lambda step: plan_view.say(progress, step)))
    if dry_run:
        planned = migration.RollbackReport(steps)
        output.show("rollback", planned.document(), as_json=as_json, render=lambda console: console.print(plan_view.steps(steps, TITLE)))
        return
    confirm.ask("rollback", plan_view.steps(steps, TITLE), yes=yes)
    chosen = open_runtime(loaded)
    asyncio.run(acting.expect(loaded, chosen))
    when: Literal["auto", "now"] = "now" if reads == "now" else "auto"
    options_ = migration.RollbackOptions(drain=not no_drain, reads=when)
    report = asyncio.run(migration.rollback(loaded, chosen, options_, steps, lambda name, what: progress.print(f"  {name}: {what}", style="dim")))
    output.show("rollback", report.document(), as_json=as_json, render=lambda console: _render(console, report))


def _render(console: Console, report: RollbackReport) -> None:
    console.print(plan_view.steps(report.steps, TITLE))
    seconds = report.seconds_to_first_effect
    console.print("no new effect was due" if seconds is None else f"legacy's first new effect after {seconds:.1f} s")
    console.print(f"running: {', '.join(report.verified['running'])}")
    if report.backfill:
        console.print(f"the legacy store is being filled in the background: {len(report.backfill)} ranges; see `nljctl status`")
