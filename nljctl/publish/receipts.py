"""What a run has published: counts, coordinates, and a file with a line for each record."""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Mapping
from datetime import datetime
from io import BufferedWriter
from pathlib import Path
from types import TracebackType

import msgspec
from aiokafka import TopicPartition

from nljctl.publish.record import Receipt


class Receipts:
    """Collects receipts in the order in which records were sent; a context manager that keeps the file open, from the first receipt on.

    Attributes:
        published: how many records the log holds of this run.
        by_topic, by_event, by_kind: the same, apart; parents count under `parent`.
        offsets: the coordinates.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.published = 0
        self.by_topic: Counter[str] = Counter()
        self.by_event: Counter[str] = Counter()
        self.by_kind: Counter[str] = Counter()
        self.offsets: dict[TopicPartition, array[int]] = {}
        self._encoder = msgspec.json.Encoder()
        self._file: BufferedWriter | None = None

    def __enter__(self) -> Receipts:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if kind is None:
            self._opened()
        if self._file is not None:
            self._file.close()

    def add(self, receipt: Receipt) -> None:
        record = receipt.record
        self.published += 1
        self.by_topic[record.topic] += 1
        if record.event is not None:
            self.by_event[record.event] += 1
        if record.kind is not None:
            self.by_kind["parent" if record.parent else record.kind] += 1
        self.offsets.setdefault(TopicPartition(record.topic, receipt.partition), array("q")).append(receipt.offset)
        self._opened().write(self._encoder.encode(_line(receipt)) + b"\n")

    def _opened(self) -> BufferedWriter:
        """A run that could not begin leaves no file."""
        if self._file is None:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            self._file = self.path.open("wb")
        return self._file


def ids_path(home: Path, started: datetime, run: str) -> Path:
    """Where a run's file goes; the same seed at another time has another one."""
    return home / "published" / f"{started:%Y%m%dT%H%M%S%f}-{run}.ndjson"


def _line(receipt: Receipt) -> Mapping[str, object]:
    record = receipt.record
    return {
        "line": record.line,
        "id": record.id,
        "event": record.event,
        "kind": record.kind,
        "parent": record.parent,
        "topic": record.topic,
        "partition": receipt.partition,
        "offset": receipt.offset,
        "key": record.key,
    }
