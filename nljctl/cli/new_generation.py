"""`nljctl new-generation`: a topic was deleted and made anew, and that was meant."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console

from nljctl.cli import confirm, options, output, plan_view

if TYPE_CHECKING:
    from nljctl.migration.new_generation import GenerationReport


def new_generation(
    topics: Annotated[list[str], typer.Argument(metavar="TOPIC...", help="The topics that were made anew.")],
    force: Annotated[bool, typer.Option("--force", help="Begin anew although nothing shows that the topic is another one.")] = False,
    dry_run: options.DryRun = False,
    yes: options.Yes = False,
    kafka: options.Kafka = None,
    database: options.Database = None,
    as_json: options.Json = False,
) -> None:
    """Confirms that a topic was deleted and made anew under its name: both pipelines read the new one from its beginning.

    A consumer that finds such a topic stops, because what is known of the old log would make it skip records of the new one. Statements
    that come again are known by their ids. Start the consumers again afterwards.

    Example: [bold]nljctl new-generation xapi-events --yes[/]
    """
    import asyncio

    from nljctl.cli import loading
    from nljctl.migration import new_generation as migration
    from nljctl.migration.steps import Steps

    loaded = loading.load({"kafka": kafka, "database": database})
    loaded.together("kafka", "database")
    report = asyncio.run(migration.plan_generation(loaded, topics, Steps(), force=force))
    if report.due and not dry_run:
        confirm.ask("new-generation", plan_view.steps(report.steps, "new-generation"), yes=yes, does="begins a topic anew")
        asyncio.run(migration.new_generation(loaded, report))
    output.show("new-generation", report.document(), as_json=as_json, render=lambda console: _render(console, report))


def _render(console: Console, report: GenerationReport) -> None:
    console.print(plan_view.steps(report.steps, "new-generation"))
