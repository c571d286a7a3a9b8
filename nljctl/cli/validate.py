"""`nljctl validate`: judges statements offline."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from typing import TYPE_CHECKING, Annotated

import typer

from nljctl.cli import options, output
from nljctl.errors import EXIT_NOT_SO, EXIT_TROUBLE, NljctlError

if TYPE_CHECKING:
    from rich.console import Console

    from nljctl.validation import LineResult, Totals

WHOLE = "(whole)"


def validate(
    file: Annotated[str, typer.Argument(metavar="FILE|-", help="One statement a line (a batch is an array); gzip is unpacked; - is standard input.")],
    strict: Annotated[bool, typer.Option("--strict", help="Repair nothing: xAPI 1.0.3 to the letter.")] = False,
    explain: Annotated[bool, typer.Option("--explain", help="Print every error: line, place, rule, section, and what to do.")] = False,
    topic: Annotated[str | None, typer.Option("--topic", help="The topic that they are of, which decides their events. Default: the one that fits.")] = None,
    as_json: options.Json = False,
) -> None:
    """Judge statements offline, as the consumer would: valid, valid after repairs of what producers are known to send wrong, or invalid.

    No service is needed, and a file may be of any size. Exit code 1 if any statement is invalid.

    Example: nljctl validate statements.ndjson.gz --explain
    """
    from nljctl.validation import Totals, lines
    from nljctl.validation import validate as judge_lines

    totals = Totals()
    results = judge_lines(lines(file), strict=strict, topic=topic)
    if as_json:
        failed = _stream(results, totals)
        raise typer.Exit(EXIT_TROUBLE if failed else EXIT_NOT_SO if totals.invalid else 0)
    console = output.people()
    for result in results:
        totals.add(result)
        if explain and result.errors:
            _explain(result, console)
    _show(totals, file, console)
    if totals.invalid:
        raise typer.Exit(EXIT_NOT_SO)


def _stream(results: Iterable[LineResult], totals: Totals) -> bool:
    """Writes one JSON document piece by piece. What goes wrong after the first result becomes a part of it; then it gives True."""
    from itertools import chain, islice

    import msgspec

    remaining = iter(results)
    first = list(islice(remaining, 1))
    encode = msgspec.json.Encoder().encode
    write = sys.stdout.buffer.write
    problem: NljctlError | None = None
    write(b'{"command":"validate","results":[')
    try:
        for result in chain(first, remaining):
            write(b"," + encode(result) if totals.statements else encode(result))
            totals.add(result)
    except NljctlError as met:
        problem = met
    rest: dict[str, object] = dict(totals.counts())
    if problem is not None:
        rest["error"] = {"code": problem.code, "message": problem.message, "hint": problem.hint}
    write(b"]," + encode(rest)[1:] + b"\n")
    sys.stdout.buffer.flush()
    return problem is not None


def _explain(result: LineResult, console: Console) -> None:
    from rich.text import Text

    for error in result.errors:
        console.print(
            Text.assemble((f"line {result.line}", "bold"), f"  {error.pointer or WHOLE}  ", (error.rule, "red"), f" ({error.section})  {error.message}")
        )


def _show(totals: Totals, file: str, console: Console) -> None:
    from rich.table import Table
    from rich.text import Text

    table = Table(title=f"{'standard input' if file == '-' else file}: {totals.statements:,} statements", title_justify="left")
    for column in ("valid", "valid after repairs", "invalid"):
        table.add_column(column, justify="right")
    table.add_row(f"{totals.valid:,}", f"{totals.repaired:,}", Text(f"{totals.invalid:,}", "red" if totals.invalid else ""))
    console.print(table)
    if totals.by_repair:
        repairs = Table("repair", title="Repaired", title_justify="left")
        repairs.add_column("statements", justify="right")
        for name, count in totals.by_repair.most_common():
            repairs.add_row(name, f"{count:,}")
        console.print(repairs)
    if totals.by_rule:
        rules = Table("rule", "section", title="Invalid", title_justify="left")
        rules.add_column("statements", justify="right")
        rules.add_column("first", overflow="fold")
        for rule, count in totals.by_rule.most_common():
            examples = totals.examples[rule]
            first = "\n".join(f"line {line} {error.pointer or WHOLE}: {error.message}" for line, error in examples)
            rules.add_row(rule, examples[0][1].section, f"{count:,}", Text(first))
        console.print(rules)
        console.print("--explain prints every error; docs/validation.md tells the rules.", style="dim")
