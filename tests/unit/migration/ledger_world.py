"""Builds a small log and what became of it, and asks the ledger: `World().record(...).document(...)`, then `settle()`."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from nljctl.migration.ledger import Difference, Ledger, Totals
from nljctl.migration.witnesses import DeadRow, DocumentRow, LogRow, OutcomeRow, SpanRow

TOPIC = "xapi-events"


class World:
    """One topic with one partition unless said otherwise. A record's offset is its number; its content is a letter that stands for a digest."""

    def __init__(self, *, log_begin: int = 0, legacy_reads: bool = True, generation: int = 0) -> None:
        self.log: list[LogRow] = []
        self.rows: dict[str, list[Any]] = {"dead": [], "outcome": [], "faststream_document": [], "legacy_document": []}
        self.log_begin = log_begin
        self.legacy_reads = legacy_reads
        self.generation = generation

    def record(
        self, id: str | None, content: str = "A", *, rejected: str = "", place: str = "cut", named: bool = True, timed: bool = True, at: int | None = None
    ) -> int:
        offset = self.log_begin + len(self.log)
        self.log.append(
            LogRow(
                n=offset,
                topic=TOPIC,
                partition=0,
                offset=offset,
                at=at if at is not None else 1_000 + offset,
                place=place,  # type: ignore[arg-type]  # any place may be tried
                verdict="rejected" if rejected else "accepted",
                id=id,
                id_given=named,
                timestamp_given=timed,
                reason="invalid-xapi" if rejected else "",
                rule=rejected,
                digest="" if content == "" else f"{content}@{offset}" if not timed else content,
                content_digest=f"content-{content}" if content else "",
            )
        )
        return offset

    def stored_new(
        self,
        id: str,
        content: str = "A",
        offset: int | None = None,
        *,
        raw_id: str | None = None,
        stored: int | None = None,
        timed: bool = True,
        generation: int = 0,
    ) -> World:
        digest = content if timed else f"{content}@{offset}"
        topic, partition = (None, None) if offset is None else (TOPIC, 0)
        self.rows["faststream_document"].append(DocumentRow(raw_id or id, id, digest, f"content-{content}", stored, topic, partition, offset, generation))
        return self

    def stored_legacy(self, id: str, content: str = "A", *, raw_id: str | None = None, stored: int | None = 2_000) -> World:
        self.rows["legacy_document"].append(DocumentRow(raw_id or id, id, content, f"content-{content}", stored))
        return self

    def dead_letter(self, offset: int, reason: str = "invalid-xapi", rule: str = "") -> World:
        self.rows["dead"].append(DeadRow(TOPIC, 0, offset, reason, rule))
        return self

    def outcome(self, pipeline: str, offset: int, kind: str, reason: str = "", rule: str = "", statement_id: str | None = None) -> World:
        self.rows["outcome"].append(OutcomeRow(pipeline, TOPIC, 0, offset, kind, reason, rule, "", statement_id))
        return self

    def settle(self, *, accepted: frozenset[str] = frozenset(), dead_letters_truncated: bool = False, limit: int = 100) -> Settled:
        with TemporaryDirectory() as folder, Ledger(Path(folder)) as ledger:
            ledger.add("span", [SpanRow(TOPIC, 0, self.log_begin, self.log_begin + len(self.log), True, self.legacy_reads, self.generation)])
            ledger.add("log", self.log)
            for witness, rows in self.rows.items():
                ledger.add(witness, rows)
            ledger.settle(accepted=accepted, dead_letters_truncated=dead_letters_truncated)
            rows = ledger.rows()
            return Settled(rows, ledger.totals(), ledger.differences(limit), ledger.reasons())


class Settled:
    """What the ledger says. `faststream` and `legacy` are the classes of the cut's records in the order of the log."""

    def __init__(self, rows: list[tuple[int, str, str]], totals: Totals, differences: list[Difference], reasons: dict[Any, Any]) -> None:
        self.faststream = [row[1] for row in rows]
        self.legacy = [row[2] for row in rows]
        self.totals = totals
        self.differences = differences
        self.reasons = reasons

    def found(self) -> list[tuple[str, str | None, str]]:
        """Differences that nothing explains, as (side, id, class)."""
        return [(d.side, d.id, d.cls) for d in self.differences if not d.explained]
