"""What became of every record: a bar and a table per side. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from typing import Any

from nljctl.migration.classes import LedgerClass, Side, named
from nljctl.migration.report.cells import spaced, table

MOST_REASONS = 6
LEGEND = (
    "stored",
    "held as a duplicate or under another id",
    "not held: dead letter, filtered, topic not read",
    "not held: conflict, refused, failed",
    "fault",
)


def kind(entry: LedgerClass) -> int:
    """0 stored, 1 held in another way, 2 and 3 not held, 4 a fault: what colours a class everywhere."""
    if entry.fault:
        return 4
    if entry.holds:
        return 0 if entry.name == "stored" else 1
    return 2 if entry.name in ("dead_lettered", "filtered", "not_subscribed") else 3


def bar(summary: Mapping[str, Any], side: Side) -> str:
    """One side's records as one bar, stored first."""
    counts, records = summary["ledger"][side], max(1, summary["log"]["records"])
    shown = sorted((entry for entry in named(side) if entry.of == "record" and counts[entry.name]), key=kind)
    held = sum(counts[entry.name] for entry in shown if entry.holds)
    parts, x = [], 0.0
    for entry in shown:
        width = max(0.15, 100 * counts[entry.name] / records)
        title = f"<title>{spaced(entry.name)}: {counts[entry.name]:,}</title>"
        parts.append(f'<rect class="k{kind(entry)}" x="{x:.3f}" y="0" width="{width:.3f}" height="10">{title}</rect>')
        x += width
    words = f"{side} holds {held:,} of {summary['log']['records']:,} records"
    picture = f'<svg class="bar" viewBox="0 0 100 10" preserveAspectRatio="none" role="img" aria-label="{words}">{"".join(parts)}</svg>'
    return f'<div class="side">{side}<span>holds {held:,} of {summary["log"]["records"]:,}</span></div>{picture}'


def legend() -> str:
    return '<div class="legend">' + "".join(f'<span><i class="k{n}"></i>{word}</span>' for n, word in enumerate(LEGEND)) + "</div>"


def classes(summary: Mapping[str, Any], side: Side) -> str:
    """Every class of a side with its count, and the most frequent reasons."""
    rows = []
    for entry in named(side):
        count = summary["ledger"][side][entry.name]
        reasons = summary["reasons"][side].get(entry.name, [])
        words = "".join(f"<br><small>{reason['count']:,} × {escape(reason['reason'])}</small>" for reason in reasons[:MOST_REASONS])
        more = f"<br><small>and {len(reasons) - MOST_REASONS} more reasons</small>" if len(reasons) > MOST_REASONS else ""
        name = f'<i class="k{kind(entry)}"></i>{spaced(entry.name)}'
        rows.append(
            (name, f"{count:,}", f"{escape(entry.meaning)}{words}{more}") if count else tuple(_dim(cell) for cell in (name, "0", escape(entry.meaning)))
        )
    return f"<section><h2>{side}</h2>{table(('class', 'records', 'meaning and reasons'), rows, numbers=(1,))}</section>"


def _dim(content: str) -> str:
    return f'<span class="zero">{content}</span>'
