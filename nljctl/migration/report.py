"""The report of a comparison for people: one self-contained page (`report.html` is its frame). Pure: it shows what the summary says."""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping, Sequence
from html import escape
from importlib.resources import files
from string import Template
from typing import Any

from nljctl.migration.classes import SIDES, LedgerClass, Side, named

SENTENCES: Mapping[str, str] = {
    "same": "Record by record both pipelines hold the same, and so do the platform's rows.",
    "explained": "faststream is what the log says, and for every difference it was recorded why it is there.",
    "differs": "Something is not what the log says, or nothing recorded explains it. The differences below name each one.",
}
MOST_REASONS = 6


def render(summary: Mapping[str, Any]) -> str:
    """The page of a summary as `summary.json` holds it."""
    frame = Template((files(__package__) / "report.html").read_text(encoding="utf-8"))
    return frame.substitute(
        verdict=escape(summary["verdict"]),
        at=escape(summary["at"]),
        sentence=_sentence(summary),
        figures=_figures(summary),
        bars="".join(_bar(summary, side) for side in SIDES) + _legend(),
        classes="".join(_classes(summary, side) for side in SIDES),
        differences=_differences(summary),
        effects=_effects(summary),
        events=_events(summary["events"]),
        cut=_cut(summary["cut"]),
        footer=_footer(summary),
    )


def kind(entry: LedgerClass) -> int:
    """0 stored, 1 held in another way, 2 and 3 not held, 4 a fault: what colours a class everywhere."""
    if entry.fault:
        return 4
    if entry.holds:
        return 0 if entry.name == "stored" else 1
    return 2 if entry.name in ("dead_lettered", "filtered", "not_subscribed") else 3


