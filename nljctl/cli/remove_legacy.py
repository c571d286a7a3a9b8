"""`nljctl remove-legacy`: the end of the migration."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console, Group, RenderableType
from rich.markup import escape
from rich.table import Table

from nljctl.cli import confirm, options, output, plan_view
from nljctl.errors import EXIT_NOT_SO

if TYPE_CHECKING:
    from nljctl.migration.remove_legacy import RemovalReport

DAY = 86_400.0
COLOURS = {"ok": "green", "failed": "red", "skipped": "dim"}


def remove_legacy(
    quiet_for: Annotated[float, typer.Option("--quiet-for", min=0, metavar="SECONDS", help="How long ago the cutover must be. Default: a day.")] = DAY,
    dry_run: options.DryRun = False,
    yes: options.Yes = False,
    runtime: options.Runtime = None,
    as_json: options.Json = False,
) -> None:
    """Checks that nothing needs legacy any more, then stops its services for good and deletes its consumer group. Afterwards there is no rollback.

    If a check fails nothing happens (exit code 1). The legacy index stays. Run it again after any interruption.

    Example: [bold]nljctl remove-legacy --quiet-for 604800 --yes[/]
    """
    import asyncio

    from nljctl.cli import loading
    from nljctl.migration import acting
    from nljctl.migration import remove_legacy as migration
    from nljctl.migration.steps import Steps
    from nljctl.stack.choice import open_runtime

    loaded = loading.load({"runtime": runtime})
    loaded.together()
    chosen = open_runtime(loaded)
    asyncio.run(acting.expect(loaded, chosen))
    watched = Steps()
    report = asyncio.run(migration.plan_removal(loaded, quiet_for, watched, compares=not dry_run))
    if not dry_run and report.allowed:
        confirm.ask("remove-legacy", _view(report), yes=yes, does="removes what a rollback needs")
        progress = output.progress()
        watched.watch = lambda step: plan_view.say(progress, step)
        asyncio.run(migration.remove_legacy(loaded, chosen, report))
    output.show("remove-legacy", report.document(), as_json=as_json, render=lambda console: _render(console, report))
    if not dry_run and not report.executed:
        raise typer.Exit(EXIT_NOT_SO)


def _render(console: Console, report: RemovalReport) -> None:
    console.print(_view(report))


def _view(report: RemovalReport) -> RenderableType:
    checks = Table("check", "", "detail", title="checks", title_justify="left")
    for each in report.checks:
        checks.add_row(each.name, f"[{COLOURS[each.status]}]{each.status}[/]", escape(each.detail))
    steps = plan_view.steps(report.steps, "remove-legacy")
    return Group(checks, steps) if report.checks else steps
