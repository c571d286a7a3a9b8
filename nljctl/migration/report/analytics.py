"""Analytics side by side: what the log, the legacy index and the new index give for each question. Pure.

Values may be numbers, words, counts by label, or rows with a label and a number; whatever else is shown as it is.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from html import escape
from math import ceil
from typing import Any

from nljctl.migration.report.cells import spaced, table, tag

WITNESSES = ("log", "legacy", "faststream")
GROUPS = ("surveys", "learners", "activities", "nodes")
RANK = {"differs": 0, "explained": 1, "same": 2}
MOST_SUBJECTS = 40
MOST_LABELS = 24
LONGEST = 90
LONGEST_LABEL = 14
LETTER = 6.5
WIDTH, HEIGHT, FOOT = 460, 150, 22
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}(T.*)?")

Metric = Mapping[str, Any]


def analytics(document: Mapping[str, Any] | None, counts: Mapping[str, Mapping[str, int]] | None = None, absent: str | None = None) -> str:
    """The section of a summary's `analytics`.

    Args:
        document: the figures, None where they were not compared.
        counts: of each group how many there are by status, where the document does not list all.
        absent: why they were not compared.
    """
    if document is None:
        return f'<p class="soft">Not compared: {escape(absent or "not asked for")}.</p>'
    overview: Mapping[str, Metric] = document.get("overview") or {}
    groups = (_group(document.get(name) or {}, name, (counts or {}).get(name)) for name in GROUPS)
    return "".join((_legend(), f"<h3>platform</h3>{_metrics(overview)}", *groups))


def _legend() -> str:
    return '<div class="legend">' + "".join(f'<span><i class="w{n}"></i>{word}</span>' for n, word in enumerate(WITNESSES)) + "</div>"


def _metrics(metrics: Mapping[str, Metric]) -> str:
    numbers = {name: metric for name, metric in metrics.items() if _is_number(metric)}
    pictures = "".join(_picture(name, metric, charted) for name, metric in metrics.items() if (charted := _charted(metric)))
    rows = (
        (spaced(name), _bars(metric), *(_value(metric[witness]) for witness in WITNESSES), tag(metric["status"]), _because(metric))
        for name, metric in numbers.items()
    )
    found = table(("metric", "", *WITNESSES, "", "because"), rows, numbers=(2, 3, 4)) if numbers else ""
    if pictures:
        found += f'<div class="pictures">{pictures}</div>'
    others = [(name, metric) for name, metric in metrics.items() if name not in numbers and not _charted(metric)]
    if others:
        rows_of = ((spaced(name), *(_value(metric[witness]) for witness in WITNESSES), tag(metric["status"]), _because(metric)) for name, metric in others)
        found += table(("metric", *WITNESSES, "", "because"), rows_of)
    return found or '<p class="soft">Nothing.</p>'


def _group(subjects: Mapping[str, Mapping[str, Metric]], name: str, counts: Mapping[str, int] | None) -> str:
    """Surveys, learners, activities or nodes, worst first."""
    if not subjects:
        return ""
    order = sorted(subjects, key=lambda subject: (RANK.get(_worst(subjects[subject]), 0), subject))
    known = counts or {status: sum(_worst(metrics) == status for metrics in subjects.values()) for status in RANK}
    summed = " ".join(f"{known[status]:,} {tag(status)}" for status in RANK if known.get(status))
    parts = "".join(_subject(subject, subjects[subject], shown=number == 0) for number, subject in enumerate(order[:MOST_SUBJECTS]))
    more = sum(known.values()) - min(len(order), MOST_SUBJECTS)
    return f"<h3>{name}: {summed}</h3>{parts}" + (f'<p class="soft">and {more:,} more</p>' if more else "")


def _subject(name: str, metrics: Mapping[str, Metric], *, shown: bool) -> str:
    return f"<details{' open' if shown else ''}><summary>{tag(_worst(metrics))} <code>{escape(name)}</code></summary>{_metrics(metrics)}</details>"


def _worst(metrics: Mapping[str, Metric]) -> str:
    return min((str(metric["status"]) for metric in metrics.values()), key=lambda status: RANK.get(status, 0), default="same")


def _because(metric: Metric) -> str:
    return "<br>".join(f"<small>{entry['count']:,} × {spaced(str(entry['class']))}</small>" for entry in metric.get("because") or ())


def _bars(metric: Metric) -> str:
    """Three small bars for three numbers."""
    values = [float(metric[witness] or 0) for witness in WITNESSES]
    most = max(1e-9, *(abs(value) for value in values))
    parts = "".join(f'<rect class="w{n}" x="0" y="{n * 6}" width="{100 * abs(value) / most:.1f}" height="5" rx="1"/>' for n, value in enumerate(values))
    return f'<svg class="spark" viewBox="0 0 100 18" preserveAspectRatio="none" aria-hidden="true">{parts}</svg>'


def _picture(name: str, metric: Metric, charted: Mapping[str, Sequence[float]]) -> str:
    """A column per label and witness."""
    most = max(1e-9, *(value for values in charted.values() for value in values))
    step = WIDTH / len(charted)
    width = min(18.0, step * 0.8 / len(WITNESSES))
    every = ceil(LETTER * min(LONGEST_LABEL, max(len(_short(label)) for label in charted)) / step)
    parts = "".join(
        _columns(label, values, step * (number + 0.5), width, most, written=number % every == 0) for number, (label, values) in enumerate(charted.items())
    )
    base = HEIGHT - FOOT
    picture = (
        f'<svg class="chart" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{spaced(name)} by label">'
        f'<line x1="0" x2="{WIDTH}" y1="{base}" y2="{base}"/><text x="0" y="10">{most:,.10g}</text>{parts}</svg>'
    )
    return f"<figure><figcaption>{spaced(name)} {tag(metric['status'])} {_because(metric)}</figcaption>{picture}</figure>"


def _columns(label: str, values: Sequence[float], middle: float, width: float, most: float, *, written: bool) -> str:
    base, full = HEIGHT - FOOT, HEIGHT - FOOT - 16
    words = escape(f"{label}: " + ", ".join(f"{witness} {value:,.10g}" for witness, value in zip(WITNESSES, values, strict=True)))
    heights = [full * value / most for value in values]
    parts = "".join(
        f'<rect class="w{n}" x="{middle + (n - 1.5) * width:.1f}" y="{base - height:.1f}" width="{width * 0.9:.1f}" height="{height:.1f}"/>'
        for n, height in enumerate(heights)
    )
    under = f'<text x="{middle:.1f}" y="{HEIGHT - 6}" text-anchor="middle">{escape(_short(label))}</text>' if written else ""
    return f"<g><title>{words}</title>{parts}{under}</g>"


def _short(label: str) -> str:
    """A label as it fits under its columns: a date without its year, an IRI by its last part."""
    if _DATE.fullmatch(label):
        return label[5:10]
    last = label.rstrip("/#").rpartition("/")[2]
    return last if len(last) <= LONGEST_LABEL else last[: LONGEST_LABEL - 1] + "…"


def _is_number(metric: Metric) -> bool:
    values = [metric[witness] for witness in WITNESSES]
    return any(_number(value) for value in values) and all(value is None or _number(value) for value in values)


def _number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _charted(metric: Metric) -> dict[str, list[float]]:
    """Counts by label, of all three witnesses; empty where the values are something else, or too many."""
    counts = [_counts(metric[witness]) for witness in WITNESSES]
    if any(found is None for found in counts):
        return {}
    labels = list(dict.fromkeys(label for found in counts for label in found or ()))
    if not 1 < len(labels) <= MOST_LABELS:
        return {}
    return {label: [(found or {}).get(label, 0.0) for found in counts] for label in labels}


def _counts(value: Any) -> dict[str, float] | None:
    if isinstance(value, Mapping):
        return {str(label): float(count) for label, count in value.items()} if all(_number(count) and count >= 0 for count in value.values()) else None
    if isinstance(value, list) and all(isinstance(row, Mapping) for row in value):
        pairs = [pair for row in value if (pair := next(_pair(row), None)) is not None]
        return dict(pairs) if len(pairs) == len(value) else None
    return None


def _pair(row: Mapping[str, Any]) -> Iterator[tuple[str, float]]:
    """The label and the count of a row, such as `{date, count}`."""
    words = [value for value in row.values() if isinstance(value, str)]
    numbers = [value for value in row.values() if _number(value)]
    if len(words) == 1 and len(numbers) == 1 and numbers[0] >= 0:
        yield words[0], float(numbers[0])


def _value(value: Any) -> str:
    if value is None:
        return "–"
    if _number(value):
        return f"{value:,}" if isinstance(value, int) else f"{value:,.6g}"
    words = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
    return escape(words if len(words) <= LONGEST else words[:LONGEST] + "…")
