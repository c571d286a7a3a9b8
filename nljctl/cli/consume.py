"""`nljctl consume`: one of the two consumers in the foreground."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from nljctl.cli import options, output
from nljctl.errors import UsageError

if TYPE_CHECKING:
    from nljctl.pipelines.report import ConsumerReport

PIPELINES = ("faststream", "legacy")
ROUTES = ("intended", "as-shipped")
FORMATS = ("text", "json")
DEFAULT_PORT = 8080

EPILOG = "Example: nljctl consume legacy --until-caught-up --timeout 300 --json"


def consume(
    pipeline: Annotated[str, typer.Argument(metavar="faststream|legacy", help="Which consumer.")] = "faststream",
    until_caught_up: Annotated[bool, typer.Option("--until-caught-up", help="End when the pipeline's lag, over all its topics, was 0.")] = False,
    timeout: Annotated[float | None, typer.Option("--timeout", min=0, metavar="SECONDS", help="Give up after so long (exit code 2).")] = None,
    start_from: Annotated[
        str | None,
        typer.Option("--from", metavar="earliest|latest|TIMESTAMP", help="Where a pipeline without any position begins. Default: earliest."),
    ] = None,
    workers: Annotated[
        int | None,
        typer.Option("--workers", min=1, max=64, metavar="N", help="Faststream only: members of the group, each a process that is started again if it dies."),
    ] = None,
    routes: Annotated[
        str | None,
        typer.Option(
            "--routes",
            metavar="intended|as-shipped",
            help="Legacy only: what its routing was meant to do (default), or what the original really did, losses included.",
        ),
    ] = None,
    host: Annotated[str, typer.Option("--host", help="Where /live, /ready, /health and /stats are served.")] = "127.0.0.1",
    port: Annotated[
        int | None, typer.Option("--port", min=0, max=65535, show_default="8080, or a free one", help="0 takes any free port; the log says which.")
    ] = None,
    log_format: options.LogFormat = "text",
    verbose: options.Verbose = False,
    kafka: options.Kafka = None,
    database: options.Database = None,
    elasticsearch: options.Elasticsearch = None,
    ralph: options.Ralph = None,
    as_json: options.Json = False,
) -> None:
    """Runs a consumer in the foreground until SIGTERM or Ctrl-C; it finishes what it has in hand and prints its report.

    [bold]faststream[/] judges every record, writes to Elasticsearch and dead-letters what can never succeed.
    [bold]legacy[/] keeps the original's mechanics: one record at a time, posted singly to Ralph, failures recorded and swallowed.
    Both apply their share of the effects to Postgres exactly once; their positions are there too, so either may be killed at any time.
    """
    _one_of("pipeline", pipeline, PIPELINES)
    _one_of("--routes", routes, ROUTES)
    _one_of("--log-format", log_format, FORMATS)
    if workers is not None and pipeline == "legacy":
        raise UsageError("--workers is not for legacy: it deals with one record at a time", "Leave it out.")
    if routes is not None and pipeline == "faststream":
        raise UsageError("--routes is for legacy only", "nljctl consume legacy --routes as-shipped")
    begin = None if start_from is None else _start(start_from)

    import asyncio

    from nljctl import logs
    from nljctl.cli import loading
    from nljctl.pipelines import http

    logs.configure("json" if log_format == "json" else "text", verbose=verbose)
    loaded = loading.load({"kafka": kafka, "database": database, "elasticsearch": elasticsearch, "ralph": ralph})
    listen = port if port is not None else http.free_port(host, DEFAULT_PORT)
    running: Any
    if pipeline == "legacy":
        from nljctl.pipelines.legacy.process import LegacyOptions
        from nljctl.pipelines.legacy.routes import EDITIONS
        from nljctl.pipelines.legacy.run import run_legacy

        running = run_legacy(loaded, LegacyOptions(EDITIONS[routes or ROUTES[0]], until_caught_up, timeout, begin, host, listen))
    else:
        from nljctl.pipelines.faststream.app import FastStreamOptions, run_faststream
        from nljctl.pipelines.faststream.workers import run_workers

        told = FastStreamOptions(until_caught_up, timeout, begin, workers or 1, host, listen)
        several = told.workers > 1
        running = run_workers(loaded, told, "json" if log_format == "json" else "text", verbose=verbose) if several else run_faststream(loaded, told)
    report = asyncio.run(running)
    output.show("consume", report.document(), as_json=as_json, render=lambda console: _render(console, report))


def _one_of(name: str, value: str | None, allowed: tuple[str, ...]) -> None:
    if value is not None and value not in allowed:
        raise UsageError(f"{name} is {value!r}", f"It is one of {', '.join(allowed)}.")


def _start(text: str) -> str:
    """`earliest`, `latest`, or milliseconds since 1970 as digits.

    Raises:
        UsageError: neither a word nor a time.
    """
    if text in ("earliest", "latest"):
        return text
    try:
        time = datetime.fromisoformat(text)
    except ValueError:
        raise UsageError(f"--from is {text!r}", "It is earliest, latest, or a time such as 2025-03-01T09:00:00Z.") from None
    return str(int((time if time.tzinfo else time.replace(tzinfo=UTC)).timestamp() * 1000))


def _render(console: Console, report: ConsumerReport) -> None:
    table = Table(title=f"{report.pipeline}: {report.read} records in {report.seconds:.1f} s, {report.statements_per_second:.0f} a second")
    table.add_column("outcome")
    table.add_column("records", justify="right")
    document = report.document()
    for name in ("stored", "duplicates", "conflicts", "dead_lettered", "repaired", "filtered", "refused", "failed", "unreadable", "retries"):
        if document[name] or name == "stored":
            table.add_row(name.replace("_", " "), f"{document[name]:,}")
    for name, count in document["effects"].items():
        if count:
            table.add_row(f"effects {name.replace('_', ' ')}", f"{count:,}")
    console.print(table)
