"""`nljctl setup`: topics, indices, alias, tables and the first epoch."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console

from nljctl.cli import options, output
from nljctl.errors import UsageError

if TYPE_CHECKING:
    from nljctl.migration.setup import SetupReport

LATER = "later"
OWNERS = ("legacy", "faststream", LATER)
SHADOWS = ("earliest", "snapshot")


def setup(
    owner: Annotated[
        str,
        typer.Option(
            "--owner", metavar="legacy|faststream", help="Who owns all effects in the first epoch, if there is none yet; `later` leaves that to a later setup."
        ),
    ] = "legacy",
    shadow: Annotated[
        str, typer.Option("--shadow", metavar="earliest|snapshot", help="What the shadow tables begin with: the log's start, or the platform's present rows.")
    ] = "earliest",
    samples: Annotated[bool, typer.Option("--samples", help="In a database without any user, the people of the samples become users.")] = False,
    kafka: options.Kafka = None,
    database: options.Database = None,
    elasticsearch: options.Elasticsearch = None,
    as_json: options.Json = False,
) -> None:
    """Makes what is missing: topics, index template, indices, the alias xapi-analytics, tables, the first epoch. What exists stays as it is.

    Example: [bold]nljctl setup --owner legacy[/]
    """
    if owner not in OWNERS:
        raise UsageError(f"--owner is {owner!r}", f"It is one of {', '.join(OWNERS)}.")
    if shadow not in SHADOWS:
        raise UsageError(f"--shadow is {shadow!r}", f"It is one of {', '.join(SHADOWS)}.")
    import asyncio

    from nljctl.cli import loading
    from nljctl.effects.plan import Pipeline
    from nljctl.migration import setup as migration

    loaded = loading.load({"kafka": kafka, "database": database, "elasticsearch": elasticsearch})
    seeds: migration.Samples = "always" if loaded.origins["database"] == "stack.json" else "new" if samples else "none"
    report = asyncio.run(migration.setup(loaded, owner=None if owner == LATER else Pipeline(owner), samples=seeds, from_rows=shadow == "snapshot"))
    output.show("setup", {"created": report.created, "existing": report.existing}, as_json=as_json, render=lambda console: _render(console, report))


def _render(console: Console, report: SetupReport) -> None:
    for name in report.created:
        console.print(f"[green]created[/]  {name}", highlight=False)
    console.print(f"{len(report.created)} created, {len(report.existing)} were there")
