"""`nljctl doctor`: is everything as it must be, and if not, what mends it?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from nljctl.cli import options, output
from nljctl.errors import EXIT_NOT_SO

if TYPE_CHECKING:
    from nljctl.migration.doctor.finding import Finding

COLOURS = {"failed": "red", "warning": "yellow", "ok": "green", "skipped": "dim"}


def doctor(
    everything: Annotated[bool, typer.Option("--all/--wrong", help="Print every check, or only those that are not ok.")] = True,
    runtime: options.Runtime = None,
    kafka: options.Kafka = None,
    database: options.Database = None,
    elasticsearch: options.Elasticsearch = None,
    ralph: options.Ralph = None,
    as_json: options.Json = False,
) -> None:
    """Checks what `health` does not: versions, retention, mapping, alias, owners, clocks, settings; and says what mends what is wrong.

    Changes nothing. Exit code 1 if a check failed; a service that does not answer is a failed check.

    Example: [bold]nljctl doctor --wrong[/]
    """
    import asyncio

    from nljctl.cli import loading
    from nljctl.migration.doctor.doctor import doctor as examine
    from nljctl.stack.choice import open_runtime

    loaded = loading.load({"runtime": runtime, "kafka": kafka, "database": database, "elasticsearch": elasticsearch, "ralph": ralph})
    found = asyncio.run(examine(loaded, open_runtime(loaded)))
    shown = [(name, finding) for name, finding in found if everything or finding.status not in ("ok", "skipped")]
    checks = [{"name": name, "status": finding.status, "detail": finding.detail, "fix": finding.fix} for name, finding in shown]
    output.show("doctor", {"checks": checks}, as_json=as_json, render=lambda console: _render(console, shown))
    if any(finding.status == "failed" for _, finding in found):
        raise typer.Exit(EXIT_NOT_SO)


def _render(console: Console, shown: list[tuple[str, Finding]]) -> None:
    table = Table("status", "check", "detail")
    for name, finding in shown:
        table.add_row(Text(finding.status, COLOURS[finding.status]), name, Text(finding.detail))
    console.print(table if shown else "nothing is wrong")
    # Outside the table, in one line each: they are there to be copied.
    for name, finding in shown:
        if finding.fix:
            console.print(Text.assemble((f"{name}: ", "bold"), finding.fix), soft_wrap=True)
