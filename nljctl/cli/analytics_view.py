"""The analytics of a comparison on a terminal: the overview three ways, how many of everybody are the same, and the first that are not."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from rich.console import Group, RenderableType
from rich.markup import escape
from rich.table import Table
from rich.text import Text

from nljctl.migration.comparison import Comparison

COLOURS = {"same": "green", "explained": "yellow", "differs": "red"}
MOST_FIGURES = 12
WIDEST = 24


def analytics_view(found: Comparison) -> RenderableType:
    """The section that `compare-legacy` prints."""
    document = found.analytics
    if document is None:
        return Text(f"analytics  not compared: {found.analytics_absent}")
    table = Table("figure", "log", "legacy", "faststream", "", "because", title="analytics", title_justify="left")
    for name, figure in document["overview"].items():
        if not isinstance(figure["log"], dict) or figure["status"] != "same":
            table.add_row(name, *_cells(figure))
    others = list(_differing(document))
    for whose, name, figure in others[:MOST_FIGURES]:
        table.add_row(f"{escape(whose)}\n  {escape(name)}", *_cells(figure))
    return Group(table, *_counts(found.analytics_counts or {}))


def _differing(document: Mapping[str, Any]) -> Iterator[tuple[str, str, Mapping[str, Any]]]:
    for group, entities in document.items():
        if group != "overview":
            for entity, figures in entities.items():
                yield from ((f"{group} {entity}", name, figure) for name, figure in figures.items() if figure["status"] != "same")


def _cells(figure: Mapping[str, Any]) -> list[str]:
    because = ", ".join(f"{cause['count']:,} {cause['class']} ({cause['side']})" for cause in figure["because"])
    status = figure["status"]
    return [*(_short(figure[way]) for way in ("log", "legacy", "faststream")), f"[{COLOURS[status]}]{status}[/]", escape(because)]


def _short(value: Any) -> str:
    if isinstance(value, dict):
        return f"{len(value):,} values"
    words = "–" if value is None else f"{value:,}" if isinstance(value, (int, float)) else str(value)
    return escape(words if len(words) <= WIDEST else f"{words[: WIDEST - 1]}…")


def _counts(counts: Mapping[str, Mapping[str, int]]) -> Iterator[Text]:
    for group, statuses in counts.items():
        if group != "overview":
            yield Text.assemble(f"{group}  ", *((f"{count:,} {status}  ", COLOURS[status] if count else "dim") for status, count in statuses.items()))
