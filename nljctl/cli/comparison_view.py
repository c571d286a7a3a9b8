"""A comparison on a terminal: the verdict, both ledgers side by side, reasons, differences, where the evidence lies."""

from __future__ import annotations

from rich.console import Console, Group, RenderableType
from rich.markup import escape
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from nljctl.cli.analytics_view import analytics_view
from nljctl.migration.classes import SIDES, LedgerClass, Side, named
from nljctl.migration.comparison import Comparison
from nljctl.migration.report import SENTENCES
from nljctl.migration.report.words import notes

COLOURS = {"same": "green", "explained": "yellow", "differs": "red"}
BAR = 24
MOST_REASONS = 4
MOST_DIFFERENCES = 20


def show(console: Console, found: Comparison) -> None:
    """Prints the comparison."""
    colour, totals = COLOURS[found.verdict], found.totals
    console.print(
        Panel(
            f"[bold {colour}]{found.verdict}[/]  {SENTENCES[found.verdict]}\n"
            f"{totals.records:,} records up to the cut, {totals.unique:,} statements, {totals.after_cut:,} records beyond it; "
            f"{totals.unexplained:,} unexplained and {totals.explained:,} explained differences; {found.seconds:.1f} s",
            border_style=colour,
            title="compare-legacy",
            title_align="left",
        )
    )
    ledgers = Table.grid(padding=(0, 3))
    ledgers.add_row(*(_ledger(found, side) for side in SIDES))
    console.print(ledgers if console.width >= 150 else Group(*(_ledger(found, side) for side in SIDES)))
    console.print(_effects(found))
    console.print(analytics_view(found))
    if found.differences:
        console.print(_differences(found))
    for note in notes(found.as_json()):
        console.print(f"[dim]·[/] {escape(note)}", soft_wrap=True)
    console.print("evidence  ", Text(str(found.evidence), style="cyan"), sep="", soft_wrap=True)


def _ledger(found: Comparison, side: Side) -> Table:
    counts = found.totals.classes[side]
    table = Table("class", "records", "", "why", title=side, title_justify="left", expand=False)
    table.columns[1].justify = "right"
    for entry in named(side):
        count = counts[entry.name]
        if count or entry.name == "stored":
            table.add_row(entry.name, f"{count:,}", _bar(entry, count, found.totals.records), _reasons(found, side, entry.name))
    return table


def _bar(entry: LedgerClass, count: int, records: int) -> Text:
    length = max(1, round(BAR * count / max(1, records))) if count else 0
    return Text("█" * min(BAR, length), style="red" if entry.fault else "blue" if entry.holds else "yellow")


def _reasons(found: Comparison, side: Side, name: str) -> str:
    reasons = found.reasons[side].get(name, ())
    words = [f"{reason['count']:,} × {escape(reason['reason'])}" for reason in reasons[:MOST_REASONS]]
    return "\n".join([*words, *([f"and {len(reasons) - MOST_REASONS} more reasons"] if len(reasons) > MOST_REASONS else [])])


def _effects(found: Comparison) -> RenderableType:
    if found.effects is None:
        return f"effects  not compared: {found.effects_absent}"
    names = ("same", "differs", "only_legacy", "only_faststream", "pending", "explained")
    table = Table("table", *names, title="effects", title_justify="left")
    for name, counts in found.effects.items():
        table.add_row(name, *(f"{getattr(counts, column):,}" for column in names))
    return table


def _differences(found: Comparison) -> Table:
    total = found.totals.explained + found.totals.unexplained
    shown = found.differences[:MOST_DIFFERENCES]
    table = Table("", "side", "class", "statement", "reason", "in the log", title=f"differences ({len(shown):,} of {total:,})", title_justify="left")
    for entry in shown:
        mark = "[yellow]explained[/]" if entry.explained else "[red]unexplained[/]"
        where = "–" if entry.topic is None else f"{entry.topic}/{entry.partition}@{entry.offset}"
        table.add_row(mark, entry.side, entry.cls, escape(entry.id or "–"), escape(entry.reason), where)
    return table