def _sentence(summary: Mapping[str, Any]) -> str:
    log, counts = summary["log"], summary["difference_counts"]
    return (
        f"<b>{escape(SENTENCES[summary['verdict']])}</b><br>Compared at {escape(summary['at'])}: {log['records']:,} records up to the cut, "
        f"judged again and looked up in both stores; {counts['unexplained']:,} unexplained and {counts['explained']:,} explained differences."
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


def _bar(summary: Mapping[str, Any], side: Side) -> str:
    counts, records = summary["ledger"][side], max(1, summary["log"]["records"])
    shown = sorted((entry for entry in named(side) if entry.of == "record" and counts[entry.name]), key=kind)
    parts = "".join(
        f'<i class="k{kind(entry)}" style="flex:{counts[entry.name] / records:.6f}" title="{_name(entry.name)}: {counts[entry.name]:,}"></i>' for entry in shown
    )
    held = sum(counts[entry.name] for entry in shown if entry.holds)
    return f'<div class="side">{side}<span>holds {held:,} of {summary["log"]["records"]:,}</span></div><div class="bar">{parts}</div>'


def _legend() -> str:
    words = (
        "stored",
        "held as a duplicate or under another id",
        "not held: dead letter, filtered, topic not read",
        "not held: conflict, refused, failed",
        "fault",
    )
    return '<div class="legend">' + "".join(f'<span><i class="k{n}"></i>{word}</span>' for n, word in enumerate(words)) + "</div>"


def _classes(summary: Mapping[str, Any], side: Side) -> str:
    rows = []
    for entry in named(side):
        count = summary["ledger"][side][entry.name]
        reasons = summary["reasons"][side].get(entry.name, [])
        words = "".join(f"<br><small>{reason['count']:,} × {escape(reason['reason'])}</small>" for reason in reasons[:MOST_REASONS])
        more = f"<br><small>and {len(reasons) - MOST_REASONS} more reasons</small>" if len(reasons) > MOST_REASONS else ""
        colour = f'<i class="k{kind(entry)}"></i>'
        rows.append((f"{colour}{_name(entry.name)}", f"{count:,}", f"{escape(entry.meaning)}{words}{more}") if count else _dim(entry))
    return f"<section><h2>{side}</h2>{_table(('class', 'records', 'meaning and reasons'), rows, numbers=(1,))}</section>"


def _dim(entry: LedgerClass) -> tuple[str, ...]:
    return tuple(f'<span class="zero">{content}</span>' for content in (f'<i class="k{kind(entry)}"></i>{_name(entry.name)}', "0", escape(entry.meaning)))


def _differences(summary: Mapping[str, Any]) -> str:
    listed, counts = summary["differences"], summary["difference_counts"]
    total = counts["explained"] + counts["unexplained"]
    if not listed:
        return '<p class="soft">None.</p>' if not total else f'<p class="soft">{total:,}, none of them listed (--limit).</p>'
    rows = (
        (
            _tag(entry["explained"]),
            escape(entry["side"]),
            _name(entry["class"]),
            f"<code>{escape(entry['id'] or '–')}</code>",
            escape(entry["reason"]),
            f"<code>{_where(entry)}</code>",
        )
        for entry in listed
    )
    note = f'<p class="soft">The first {len(listed):,} of {total:,}; ledger.parquet beside this page has all of them.</p>' if total > len(listed) else ""
    return note + _table(("", "side", "class", "statement", "reason", "in the log"), rows)


def _effects(summary: Mapping[str, Any]) -> str:
    if summary["effects"] is None:
        return f'<p class="soft">Not compared: {escape(summary["effects_absent"] or "")}.</p>'
    names = ("same", "differs", "only_legacy", "only_faststream", "pending", "explained")
    rows = ((f"<code>{escape(table)}</code>", *(f"{counts[name]:,}" for name in names)) for table, counts in summary["effects"].items())
    table = _table(("table", *(_name(name) for name in names)), rows, numbers=range(1, 9))
    listed = (
        (
            _tag(row["explained"]),
            f"<code>{escape(row['table'])}</code>",
            f"<code>{escape(row['id'])}</code>",
            _name(row["kind"]),
            escape(row["columns"]),
            escape(row["reason"]),
            f"<code>{escape(row['records'] or '–')}</code>",
        )
        for row in summary["effect_differences"]
    )
    return table + (_table(("", "table", "row", "which", "columns", "reason", "touched by"), listed) if summary["effect_differences"] else "")


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
    return _table(("topic", "event", "records", "faststream holds", "legacy holds"), rows, numbers=range(2, 9))


def _cut(cut: Mapping[str, Mapping[str, Sequence[int]]]) -> str:
    rows = (
        (f"<code>{escape(topic)}</code>", partition, f"{begin:,}", f"{end:,}", f"{end - begin:,}")
        for topic, partitions in cut.items()
        for partition, (begin, end) in partitions.items()
    )
    return _table(("topic", "partition", "from", "to (not included)", "offsets"), rows, numbers=range(1, 9))


def _footer(summary: Mapping[str, Any]) -> str:
    versions = ", ".join(f"{escape(name)} {escape(version)}" for name, version in summary["versions"].items())
    return f"Took {summary['seconds']:.1f} s · {versions} · verify with <code>nljctl compare-legacy --verify DIR</code>"


def _table(heads: Sequence[str], rows: Iterable[Sequence[str]], numbers: Container[int] = ()) -> str:
    def cell(tag: str, column: int, content: str) -> str:
        return f'<{tag} class="n">{content}</{tag}>' if column in numbers else f"<{tag}>{content}</{tag}>"

    head = "".join(cell("th", column, name) for column, name in enumerate(heads))
    body = "".join("<tr>" + "".join(cell("td", column, content) for column, content in enumerate(row)) + "</tr>" for row in rows)
    return f'<div class="scroll"><table><tr>{head}</tr>{body}</table></div>'


def _tag(explained: bool) -> str:
    return f'<span class="tag {"yes" if explained else "no"}">{"explained" if explained else "unexplained"}</span>'


def _where(entry: Mapping[str, Any]) -> str:
    return "not in the log" if entry["topic"] is None else f"{escape(entry['topic'])}/{entry['partition']} at {entry['offset']:,}"


def _name(name: str) -> str:
    return escape(name.replace("_", " "))
