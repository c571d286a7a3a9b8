"""The ledger: one row per record of the cut with its class on both sides, joined in DuckDB, which spills to disk.

Its size is bounded by the disk, not by memory.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any

import duckdb

from nljctl.errors import InconsistentError, NljctlError
from nljctl.migration import classing, tracing
from nljctl.migration.classes import CLASSES, SIDES, Side, named
from nljctl.migration.witnesses import WITNESSES, CutRow, Row, WitnessFile

MEMORY_LIMIT = "512MB"
MOST_REASONS = 50
ROWS_AT_ONCE = 2_000


@dataclass(frozen=True, slots=True)
class Difference:
    """One statement that the sides do not hold alike. Coordinates are None for a document that the log does not hold."""

    id: str | None
    side: Side
    cls: str
    reason: str
    explained: bool
    topic: str | None = None
    partition: int | None = None
    offset: int | None = None

    def as_json(self) -> dict[str, Any]:
        return {
            "id": self.id,
            "side": self.side,
            "class": self.cls,
            "reason": self.reason,
            "explained": self.explained,
            "topic": self.topic,
            "partition": self.partition,
            "offset": self.offset,
        }


@dataclass(frozen=True, slots=True)
class Totals:
    """What the ledger adds up to. `classes` has every class of either side, also those without a record."""

    records: int
    unique: int
    after_cut: int
    classes: Mapping[Side, Mapping[str, int]]
    explained: int
    unexplained: int


@dataclass(frozen=True, slots=True)
class EffectCounts:
    """Rows of one table. `pending` is none of the others; `explained` of those that differ or that only one side has."""

    same: int = 0
    differs: int = 0
    only_legacy: int = 0
    only_faststream: int = 0
    pending: int = 0
    explained: int = 0

    @property
    def unexplained(self) -> int:
        return self.differs + self.only_legacy + self.only_faststream - self.explained


class Ledger:
    """A DuckDB database in a folder of its own, filled with witnesses, then settled."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.folder = folder
        self._db = duckdb.connect(
            folder / "ledger.duckdb",
            config={"memory_limit": MEMORY_LIMIT, "threads": 2, "temp_directory": str(folder / "spill"), "preserve_insertion_order": False},
        )
        for witness, columns in WITNESSES.items():
            listed = ", ".join(f'"{name}" {kind}' for name, kind in columns.items())
            self._db.execute(f"CREATE TABLE {witness} ({listed})")

    def load(self, witness: str, file: WitnessFile) -> None:
        """Takes in the rows that were streamed to a file."""
        self._db.read_json(str(file.path), format="newline_delimited", columns=WITNESSES[witness]).insert_into(witness)

    def add(self, witness: str, rows: Sequence[Row]) -> None:
        """Takes in a few rows."""
        if not rows:
            return
        with WitnessFile(self.folder, f"{witness}-few") as file:
            file.write(rows)
        self.load(witness, file)
        file.path.unlink()

    def place(self, cut: Sequence[CutRow]) -> None:
        """Says of each record of the log where it lies: before the cut's start, in it, or beyond its end."""
        self.add("cut", cut)
        self._db.execute(
            """UPDATE log SET place = CASE WHEN "offset" >= c."end" THEN 'after' WHEN "offset" >= c."begin" THEN 'cut' ELSE 'before' END
               FROM cut c WHERE c.topic = log.topic AND c."partition" = log."partition\""""
        )

    def settle(self, *, accepted: frozenset[str] = frozenset(), dead_letters_truncated: bool = False) -> None:
        """Gives every record its classes.

        Args:
            accepted: faults of the legacy side that the caller accepts (`--accept unexplained`).
            dead_letters_truncated: the dead-letter topic no longer begins at its first record.

        Raises:
            InconsistentError: a side's classes do not sum to the records of the cut.
        """
        self._db.execute("CREATE TABLE fact AS SELECT ? AS dead_letters_truncated", [dead_letters_truncated])
        self._db.execute("CREATE TABLE class (side VARCHAR, name VARCHAR, holds BOOLEAN, fault BOOLEAN, accepted BOOLEAN)")
        self._db.executemany(
            "INSERT INTO class VALUES (?, ?, ?, ?, ?)", [(c.side, c.name, c.holds, c.fault, c.side == "legacy" and c.name in accepted) for c in CLASSES]
        )
        for step in (*classing.STEPS, *tracing.STEPS):
            self.run(step)
        totals = self.totals()
        for side in SIDES:
            summed = sum(totals.classes[side][entry.name] for entry in named(side) if entry.of == "record")
            if summed != totals.records:
                raise InconsistentError(
                    f"the {side} ledger has {summed} rows for {totals.records} records of the cut",
                    "Two records of the log cannot have the same coordinates: was a topic deleted and made again while it was read? Compare again.",
                )

    def totals(self) -> Totals:
        """The counts, whole: no limit applies to them."""
        [(records, unique, after)] = self.ask(
            """SELECT count(*) FILTER (place = 'cut'), count(DISTINCT id) FILTER (place = 'cut' AND verdict <> 'rejected'), count(*) FILTER (place = 'after')
               FROM log"""
        )
        classes: dict[Side, dict[str, int]] = {side: {entry.name: 0 for entry in named(side)} for side in SIDES}
        for side, name, count in self.ask("SELECT side, class, count(*) FROM entry GROUP BY ALL"):
            classes[side][name] = count
        differences = dict(self.ask("SELECT difference, count(*) FROM entry GROUP BY ALL"))
        return Totals(records, unique, after, classes, differences.get("explained", 0), differences.get("unexplained", 0))

    def rows(self) -> list[tuple[int, str, str]]:
        """Offset and the class on either side of every record of the cut, in the order of the log. For small ledgers."""
        return self.ask('SELECT "offset", faststream, legacy FROM ledger ORDER BY topic, "partition", "offset"')

    def retention(self) -> list[dict[str, Any]]:
        """What the log has lost of each partition: `removed` offsets, and the time of its oldest record now."""
        rows = self.ask(
            """SELECT topic, "partition", log_begin, strftime(epoch_ms(min("at")), '%Y-%m-%dT%H:%M:%SZ') FROM span LEFT JOIN log USING (topic, "partition")
               WHERE log_begin > 0 GROUP BY ALL ORDER BY 1, 2"""
        )
        return [dict(zip(("topic", "partition", "removed", "oldest"), row, strict=True)) for row in rows]

    def reasons(self) -> dict[Side, dict[str, list[dict[str, Any]]]]:
        """Per side and class the most frequent reasons, `{reason, count}`; classes that need none are left out."""
        found: dict[Side, dict[str, list[dict[str, Any]]]] = {side: {} for side in SIDES}
        rows = self.ask("SELECT side, class, reason, count(*) AS times FROM entry WHERE reason <> '' GROUP BY ALL ORDER BY times DESC, side, class, reason")
        for side, name, reason, count in rows:
            listed = found[side].setdefault(name, [])
            if len(listed) < MOST_REASONS:
                listed.append({"reason": reason, "count": count})
        return found

    def events(self) -> list[dict[str, Any]]:
        """Records by topic and event, and how many of them each side holds."""
        rows = self.ask(
            """SELECT topic, event, count(*), count(*) FILTER (faststream IN ('stored', 'duplicate')),
                      count(*) FILTER (legacy IN ('stored', 'duplicate', 'reassigned')) FROM ledger GROUP BY ALL ORDER BY 1, 2"""
        )
        return [dict(zip(("topic", "event", "records", "faststream", "legacy"), row, strict=True)) for row in rows]

    def differences(self, limit: int) -> list[Difference]:
        """At most `limit` differences: unexplained ones first, then in the order of the log."""
        rows = self.ask(
            """SELECT id, side, class, concat_ws(' · ', nullif(reason, ''), nullif(detail, '')), difference = 'explained', topic, "partition", "offset"
               FROM entry WHERE difference IS NOT NULL
               ORDER BY difference = 'explained', side, class, topic, "partition", "offset", id LIMIT ?""",
            limit,
        )
        return [Difference(*row) for row in rows]

    def effects(self, same: Mapping[str, int]) -> dict[str, EffectCounts]:
        """Per table how many rows of the platform are the same in both schemas (`same`, counted by Postgres), and how many are not."""
        found: dict[str, dict[str, int]] = {table: {"same": count} for table, count in same.items()}
        rows = self.ask(
            """SELECT table_name, CASE WHEN status = 'pending' THEN 'pending' ELSE kind END, count(*), count(*) FILTER (status = 'explained')
               FROM effect GROUP BY ALL"""
        )
        for table, kind, count, explained in rows:
            found[table][kind] = count
            found[table]["explained"] = found[table].get("explained", 0) + explained
        return {table: EffectCounts(**counts) for table, counts in found.items()}

    def effect_differences(self, limit: int) -> list[dict[str, Any]]:
        """At most `limit` rows of the platform that differ and are not pending, with the reason and the records that touched them; unexplained ones first."""
        names = ("table", "id", "kind", "columns", "reason", "explained", "records")
        rows = self.ask(
            """SELECT table_name, id, kind, columns, reason, status = 'explained', touched_by FROM effect WHERE status <> 'pending'
               ORDER BY status = 'explained', table_name, id LIMIT ?""",
            limit,
        )
        return [dict(zip(names, row, strict=True)) for row in rows]

    def export(self, folder: Path) -> list[Path]:
        """Writes `ledger.parquet` (a row per record of the cut), `strays.parquet` (a row per document that the log does not hold) and
        `effects.parquet` (a row per row of the platform that is not the same in both schemas)."""
        records, strays, effects = folder / "ledger.parquet", folder / "strays.parquet", folder / "effects.parquet"
        self._db.sql('SELECT * FROM ledger ORDER BY topic, "partition", "offset"').write_parquet(str(records), compression="zstd")
        self._db.sql("SELECT * FROM stray ORDER BY side, class, id").write_parquet(str(strays), compression="zstd")
        self._db.sql("SELECT * FROM effect ORDER BY table_name, id").write_parquet(str(effects), compression="zstd")
        return [records, strays, effects]

    def __enter__(self) -> Ledger:
        return self

    def __exit__(self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None) -> None:
        self._db.close()

    @property
    def db(self) -> duckdb.DuckDBPyConnection:
        """The database, for what is computed from the ledger elsewhere."""
        return self._db

    def run(self, step: str) -> None:
        """Does one step of a computation.

        Raises:
            NljctlError: there is no space for it.
        """
        try:
            self._db.execute(step)
        except (duckdb.OutOfMemoryException, duckdb.IOException) as problem:
            raise NljctlError(
                f"the ledger cannot be joined: {str(problem).splitlines()[0]}",
                f"It needs free disk space beside {self.folder}; --evidence DIR puts it elsewhere.",
                code="no-space",
            ) from problem

    def take(self, table: str, path: Path, columns: Mapping[str, str]) -> None:
        """Takes in the rows of a file, a JSON object a line, into a table that is made if it is not there."""
        listed = ", ".join(f'"{name}" {kind}' for name, kind in columns.items())
        self._db.execute(f"CREATE TABLE IF NOT EXISTS {table} ({listed})")
        if path.stat().st_size:
            self._db.read_json(str(path), format="newline_delimited", columns=dict(columns)).insert_into(table)

    def stream(self, query: str, *parameters: Any) -> Iterator[tuple[Any, ...]]:
        """The rows of a query, a few at a time."""
        cursor = self._db.cursor().execute(query, parameters)
        while rows := cursor.fetchmany(ROWS_AT_ONCE):
            yield from rows

    def ask(self, query: str, *parameters: Any) -> list[tuple[Any, ...]]:
        """The rows that a query over the witnesses and the ledger gives."""
        return self._db.execute(query, parameters).fetchall()
