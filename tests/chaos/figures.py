"""How a run shows what it has measured: a table for people, a line in pytest's summary."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TypeAlias

from proof import shown
from rich.console import Console
from rich.table import Table

FIGURES = "chaos-figures"
"""The property under which a test leaves its figures, for the summary at the end."""

Figure: TypeAlias = "float | int | str | None"


def line(figures: Mapping[str, Figure]) -> str:
    return ", ".join(f"{name} {_text(value)}" for name, value in figures.items())


def show(console: Console, title: str, figures: Mapping[str, Figure], wrong: Sequence[str]) -> None:
    """A table, and below it the first of what went wrong."""
    table = Table(title=title, title_justify="left", show_header=False)
    for name, value in figures.items():
        table.add_row(name, _text(value))
    console.print(table)
    if wrong:
        console.print(shown(wrong), style="red", markup=False)


def _text(value: Figure) -> str:
    return "–" if value is None else value if isinstance(value, str) else f"{value:,}"
