"""`nljctl publish-test`: puts test events, or a file's lines, onto the platform's topics."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any

import typer

from nljctl.cli import output
from nljctl.cli.options import Database, DryRun, Elasticsearch, Json, Kafka, Yes
from nljctl.errors import RefusedError

if TYPE_CHECKING:
    from nljctl.publish.plan import Plan
    from nljctl.settings import Settings

COMMAND = "publish-test"
DEFAULT_TIMEOUT = 120.0
_SEED_BITS = 31


class Contract(StrEnum):
    OLD = "old"
    NEW = "new"
    BOTH = "both"


class Wait(StrEnum):
    PROCESSED = "processed"


def publish_test(
    count: Annotated[int | None, typer.Option(help="How many records; parents that the selection lacks come on top. Default: each event once.")] = None,
    event: Annotated[list[str] | None, typer.Option(metavar="NAME", help="An event of the catalogue, or `all`. Repeatable.")] = None,
    from_file: Annotated[str | None, typer.Option("--from", metavar="FILE", help="Send this file's lines as they are (.gz too; - is stdin).")] = None,
    topic: Annotated[str | None, typer.Option(help="Where --from sends its lines. Default: xapi-events.")] = None,
    rate: Annotated[float | None, typer.Option(help="Records a second. Default: as fast as can be.")] = None,
    duration: Annotated[float | None, typer.Option(help="Stop after so many seconds.")] = None,
    seed: Annotated[int | None, typer.Option(help="Fixes ids, keys, topics and order. Default: another one each time; it is reported.")] = None,
    contract: Annotated[Contract | None, typer.Option(help="Whose producers write the events. Default: both, in turn.")] = None,
    invalid: Annotated[float, typer.Option(metavar="PERCENT", help="So many are broken beyond repair.")] = 0.0,
    duplicates: Annotated[float, typer.Option(metavar="PERCENT", help="So many are sent a second time.")] = 0.0,
    conflicts: Annotated[float, typer.Option(metavar="PERCENT", help="So many have an earlier one's id and other content.")] = 0.0,
    wait: Annotated[Wait | None, typer.Option(help="Wait until every running pipeline has processed each record.")] = None,
    timeout: Annotated[float, typer.Option(help="Seconds to wait after the last record was sent.")] = DEFAULT_TIMEOUT,
    dry_run: DryRun = False,
    yes: Yes = False,
    as_json: Json = False,
    kafka: Kafka = None,
    database: Database = None,
    elasticsearch: Elasticsearch = None,
) -> None:
    """Publish test xAPI events of the catalogue to their own topics. Alone, it publishes one harmless learning statement.

    A seed fixes ids, keys, topics and order; an event's parents (its program, its session) come before it in the same run, and all
    event names come equally often. Each statement carries the context extension http://nlj.platform/extensions/test_run.

    Example: nljctl publish-test --event booking.requested --count 20 --wait processed

    Example: nljctl publish-test --event all --count 1000 --invalid 2 --duplicates 2 --seed 7

    Example: nljctl publish-test --from statements.ndjson.gz --rate 500
    """
    import asyncio
    import secrets

    from nljctl.cli import loading
    from nljctl.publish.lines import check_readable
    from nljctl.publish.plan import Wish, check_timeout, plan
    from nljctl.publish.run import publish, publish_and_wait, report, tally

    settings = loading.load({"kafka": kafka, "database": database, "elasticsearch": elasticsearch})
    check_timeout(timeout)
    wish = Wish(count, event or (), from_file, topic, rate, duration, seed, contract.value if contract else None, invalid, duplicates, conflicts)
    made = plan(wish, secrets.randbits(_SEED_BITS))
    if made.file is not None:
        check_readable(made.file)
    _warn_if_unread(made)
    if dry_run:
        counted = asyncio.run(tally(made))
        result = {
            "published": 0,
            "dry_run": True,
            "records": counted.records,
            "by_topic": dict(sorted(counted.by_topic.items())),
            "by_event": dict(sorted(counted.by_event.items())),
            "by_kind": dict(sorted(counted.by_kind.items())),
            "with_effects": list(made.with_effects),
            "run_id": made.run_id,
            "seed": made.seed,
            "ids": None,
        }
        output.show(COMMAND, result, as_json=as_json, render=_renderer(result))
        return
    _confirm(settings, made, yes=yes, as_json=as_json)
    with _bar(made.count) as advance:
        if wait is None:
            result = report(made, asyncio.run(publish(settings, made, progress=advance)))
        else:
            result = asyncio.run(publish_and_wait(settings, made, timeout, progress=advance))
    output.show(COMMAND, result, as_json=as_json, render=_renderer(result))


def _confirm(settings: Settings, made: Plan, *, yes: bool, as_json: bool) -> None:
    """Beyond a local stack nobody changes a platform's database by a test without saying so.

    Raises:
        RefusedError: it would, and nobody confirmed.
    """
    if yes or not made.with_effects or settings.origins["kafka"] == "stack.json":
        return
    some, others = made.with_effects[:3], len(made.with_effects) - 3
    named = ", ".join(some) + (f" and {others} more events" if others > 0 else "")
    message = f"{settings.kafka} is no local stack, and {named} would change the platform's database"
    if sys.stdin.isatty() and not as_json and typer.confirm(f"{message}. Publish?", err=True):
        return
    raise RefusedError(message, "Add --yes if that is meant; `--event learning.experienced` changes nothing.")


def _warn_if_unread(made: Plan) -> None:
    from nljctl.catalogue.topics import SUBSCRIBED

    if made.file is not None and made.topic not in SUBSCRIBED:
        output.progress().print(f"[yellow]warning[/] nobody subscribes to {made.topic}: what is sent there is never processed")


@contextmanager
def _bar(total: int | None) -> Iterator[Callable[[int], None]]:
    """A bar on stderr while a person looks at it."""
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    console = output.progress()
    columns = (TextColumn("publishing"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task("publishing", total=total)
        yield lambda done: bar.update(task, completed=done)


def _renderer(result: Mapping[str, Any]) -> output.Rendering:
    from rich.console import Console
    from rich.table import Table

    def counts(console: Console, title: str, column: str, values: Mapping[str, int]) -> None:
        table = Table(title=title, title_justify="left")
        table.add_column(column)
        table.add_column("records", justify="right")
        for name, number in values.items():
            table.add_row(name, f"{number:,}")
        console.print(table)

    def render(console: Console) -> None:
        if result.get("dry_run"):
            records = "records until the duration is over" if result["records"] is None else f"{result['records']:,} records"
            console.print(f"Would publish {records} (run {result['run_id']}, seed {result['seed']}).")
            if result["with_effects"]:
                console.print(f"These change the platform's database: {', '.join(result['with_effects'])}.")
        else:
            console.print(f"Published {result['published']:,} records (run {result['run_id']}, seed {result['seed']}).")
        for title, column in (("by_topic", "topic"), ("by_event", "event"), ("by_kind", "kind")):
            if result[title]:
                counts(console, "", column, result[title])
        if "outcomes" in result:
            counts(console, "", f"outcome in {result['outcomes_of']}", result["outcomes"])
        if result.get("unread"):
            counts(console, "read by no running consumer", "topic", result["unread"])
        if result.get("latency"):
            seconds = "  ".join(f"{name} {value:.2f} s" for name, value in result["latency"].items())
            console.print(f"From publish to searchable: {seconds} ({result['latency_measured']:,} measured)")
        if result["ids"]:
            console.print(f"Coordinates of each: {result['ids']}")

    return render
