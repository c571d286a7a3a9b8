"""`nljctl repair`: writes again what a comparison found missing, altered or expired."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from nljctl.cli import confirm, options, output
from nljctl.errors import UsageError

if TYPE_CHECKING:
    from nljctl.migration.repair.report import RepairReport

MARKS = {"planned": "·", "done": "[green]done[/]", "already": "[dim]already[/]", "failed": "[red]not possible[/]"}
SHOWN = 40


def repair(
    evidence: Annotated[
        Path | None, typer.Option("--evidence", metavar="DIR", help="What compare-legacy left. Default: the last comparison's folder.", file_okay=False)
    ] = None,
    side: Annotated[str, typer.Option("--side", metavar="faststream|legacy", help="Whose index is repaired.")] = "faststream",
    source: Annotated[
        str, typer.Option("--from", metavar="log|legacy|faststream", help="Where the content comes from: the log, or the other side's index.")
    ] = "log",
    compare: Annotated[bool, typer.Option("--compare/--no-compare", help="Compare again afterwards.")] = True,
    dry_run: options.DryRun = False,
    yes: options.Yes = False,
    kafka: options.Kafka = None,
    database: options.Database = None,
    elasticsearch: options.Elasticsearch = None,
    ralph: options.Ralph = None,
    as_json: options.Json = False,
) -> None:
    """Writes again what a comparison found missing, altered or expired, by the same writer as the consumer's.

    [bold]--from legacy[/] brings into the new index what only the legacy index still has (its records are older than the log);
    [bold]--side legacy --from faststream[/] the other way round. It can be run again at any time: what is there is left alone.
    Exit code 1 if something is still missing.

    Example: [bold]nljctl repair --side faststream --from log --yes[/]
    """
    import asyncio

    from nljctl.cli import loading
    from nljctl.migration.classes import SIDES
    from nljctl.migration.repair import repair as migration
    from nljctl.migration.repair.need import SOURCES

    chosen = next((name for name in SIDES if name == side), None)
    if chosen is None:
        raise UsageError(f"--side takes faststream or legacy, not {side}", "It is the side whose index is repaired.")
    if source not in SOURCES:
        raise UsageError(f"--from takes log, legacy or faststream, not {source}", "It is where the content comes from.")
    asked = migration.RepairOptions(chosen, source, evidence, compare)
    loaded = loading.load({"kafka": kafka, "database": database, "elasticsearch": elasticsearch, "ralph": ralph})
    with output.progress().status("reading the evidence") as status:
        report = asyncio.run(migration.plan_repair(loaded, asked, lambda what: status.update(what)))
    if not dry_run:
        if report.planned:
            confirm.ask("repair", _plan(report), yes=yes, does=f"writes into the index of {side}")
        with output.progress().status("repairing") as status:
            report = asyncio.run(migration.repair(loaded, asked, report, lambda what: status.update(what)))
    output.show("repair", report.document(), as_json=as_json, render=lambda console: _render(console, report))
    if report.exit_code:
        raise typer.Exit(report.exit_code)


def _plan(report: RepairReport) -> Table:
    counts = ", ".join(f"{count:,} {action.value} {status.value}" for (action, status), count in sorted(report.counts.items())) or "nothing"
    title = f"repair of {report.side} from the {'log' if report.source == 'log' else report.source + ' index'}: {counts}"
    table = Table("", "action", "class", "statement", "before", "after", "in the log", "detail", title=title, title_justify="left")
    for item in report.items[:SHOWN]:
        where = "–" if item.need.tp is None else f"{item.need.tp.topic}/{item.need.tp.partition}@{item.need.offset}"
        cells = (item.id or item.need.id or "–", item.before[:12] or "–", item.after[:12] or "–", where, item.detail)
        table.add_row(MARKS[item.status], item.action, item.need.cls, *(escape(cell) for cell in cells))
    return table


def _render(console: Console, report: RepairReport) -> None:
    console.print(_plan(report))
    if report.needed > SHOWN:
        console.print(f"and {report.needed - SHOWN:,} more")
    if report.executed:
        console.print(f"repaired {report.repaired:,}; still missing {report.still_missing:,}")
    if report.comparison is not None:
        found = report.comparison
        console.print(f"compared again: {found['verdict'] or found['error']}  {escape(found['evidence'] or '')}", soft_wrap=True)
