"""Flags that several commands share, each written once."""

from __future__ import annotations

from typing import Annotated

import typer

ENDPOINTS = "Endpoints"

Json = Annotated[bool, typer.Option("--json", help="Print exactly one JSON document on stdout; progress goes to stderr.")]
Yes = Annotated[bool, typer.Option("--yes", help="Do it without asking.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Print the plan and change nothing.")]
Runtime = Annotated[str | None, typer.Option("--runtime", metavar="local|compose", help="Where the stack runs. Default: the one that was started.")]
Kafka = Annotated[str | None, typer.Option("--kafka", metavar="HOST:PORT", help="Kafka (KAFKA_BOOTSTRAP_SERVERS).", rich_help_panel=ENDPOINTS)]
Database = Annotated[str | None, typer.Option("--database", metavar="URL", help="The platform's Postgres (DATABASE_URL).", rich_help_panel=ENDPOINTS)]
Elasticsearch = Annotated[str | None, typer.Option("--elasticsearch", metavar="URL", help="Elasticsearch (ELASTICSEARCH_URL).", rich_help_panel=ENDPOINTS)]
Ralph = Annotated[str | None, typer.Option("--ralph", metavar="URL", help="The legacy LRS (RALPH_LRS_URL).", rich_help_panel=ENDPOINTS)]
LogFormat = Annotated[str, typer.Option("--log-format", metavar="text|json", help="How logs on stderr look.")]
Verbose = Annotated[bool, typer.Option("--verbose", "-v", help="Log more.")]
