"""`nljctl compare-legacy`: is it the same? Exactly, up to a cut, with evidence."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console

from nljctl.cli import options, output
from nljctl.errors import EXIT_NOT_SO, UsageError

LEGACY_FAULTS = ("unexplained",)


def compare_legacy(
    wait: Annotated[float | None, typer.Option("--wait", metavar="SECONDS", help="First wait until both consumers have reached the log's present end.")] = None,
    since: Annotated[str | None, typer.Option("--since", metavar="TIME", help="Only records from this moment on (ISO 8601; without zone it is UTC).")] = None,
    topics: Annotated[list[str] | None, typer.Option("--topics", metavar="TOPIC", help="Only these topics (repeat, or separate by commas).")] = None,
    analytics: Annotated[bool, typer.Option("--analytics/--no-analytics", help="Compare the analytics of both indices too.")] = True,
    effects: Annotated[bool, typer.Option("--effects/--no-effects", help="Compare the platform's rows with faststream's shadow of them too.")] = True,
    require: Annotated[str, typer.Option("--require", metavar="same|explained", help="The verdict that exit code 0 needs.")] = "explained",
    accept: Annotated[
        list[str] | None,
        typer.Option(
            "--accept",
            metavar="unexplained",
            help="Count what legacy lacks without a recorded reason as explained: a legacy consumer that is not ours records none.",
        ),
    ] = None,
    limit: Annotated[int, typer.Option("--limit", min=0, help="List at most this many differences; counts are always whole.")] = 100,
    evidence: Annotated[
        Path | None,
        typer.Option("--evidence", metavar="DIR", file_okay=False, help="Where to write the evidence. Default: a folder of its own in the stack's home."),
    ] = None,
    verify: Annotated[
        Path | None, typer.Option("--verify", metavar="DIR", help="Compare nothing: check that a folder of evidence is whole, without any service.")
    ] = None,
    noise_floor: Annotated[
        Path | None,
        typer.Option(
            "--noise-floor",
            metavar="DIR",
            help="Evidence of a replay of the same log through legacy: says which differences are legacy's own.",
            file_okay=False,
        ),
    ] = None,
    kafka: options.Kafka = None,
    database: options.Database = None,
    elasticsearch: options.Elasticsearch = None,
    as_json: options.Json = False,
) -> None:
    """Compares what both pipelines made of the log, record by record, and says why they differ where they do.

    The log is read and judged again, both indices are read whole, and each record up to the cut gets a class on either side. The verdict is
    [bold]same[/], [bold]explained[/] (each difference has a recorded reason) or [bold]differs[/].
    Exit code 0: good enough, 1: not, 2: nothing could be decided.

    Example: [bold]nljctl compare-legacy --wait 60[/]
    """
    if verify is not None:
        _verify(verify, as_json=as_json)
        return

    import asyncio

    from nljctl.cli import loading
    from nljctl.migration.compare import CompareOptions, compare
    from nljctl.migration.verdict import Verdict

    if require not in (Verdict.SAME, Verdict.EXPLAINED):
        raise UsageError(f"--require takes same or explained, not {require}", "same: nothing may differ; explained: what differs must have a recorded reason.")
    asked = CompareOptions(
        wait=wait,
        since=None if since is None else moment(since),
        topics=tuple(name.strip() for listed in topics or () for name in listed.split(",") if name.strip()),
        analytics=analytics,
        effects=effects,
        require=Verdict.SAME if require == Verdict.SAME else Verdict.EXPLAINED,
        accept=accepted(accept or []),
        limit=limit,
        evidence=evidence,
        noise_floor=noise_floor,
    )
    loaded = loading.load({"kafka": kafka, "database": database, "elasticsearch": elasticsearch})
    with output.progress().status("comparing") as status:
        found = asyncio.run(compare(loaded, asked, lambda what: status.update(what)))

    def render(console: Console) -> None:
        from nljctl.cli.comparison_view import show

        show(console, found)

    output.show("compare-legacy", found.as_json(), as_json=as_json, render=render)
    if not found.met:
        raise typer.Exit(EXIT_NOT_SO)


def moment(words: str) -> datetime:
    """An ISO 8601 time; without zone it is UTC."""
    from datetime import UTC

    try:
        time = datetime.fromisoformat(words)
    except ValueError as problem:
        raise UsageError(f"--since {words} is no ISO 8601 time", "For example 2025-08-15T12:00:00Z, or 2025-08-15.") from problem
    return time if time.tzinfo else time.replace(tzinfo=UTC)


def accepted(words: list[str]) -> frozenset[str]:
    if unknown := sorted(set(words) - set(LEGACY_FAULTS)):
        raise UsageError(f"--accept {unknown[0]} is not possible", f"What may be accepted: {', '.join(LEGACY_FAULTS)}.")
    return frozenset(words)


def _verify(folder: Path, *, as_json: bool) -> None:
    from nljctl.migration.verify import verify

    summary, checks = verify(folder)
    whole = all(check.ok for check in checks)
    document: dict[str, Any] = {
        **summary,
        "verified": whole,
        "checks": [{"name": check.name, "status": "ok" if check.ok else "failed", "detail": check.detail} for check in checks],
        "evidence": str(folder.resolve()),
    }

    def render(console: Console) -> None:
        for check in checks:
            console.print(f"[{'green' if check.ok else 'red'}]{'ok' if check.ok else 'failed'}[/]  {check.name}", end=" ")
            console.print(check.detail, markup=False)
        console.print(f"The evidence is {'whole' if whole else 'not what was written'}; its verdict is [bold]{summary['verdict']}[/].")

    output.show("compare-legacy", document, as_json=as_json, render=render)
    if not whole:
        raise typer.Exit(EXIT_NOT_SO)
