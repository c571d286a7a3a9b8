"""`nljctl config`: every setting with its origin."""

from __future__ import annotations

from typing import Any

from rich.console import Console
from rich.table import Table

from nljctl.cli import options, output


def config(
    kafka: options.Kafka = None,
    database: options.Database = None,
    elasticsearch: options.Elasticsearch = None,
    ralph: options.Ralph = None,
    as_json: options.Json = False,
) -> None:
    """Prints each setting, its value and where that comes from. Secrets are masked; for those in a file (`…_FILE`) or a URL it says in which.

    Example: [bold]KAFKA_GROUP_ID=try nljctl config[/]
    """
    from nljctl import settings
    from nljctl.cli import loading

    loaded = loading.load({"kafka": kafka, "database": database, "elasticsearch": elasticsearch, "ralph": ralph})
    rows: list[dict[str, Any]] = [
        {
            "setting": known.variable,
            "value": settings.mask(known.name, loaded.values[known.name]),
            "origin": loaded.origins[known.name],
            "held_in": loaded.held_in.get(known.name),
        }
        for known in settings.SETTINGS
    ]
    rows.append({"setting": "NLJCTL_HOME", "value": str(loaded.home), "origin": "resolved", "held_in": None})
    output.show("config", {"settings": rows}, as_json=as_json, render=lambda console: _render(console, rows))


def _render(console: Console, rows: list[dict[str, Any]]) -> None:
    table = Table("setting", "value", "origin")
    for row in rows:
        table.add_row(row["setting"], row["value"] or "[dim]not set[/]", f"{row['origin']}, in {row['held_in']}" if row["held_in"] else row["origin"])
    console.print(table)
