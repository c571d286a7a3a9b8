"""`nljctl stats`: validation statistics, since the beginning and live."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

import typer
from rich.console import Group
from rich.markup import escape
from rich.table import Table

from nljctl.cli import options, output

EVERY_SECONDS = 2.0


def stats(
    topic: Annotated[str | None, typer.Option("--topic", metavar="TOPIC", help="Only this topic.")] = None,
    watch: Annotated[bool, typer.Option("--watch", help="Again every two seconds, until Ctrl-C.")] = False,
    kafka: options.Kafka = None,
    database: options.Database = None,
    elasticsearch: options.Elasticsearch = None,
    as_json: options.Json = False,
) -> None:
    """What faststream judged: each record once, over restarts, replicas and redelivery; by rule, by repair, by topic; the last errors.

    Example: [bold]nljctl stats --topic nlj.training.bookings --json[/]
    """
    import asyncio

    from nljctl.cli import loading
    from nljctl.cli.watch import repeat
    from nljctl.migration.statistics import statistics

    loaded = loading.load({"kafka": kafka, "database": database, "elasticsearch": elasticsearch})

    def once() -> Mapping[str, Any]:
        return asyncio.run(statistics(loaded, topic))

    if watch:
        repeat("stats", once, render, as_json=as_json, every=EVERY_SECONDS)
    else:
        found = once()
        output.show("stats", found, as_json=as_json, render=lambda console: console.print(render(found)))


def render(found: Mapping[str, Any]) -> Group:
    """The statistics as tables."""
    totals = Table(title=f"{found['total_validations']:,} records judged, {found['success_rate']:.2f} % valid")
    for name in ("topic", "records", "valid", "repaired", "failed", "valid %"):
        totals.add_column(name, justify="left" if name == "topic" else "right")
    for topic, row in found["by_topic"].items():
        counts = (row["total_validations"], row["successful_validations"], row["repaired_validations"], row["failed_validations"])
        totals.add_row(topic, *(f"{count:,}" for count in counts), f"{row['success_rate']:.2f}")
    live = found["live"]
    rate = "no running consumer could be asked" if live["per_second"] is None else f"{live['per_second']:.1f} records a second in the last minute"
    waiting = [f"[yellow]waiting for {target}: {escape(reason)}[/]" for target, reason in (live["paused"] or {}).items()]
    return Group(totals, _counts("rule", found["by_rule"]), _counts("repair", found["by_repair"]), _errors(found["recent_errors"]), rate, *waiting)


def _counts(what: str, counts: Mapping[str, int]) -> Table | str:
    if not counts:
        return f"no {what} applied"
    table = Table(what, "records")
    for name, count in counts.items():
        table.add_row(name, f"{count:,}")
    return table


def _errors(errors: list[Mapping[str, Any]]) -> Table | str:
    if not errors:
        return "no errors"
    table = Table("at", "where", "reason", "message", title="last errors")
    for error in errors:
        table.add_row(error["at"], f"{error['topic']}/{error['partition']}@{error['offset']}", f"{error['reason']} {error['rule']}".strip(), error["message"])
    return table
