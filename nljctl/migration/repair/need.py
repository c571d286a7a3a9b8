"""What an evidence folder says that a store lacks, in the order of the log and in pieces of bounded size."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType

import duckdb
from aiokafka import TopicPartition

from nljctl.errors import UsageError
from nljctl.migration.classes import Side

Source = str
"""Where the content comes from: `log`, or the side whose index has it."""

SOURCES: tuple[Source, ...] = ("log", "legacy", "faststream")

PIECE = 250
"""Needs that are looked at together."""

GAP = 20_000
"""Offsets that are read for nothing at most: a piece ends before a wider gap."""

LACKS: dict[Side, tuple[str, ...]] = {"faststream": ("missing", "altered"), "legacy": ("unexplained", "failed", "altered")}
"""The classes of records that a repair of that side writes again. What a route, the LRS or a rule kept out is not among them: it would be kept out again."""

HOLDS = ("stored", "duplicate")


@dataclass(frozen=True, slots=True)
class Need:
    """One record, or one document from before the log's start, that a store should hold and does not.

    Attributes:
        cls: its class on that side; `expired` for what the log does not hold any more.
        id: its id in lower case where its record or document has one; of a document as it is.
        digest: of its normal form, as the log says (of an expired one: as the other index says).
        timestamp: of its record, milliseconds since 1970.
        tp, offset: where it lies in the log; None for an expired one.
    """

    cls: str
    id: str | None
    digest: str
    timestamp: int = 0
    tp: TopicPartition | None = None
    offset: int = -1


class Needs:
    """The needs of one side that one source may fill, read from an evidence folder; `with` closes it."""

    def __init__(self, evidence: Path, side: Side, source: Source) -> None:
        """Args:
            evidence: a folder that compare-legacy has written.

        Raises:
            UsageError: a side cannot be repaired from itself.
        """
        if source == side:
            raise UsageError(f"{side} cannot be repaired from itself", "--from log, or the other side's index.")
        self._db = duckdb.connect()
        for table, file in (("ledger", "ledger.parquet"), ("stray", "strays.parquet")):
            self._db.read_parquet(str(evidence / file)).create_view(table)
        self._db.execute("CREATE TABLE need (class VARCHAR, id VARCHAR, digest VARCHAR, moment BIGINT, topic VARCHAR, part INTEGER, place BIGINT)")
        other: Side = "legacy" if side == "faststream" else "faststream"
        held = f" AND NOT ({side} = 'failed' AND verdict = 'rejected')"  # what made the LRS fail once because it is invalid does so again
        if source != "log":
            held += f" AND {other} IN {HOLDS} AND id IS NOT NULL"
        self._db.execute(
            f"""INSERT INTO need SELECT {side}, id, digest, epoch_ms("timestamp"), topic, "partition", "offset" FROM ledger
                WHERE {side} IN {LACKS[side]}{held}"""  # noqa: S608 - names of sides and classes, from the tables above
        )
        if source != "log":
            self._db.execute(
                """INSERT INTO need SELECT class, id, digest, 0, NULL, NULL, NULL FROM stray s
                   WHERE side = ? AND class = 'expired' AND NOT EXISTS (SELECT 1 FROM stray o WHERE o.side = ? AND lower(o.id) = lower(s.id))""",
                [other, side],
            )

    def __len__(self) -> int:
        [(count,)] = self._db.execute("SELECT count(*) FROM need").fetchall()
        return int(count)

    def pieces(self) -> Iterator[list[Need]]:
        """All of them, each piece of one partition (or of none) and without wide gaps."""
        rows = self._db.cursor().execute("SELECT * FROM need ORDER BY topic, part, place, id")
        piece: list[Need] = []
        while found := rows.fetchmany(PIECE):
            for cls, id_, digest, moment, topic, partition, offset in found:
                tp = None if topic is None else TopicPartition(topic, partition)
                need = Need(cls, id_, digest, moment, tp, -1 if offset is None else offset)
                if piece and (len(piece) == PIECE or need.tp != piece[0].tp or need.offset - piece[-1].offset > GAP):
                    yield piece
                    piece = []
                piece.append(need)
        if piece:
            yield piece

    def __enter__(self) -> Needs:
        return self

    def __exit__(self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None) -> None:
        self._db.close()
