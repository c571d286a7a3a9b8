"""Elasticsearch's per-item results, classed."""

from __future__ import annotations

import pytest

from nljctl.store.outcome import Item, classify, explain


@pytest.mark.parametrize(
    ("status", "error", "expected"),
    [
        (201, None, Item.STORED),
        (409, {"type": "version_conflict_engine_exception"}, Item.EXISTS),
        (429, {"type": "es_rejected_execution_exception"}, Item.LATER),
        (503, {"type": "unavailable_shards_exception"}, Item.LATER),
        (400, {"type": "document_parsing_exception", "reason": "failed to parse"}, Item.REFUSED),
        (400, {"type": "mapper_parsing_exception"}, Item.REFUSED),
        (400, {"type": "illegal_argument_exception", "reason": "Document contains at least one immense term in field"}, Item.REFUSED),
        (400, {"type": "illegal_argument_exception", "reason": "Limit of total fields [500] has been exceeded"}, Item.LATER),
        (400, {"type": "index_closed_exception", "reason": "closed"}, Item.LATER),
        (403, {"type": "cluster_block_exception", "reason": "index is read-only"}, Item.LATER),
        (404, {"type": "index_not_found_exception"}, Item.LATER),
    ],
)
def test_only_faults_of_the_document_are_its_own(status: int, error: dict[str, str] | None, expected: Item) -> None:
    assert classify({"status": status, **({"error": error} if error else {})}) is expected


def test_the_reason_names_type_and_cause() -> None:
    item = {"status": 400, "error": {"type": "document_parsing_exception", "reason": "failed", "caused_by": {"reason": "no such day"}}}
    assert explain(item) == "400 document_parsing_exception: failed (no such day)"
