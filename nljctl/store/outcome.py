"""Bulk response → what became of each document. Pure; the table of Elasticsearch's errors is here.

Sources: the bulk API's per-item results; elasticsearch-py #864 (item failures are not retried by the client's helpers).
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum, auto
from typing import Any


class Item(Enum):
    """What one item of a bulk response means."""

    STORED = auto()
    EXISTS = auto()
    """Its id is taken: read it back to tell a redelivery from a duplicate from a conflict."""
    REFUSED = auto()
    """The document itself can never be stored."""
    LATER = auto()
    """Not the document's fault: try the item again."""


DOCUMENT_ERRORS = ("document_parsing_exception", "mapper_parsing_exception", "strict_dynamic_mapping_exception")
"""Error types that name a fault of the document. All others (a closed index answers 400 too) are the cluster's."""

IMMENSE_TERM = "Document contains at least one immense term"
"""The one `illegal_argument_exception` that is the document's fault, told by its reason."""


def classify(item: Mapping[str, Any]) -> Item:
    """Classifies the `create` part of one item: its `status` and, if it failed, its `error`."""
    status = item["status"]
    if status in (200, 201):
        return Item.STORED
    if status == 409:
        return Item.EXISTS
    error = item.get("error") or {}
    if status == 400 and error.get("type") in DOCUMENT_ERRORS:
        return Item.REFUSED
    if status == 400 and error.get("type") == "illegal_argument_exception" and str(error.get("reason", "")).startswith(IMMENSE_TERM):
        return Item.REFUSED
    return Item.LATER


def explain(item: Mapping[str, Any]) -> str:
    """The reason in Elasticsearch's words: `type: reason`, with the cause behind it."""
    error = item.get("error") or {}
    cause = error.get("caused_by") or {}
    words = f"{item['status']} {error.get('type', 'unknown')}: {error.get('reason', '')}"
    return f"{words} ({cause['reason']})" if cause.get("reason") else words
