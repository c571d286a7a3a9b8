"""Tables, tags and places, as HTML. Everything that comes from a statement is escaped by whoever hands it in. Pure."""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping, Sequence
from html import escape
from typing import Any


def table(heads: Sequence[str], rows: Iterable[Sequence[str]], numbers: Container[int] = ()) -> str:
    """A table that scrolls by itself where it is too wide; `numbers` are the columns of numbers."""

    def cell(tag: str, column: int, content: str) -> str:
        return f'<{tag} class="n">{content}</{tag}>' if column in numbers else f"<{tag}>{content}</{tag}>"

    head = "".join(cell("th", column, content) for column, content in enumerate(heads))
    body = "".join("<tr>" + "".join(cell("td", column, content) for column, content in enumerate(row)) + "</tr>" for row in rows)
    return f'<div class="scroll"><table><tr>{head}</tr>{body}</table></div>'


def tag(word: str) -> str:
    """A verdict on one thing."""
    return f'<span class="tag {escape(word)}">{escape(word)}</span>'


def explained(yes: bool) -> str:
    return tag("explained" if yes else "unexplained")


def where(entry: Mapping[str, Any]) -> str:
    return "not in the log" if entry["topic"] is None else f"{escape(entry['topic'])}/{entry['partition']} at {entry['offset']:,}"


def spaced(name: str) -> str:
    return escape(name.replace("_", " "))
