"""Where records go, and what is noted of them."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from aiokafka import TopicPartition

from nljctl.errors import UnreachableError
from nljctl.publish.receipts import Receipts, ids_path
from nljctl.publish.record import Outgoing, Receipt


def record(**more: Any) -> Outgoing:
    return Outgoing(**{"topic": "xapi-events", "key": None, "value": b"{}", "id": "1", "line": 1, "event": "statement.passed", "kind": "plain", **more})


def test_a_statement_without_key_goes_to_the_same_partition_every_time() -> None:
    assert record(value=b"one").partition(6) == record(value=b"two").partition(6)


def test_statements_without_key_are_spread() -> None:
    assert {record(id=str(number)).partition(6) for number in range(100)} == set(range(6))


def test_a_key_decides_the_partition_by_itself() -> None:
    assert record(key="session").partition(6) is None


def test_receipts_count_by_topic_event_and_kind(tmp_path: Path) -> None:
    with Receipts(tmp_path / "ids.ndjson") as receipts:
        receipts.add(Receipt(record(), 0, 5))
        receipts.add(Receipt(record(topic="programs", event="program.created", parent=True), 1, 7))
        receipts.add(Receipt(record(event=None, kind=None), 0, 6))

    assert receipts.published == 3
    assert dict(receipts.by_topic) == {"xapi-events": 2, "programs": 1}
    assert dict(receipts.by_event) == {"statement.passed": 1, "program.created": 1}
    assert dict(receipts.by_kind) == {"plain": 1, "parent": 1}
    assert list(receipts.offsets[TopicPartition("xapi-events", 0)]) == [5, 6]


def test_the_file_holds_a_line_for_each_record(tmp_path: Path) -> None:
    with Receipts(ids_path(tmp_path, datetime(2025, 3, 1, tzinfo=UTC), "run")) as receipts:
        receipts.add(Receipt(record(key="k"), 3, 9))

    (line,) = map(json.loads, receipts.path.read_text().splitlines())
    assert (line["id"], line["topic"], line["partition"], line["offset"], line["key"]) == ("1", "xapi-events", 3, 9, "k")


def test_a_run_that_could_not_begin_leaves_no_file(tmp_path: Path) -> None:
    receipts = Receipts(tmp_path / "ids.ndjson")
    with pytest.raises(UnreachableError), receipts:
        raise UnreachableError("no broker")

    assert not receipts.path.exists()


def test_a_run_of_nothing_leaves_an_empty_file(tmp_path: Path) -> None:
    with Receipts(tmp_path / "ids.ndjson") as receipts:
        pass

    assert receipts.path.read_bytes() == b""
