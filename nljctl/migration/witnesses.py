"""What the witnesses of a comparison say, as rows: the log, the dead letters, the recorded outcomes, the documents of both indices.

Rows are streamed to one file per witness (a JSON object a line), so that the memory they take does not grow with their number;
the ledger reads the files.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Literal, NamedTuple, TypeAlias

import msgspec

from nljctl.analytics.facts import FactRow

Place = Literal["before", "cut", "after"]


class LogRow(msgspec.Struct, frozen=True, gc=False):
    """One record of the log, as judged now. `place`: before the cut's start, in it, or beyond its end (the ledger says); `id` is in lower case."""

    n: int
    topic: str
    partition: int
    offset: int
    at: int
    verdict: str
    place: Place = "after"
    id: str | None = None
    id_given: bool = False
    timestamp_given: bool = False
    event: str | None = None
    reason: str = ""
    rule: str = ""
    pointer: str = ""
    digest: str = ""
    content_digest: str = ""


class DeadRow(msgspec.Struct, frozen=True, gc=False):
    """One dead letter, by the coordinates of its original."""

    topic: str
    partition: int
    offset: int
    reason: str
    rule: str = ""


class OutcomeRow(msgspec.Struct, frozen=True, gc=False):
    """One row of `nljctl.outcome`."""

    pipeline: str
    topic: str
    partition: int
    offset: int
    kind: str
    reason: str = ""
    rule: str = ""
    detail: str = ""
    statement_id: str | None = None


class DocumentRow(msgspec.Struct, frozen=True, gc=False):
    """One document of an index: its `_id` as it is and in lower case, its digests computed now, when it was stored (milliseconds),
    and the coordinates that it carries, if it does. `generation`: of its topic."""

    raw_id: str
    id: str
    digest: str
    content_digest: str
    stored: int | None = None
    topic: str | None = None
    partition: int | None = None
    offset: int | None = None
    generation: int = 0


class CutRow(msgspec.Struct, frozen=True, gc=False):
    """One partition of the cut: offsets `[begin, end)` are classed."""

    topic: str
    partition: int
    begin: int
    end: int


class SpanRow(msgspec.Struct, frozen=True, gc=False):
    """One partition: what the log holds of it, which pipelines read its topic, and how often that was made anew."""

    topic: str
    partition: int
    log_begin: int
    log_end: int
    faststream: bool
    legacy: bool
    generation: int = 0


class TouchRow(msgspec.Struct, frozen=True, gc=False):
    """A record of the log changes the platform's row with this key (`session:<uuid>`)."""

    n: int
    key: str


class EffectRow(msgspec.Struct, frozen=True, gc=False):
    """A row of the platform that is not the same in both schemas. `aggregate`: the key of the session that a booking belongs to, if that is why."""

    table_name: str
    id: str
    key: str
    kind: Literal["differs", "only_legacy", "only_faststream"]
    aggregate: str | None = None
    columns: str = ""


class EffectSpanRow(msgspec.Struct, frozen=True, gc=False):
    """Offsets `[low, high)` whose effects only one of the two schemas may have yet."""

    topic: str
    partition: int
    low: int
    high: int


class OneSidedRow(msgspec.Struct, frozen=True, gc=False):
    """An effect that the two schemas do not share. `role` has it; `result`: applied, refused, or parked (then `waits_for` says for what)."""

    role: str
    statement_id: str
    result: str
    detail: str = ""
    waits_for: str | None = None


Row: TypeAlias = FactRow | LogRow | DeadRow | OutcomeRow | DocumentRow | CutRow | SpanRow | TouchRow | EffectRow | EffectSpanRow | OneSidedRow

_COORDINATES = {"topic": "VARCHAR", "partition": "INTEGER", "offset": "BIGINT"}
_DOCUMENT = {
    "raw_id": "VARCHAR",
    "id": "VARCHAR",
    "digest": "VARCHAR",
    "content_digest": "VARCHAR",
    "stored": "BIGINT",
    **_COORDINATES,
    "generation": "INTEGER",
}

WITNESSES: dict[str, dict[str, str]] = {
    "span": {
        "topic": "VARCHAR",
        "partition": "INTEGER",
        "log_begin": "BIGINT",
        "log_end": "BIGINT",
        "faststream": "BOOLEAN",
        "legacy": "BOOLEAN",
        "generation": "INTEGER",
    },
    "cut": {"topic": "VARCHAR", "partition": "INTEGER", "begin": "BIGINT", "end": "BIGINT"},
    "log": {
        "n": "BIGINT",
        **_COORDINATES,
        "at": "BIGINT",
        "place": "VARCHAR",
        "verdict": "VARCHAR",
        "id": "VARCHAR",
        "id_given": "BOOLEAN",
        "timestamp_given": "BOOLEAN",
        "event": "VARCHAR",
        "reason": "VARCHAR",
        "rule": "VARCHAR",
        "pointer": "VARCHAR",
        "digest": "VARCHAR",
        "content_digest": "VARCHAR",
    },
    "dead": {**_COORDINATES, "reason": "VARCHAR", "rule": "VARCHAR"},
    "outcome": {
        "pipeline": "VARCHAR",
        **_COORDINATES,
        "kind": "VARCHAR",
        "reason": "VARCHAR",
        "rule": "VARCHAR",
        "detail": "VARCHAR",
        "statement_id": "VARCHAR",
    },
    "faststream_document": _DOCUMENT,
    "legacy_document": _DOCUMENT,
    "touch": {"n": "BIGINT", "key": "VARCHAR"},
    "effect_row": {"table_name": "VARCHAR", "id": "VARCHAR", "key": "VARCHAR", "kind": "VARCHAR", "aggregate": "VARCHAR", "columns": "VARCHAR"},
    "effect_span": {"topic": "VARCHAR", "partition": "INTEGER", "low": "BIGINT", "high": "BIGINT"},
    "one_sided": {"role": "VARCHAR", "statement_id": "VARCHAR", "result": "VARCHAR", "detail": "VARCHAR", "waits_for": "VARCHAR"},
}
"""Each witness, and the columns of its table with their types."""


class Kept(NamedTuple):
    """So much of a witness' file is good."""

    bytes: int
    rows: int


class WitnessFile:
    """Where the rows of one witness are streamed to; `kept`: it goes on behind what an earlier comparison has written."""

    def __init__(self, folder: Path, witness: str, kept: Kept | None = None) -> None:
        self.path = folder / f"{witness}.ndjson"
        self.rows = 0
        self._encoder = msgspec.json.Encoder()
        self._file: BinaryIO = self.path.open("wb" if kept is None else "r+b")
        if kept is not None:
            self._file.truncate(kept.bytes)
            self._file.seek(kept.bytes)
            self.rows = kept.rows

    def write(self, rows: Sequence[Row]) -> None:
        self._file.write(self._encoder.encode_lines(rows))
        self.rows += len(rows)

    def flush(self) -> None:
        """Makes what was written readable."""
        self._file.flush()

    def kept(self) -> Kept:
        """What is surely in the file now."""
        self.flush()
        return Kept(self._file.tell(), self.rows)

    def __enter__(self) -> WitnessFile:
        return self

    def __exit__(self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None) -> None:
        self._file.close()


def text(value: str) -> str:
    """A text that any witness may hold: lone surrogates, which JSON cannot carry, are replaced."""
    return value if value.isascii() else value.encode("utf-8", "replace").decode("utf-8")
