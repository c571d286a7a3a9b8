"""Past comparisons: a picture of when, how large, and with which verdict. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

from nljctl.migration.report.cells import table, tag

WIDTH, HEIGHT, FOOT = 1000, 150, 26
LISTED = 10


def timeline(past: Sequence[Mapping[str, Any]]) -> str:
    """Oldest first: a column per comparison, as high as it has records; its colour is the verdict. `past` holds `at`, `verdict`, `records`,
    `explained`, `unexplained`."""
    if len(past) < 2:
        return '<p class="soft">This is the first comparison here.</p>'
    most = max(1, *(entry["records"] for entry in past))
    step = WIDTH / len(past)
    width = min(46.0, step * 0.7)
    columns = "".join(_column(entry, number, step, width, most) for number, entry in enumerate(past))
    ends = (
        f'<text x="0" y="{HEIGHT - 6}">{_moment(past[0])}</text><text x="{WIDTH}" y="{HEIGHT - 6}" text-anchor="end">{_moment(past[-1])}</text>'
        f'<text x="0" y="12">{most:,} records</text><line x1="0" x2="{WIDTH}" y1="{HEIGHT - FOOT}" y2="{HEIGHT - FOOT}"/>'
    )
    words = f"{len(past)} comparisons, the last one {past[-1]['verdict']}"
    picture = f'<svg class="chart" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{escape(words)}">{ends}{columns}</svg>'
    rows = (
        (_moment(entry), tag(entry["verdict"]), f"{entry['records']:,}", f"{entry['unexplained']:,}", f"{entry['explained']:,}")
        for entry in reversed(past[-LISTED:])
    )
    return picture + table(("at", "verdict", "records", "unexplained", "explained"), rows, numbers=(2, 3, 4))


def _column(entry: Mapping[str, Any], number: int, step: float, width: float, most: int) -> str:
    height = max(3.0, (HEIGHT - FOOT - 20) * entry["records"] / most)
    x = step * (number + 0.5) - width / 2
    words = f"{_moment(entry)}: {escape(entry['verdict'])}, {entry['records']:,} records, {entry['unexplained']:,} unexplained"
    y = HEIGHT - FOOT - height
    return f'<rect class="{escape(entry["verdict"])}" x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="{height:.1f}" rx="3"><title>{words}</title></rect>'


def _moment(entry: Mapping[str, Any]) -> str:
    return escape(entry["at"][:16].replace("T", " "))
