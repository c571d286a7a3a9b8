"""The page of a summary (`page.html` is its frame). Pure: it shows what the summary says."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from importlib.resources import files
from string import Template
from typing import Any

from nljctl.migration.classes import SIDES
from nljctl.migration.report import analytics, ledgers
from nljctl.migration.report.cells import explained, spaced, table, where
from nljctl.migration.report.timeline import timeline
from nljctl.migration.report.words import notes, sentence


def render(summary: Mapping[str, Any], past: Sequence[Mapping[str, Any]] = ()) -> str:
    """The page.

    Args:
        summary: as `summary.json` holds it.
        past: comparisons up to this one, oldest first (see `timeline`).
    """
    frame = Template((files(__package__) / "page.html").read_text(encoding="utf-8"))
    return frame.substitute(
        verdict=escape(summary["verdict"]),
        at=escape(summary["at"]),
        sentence=sentence(summary),
        notes="".join(f"<li>{escape(note)}</li>" for note in notes(summary)),
        figures=_figures(summary),
        bars="".join(ledgers.bar(summary, side) for side in SIDES) + ledgers.legend(),
        classes="".join(ledgers.classes(summary, side) for side in SIDES),
        analytics=analytics.analytics(summary["analytics"], summary.get("analytics_counts"), summary.get("analytics_absent")),
        differences=_differences(summary),
        effects=_effects(summary),
        events=_events(summary["events"]),
        timeline=timeline(past),
        cut=_cut(summary["cut"]),
        rules=_rules(summary["rules"]),
        footer=_footer(summary),
    )


def _figures(summary: Mapping[str, Any]) -> str:
    log, counts = summary["log"], summary["difference_counts"]
    figures = (
        ("records compared", log["records"], False),
        ("different statements", log["unique"], False),
        ("records beyond the cut", log["after_cut"], False),
        ("unexplained differences", counts["unexplained"], counts["unexplained"] > 0),
        ("explained differences", counts["explained"], False),
    )
    return "".join(f'<div class="figure{" bad" if bad else ""}"><b>{value:,}</b><span>{label}</span></div>' for label, value, bad in figures)


def _differences(summary: Mapping[str, Any]) -> str:
    listed, counts = summary["differences"], summary["difference_counts"]
    total = counts["explained"] + counts["unexplained"]
    if not listed:
        return '<p class="soft">None.</p>' if not total else f'<p class="soft">{total:,}, none of them listed (--limit).</p>'
    rows = (
        (
            explained(entry["explained"]),
            escape(entry["side"]),
            spaced(entry["class"]),
            f"<code>{escape(entry['id'] or '–')}</code>",
            escape(entry["reason"]),
            f"<code>{where(entry)}</code>",
        )
        for entry in listed
    )
    note = f'<p class="soft">The first {len(listed):,} of {total:,}; ledger.parquet beside this page has all of them.</p>' if total > len(listed) else ""
    return note + table(("", "side", "class", "statement", "reason", "in the log"), rows)


def _effects(summary: Mapping[str, Any]) -> str:
    if summary["effects"] is None:
        return f'<p class="soft">Not compared: {escape(summary["effects_absent"] or "")}.</p>'
    names = ("same", "differs", "only_legacy", "only_faststream", "pending", "explained")
    rows = ((f"<code>{escape(name)}</code>", *(f"{counts[column]:,}" for column in names)) for name, counts in summary["effects"].items())
    counted = table(("table", *(spaced(name) for name in names)), rows, numbers=range(1, 9))
    listed = (
        (
            explained(row["explained"]),
            f"<code>{escape(row['table'])}</code>",
            f"<code>{escape(row['id'])}</code>",
            spaced(row["kind"]),
            escape(row["columns"]),
            escape(row["reason"]),
            f"<code>{escape(row['records'] or '–')}</code>",
        )
        for row in summary["effect_differences"]
    )
    return counted + (table(("", "table", "row", "which", "columns", "reason", "touched by"), listed) if summary["effect_differences"] else "")


def _events(events: Sequence[Mapping[str, Any]]) -> str:
    rows = (
        (
            f"<code>{escape(row['topic'])}</code>",
            escape(row["event"] or "not in the catalogue"),
            f"{row['records']:,}",
            f"{row['faststream']:,}",
            f"{row['legacy']:,}",
        )
        for row in events
    )
    return table(("topic", "event", "records", "faststream holds", "legacy holds"), rows, numbers=range(2, 9))


def _cut(cut: Mapping[str, Mapping[str, Sequence[int]]]) -> str:
    rows = (
        (f"<code>{escape(topic)}</code>", partition, f"{begin:,}", f"{end:,}", f"{end - begin:,}")
        for topic, partitions in cut.items()
        for partition, (begin, end) in partitions.items()
    )
    return table(("topic", "partition", "from", "to (not included)", "offsets"), rows, numbers=range(1, 9))


def _rules(rules: Mapping[str, Mapping[str, str]]) -> str:
    rows = ((escape(group), f"<code>{escape(name)}</code>", escape(meaning)) for group in ("equivalence", "repairs") for name, meaning in rules[group].items())
    return table(("", "rule", "what it does to both sides before they are compared"), rows)


def _footer(summary: Mapping[str, Any]) -> str:
    versions = ", ".join(f"{escape(name)} {escape(version)}" for name, version in summary["versions"].items())
    return f"Took {summary['seconds']:.1f} s · {versions} · verify with <code>nljctl compare-legacy --verify DIR</code>"
