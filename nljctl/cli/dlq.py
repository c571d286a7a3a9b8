"""`nljctl dlq`: the dead letters, listed, explained and sent again."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console, Group, RenderableType
from rich.table import Table
from rich.text import Text

from nljctl.cli import confirm, options, output
from nljctl.errors import UsageError

if TYPE_CHECKING:
    from nljctl.migration.dlq.replay import ReplayReport
    from nljctl.settings import Settings

EXCERPT = 100
MARKS = {"planned": "·", "done": "[green]done[/]", "already": "[dim]already[/]", "failed": "[red]failed[/]"}

Reason = Annotated[
    str | None,
    typer.Option("--reason", metavar="REASON", help="Only these: not-json, too-large, too-deep, invalid-xapi, conflict, mapping-refused."),
]
Topic = Annotated[str | None, typer.Option("--topic", metavar="TOPIC", help="Only records of this topic.")]

dlq = typer.Typer(no_args_is_help=True, help="Lists, explains and replays dead letters: records that could never be stored, kept whole with the reason why.")


@dlq.command("list")
def list_(
    reason: Reason = None,
    topic: Topic = None,
    limit: Annotated[int, typer.Option("--limit", min=0, metavar="N", help="Show at most N; the count is always of all.")] = 20,
    parked: Annotated[bool, typer.Option("--parked", help="Instead, the events that wait for a parent row (`rule` names it).")] = False,
    kafka: options.Kafka = None,
    database: options.Database = None,
    elasticsearch: options.Elasticsearch = None,
    as_json: options.Json = False,
) -> None:
    """Lists the dead letters, newest first, one per record whatever how often it was sent again.

    Example: [bold]nljctl dlq list --reason invalid-xapi --limit 5[/]
    """
    if parked and reason not in (None, "parked"):
        raise UsageError(f"--parked lists events that wait, which have no reason {reason!r}", "Leave --reason out.")
    import asyncio

    from nljctl.migration.dlq import listing

    loaded = _settings(kafka, database, elasticsearch)
    asked = listing.list_parked(loaded, topic=topic, limit=limit) if parked else listing.list_letters(loaded, reason=reason, topic=topic, limit=limit)
    found = asyncio.run(asked)
    output.show("dlq", found, as_json=as_json, render=lambda console: console.print(_listed(found)))


@dlq.command()
def show(
    where: Annotated[list[str], typer.Argument(metavar="TOPIC/PARTITION@OFFSET", help="Its coordinates, as `dlq list` and `stats` print them.")],
    kafka: options.Kafka = None,
    database: options.Database = None,
    elasticsearch: options.Elasticsearch = None,
    as_json: options.Json = False,
) -> None:
    """Shows all of one dead letter, and what it would be judged today: every error with its rule, place, sentence and section.

    Example: [bold]nljctl dlq show nlj.training.bookings/3@17[/]
    """
    import asyncio

    from nljctl.migration.dlq.coordinates import written
    from nljctl.migration.dlq.listing import show_letter

    coordinates = written(where)
    if len(coordinates) != 1:
        raise UsageError("`dlq show` shows one record", "Name it as TOPIC/PARTITION@OFFSET or TOPIC PARTITION OFFSET.")
    found = asyncio.run(show_letter(_settings(kafka, database, elasticsearch), coordinates[0]))
    output.show("dlq", found, as_json=as_json, render=lambda console: console.print(_shown(found["items"][0]), soft_wrap=True))


@dlq.command()
def replay(
    where: Annotated[list[str] | None, typer.Argument(metavar="TOPIC/PARTITION@OFFSET", help="Only these. Default: all that would be accepted.")] = None,
    reason: Reason = None,
    topic: Topic = None,
    limit: Annotated[int | None, typer.Option("--limit", min=1, metavar="N", help="Send at most N.")] = None,
    force: Annotated[bool, typer.Option("--force", help="Send even what would be refused again.")] = False,
    timeout: Annotated[float, typer.Option("--timeout", min=0, metavar="SECONDS", help="How long to wait for what becomes of them.")] = 60.0,
    dry_run: options.DryRun = False,
    yes: options.Yes = False,
    kafka: options.Kafka = None,
    database: options.Database = None,
    elasticsearch: options.Elasticsearch = None,
    as_json: options.Json = False,
) -> None:
    """Sends dead letters again to the topics that they came from, and says what became of each.

    Judges each again first: only what would be accepted now is sent. What an earlier replay has sent is not sent twice.
    Exit code 1 if one was refused again.

    Example: [bold]nljctl dlq replay --reason invalid-xapi --topic nlj.training.bookings --yes[/]
    """
    import asyncio

    from nljctl.migration.dlq import replay as migration
    from nljctl.migration.dlq.coordinates import written
    from nljctl.migration.dlq.plan import ReplayOptions

    loaded = _settings(kafka, database, elasticsearch)
    chosen = ReplayOptions(reason, topic, frozenset(written(where or [])), limit, force, timeout)
    report = asyncio.run(migration.plan_replay(loaded, chosen))
    if not dry_run:
        confirm.ask("dlq replay", _plan(report), yes=yes, does="sends records to the platform's topics again")
        report = asyncio.run(migration.replay(loaded, chosen, report))
    output.show("dlq", report.document(), as_json=as_json, render=lambda console: _replayed(console, report))
    if report.executed:
        raise typer.Exit(report.exit_code)


def _settings(kafka: str | None, database: str | None, elasticsearch: str | None) -> Settings:
    from nljctl.cli import loading

    loaded = loading.load({"kafka": kafka, "database": database, "elasticsearch": elasticsearch})
    loaded.together()
    return loaded


def _listed(found: Mapping[str, Any]) -> RenderableType:
    reasons = ", ".join(f"{count:,} {reason}" for reason, count in found["by_reason"].items())
    table = Table("at", "where", "reason", "rule", "replayed", "value", title=f"{found['count']:,} records" + (f": {reasons}" if reasons else ""))
    for item in found["items"]:
        again = item.get("replayed")
        cells = (item["at"], _where(item), item["reason"], item["rule"], again["outcome"] if again else "", visible(item["value"])[:EXCERPT])
        table.add_row(*(Text(cell) for cell in cells))
    return table


def _shown(item: Mapping[str, Any]) -> Group:
    judged = item["judged"]
    facts = Table.grid(padding=(0, 2))
    rows = (
        ("where", _where(item)),
        ("refused at", item["at"]),
        ("reason", f"{item['reason']} {item['rule']} {item['pointer']}".strip()),
        ("key", visible(item["key"])),
        ("size", f"{item['size']:,} bytes"),
        *(("sent again", f"{again['at']}, offset {again['offset']}: {again['outcome']}") for again in item["replays"]),
        ("today", f"{judged['verdict']}" + (f", event {judged['event']}" if judged["event"] else "")),
    )
    for name, value in rows:
        facts.add_row(name, Text(visible(value)))
    errors = Table("place", "rule", "section", "message")
    for error in judged["errors"]:
        errors.add_row(*(Text(visible(error[name])) for name in ("pointer", "rule", "section", "message")))
    return Group(facts, *([errors] if judged["errors"] else []), Text(visible(item["value"], keep="\n\t")))


def _plan(report: ReplayReport) -> Table:
    table = Table("step", "status", "detail", title=f"replay of {report.plan.by_reason.total():,} dead letters")
    for step in report.steps.steps:
        table.add_row(step.step, MARKS[step.status], step.detail)
    return table


def _replayed(console: Console, report: ReplayReport) -> None:
    console.print(_plan(report))
    if not report.sent:
        return
    table = Table("where", "sent to offset", "outcome")
    for origin, offset in list(report.sent.items())[:EXCERPT]:
        table.add_row(Text(str(origin)), str(offset), report.outcomes[origin])
    console.print(table)
    if report.why:
        console.print(report.why)


def _where(item: Mapping[str, Any]) -> str:
    return f"{item['topic']}/{item['partition']}@{item['offset']}"


def visible(text: str | None, *, keep: str = "") -> str:
    """A producer's text as a terminal may show it: what is no printable character, escape sequences first of all, becomes a sign of it."""
    return "" if text is None else "".join(letter if letter.isprintable() or letter in keep else "\N{REPLACEMENT CHARACTER}" for letter in text)
