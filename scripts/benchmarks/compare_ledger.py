"""Joins a generated ledger of N rows in a process of its own: `compare_ledger.py FOLDER ROWS`. Prints seconds, largest memory and the counts as JSON.

Of a thousand records five are missing on either side, five altered, twenty were refused by the LRS; the rest is stored on both sides.
"""

from __future__ import annotations

import json
import resource
import sys
import time
from pathlib import Path

from nljctl.migration.ledger import Ledger
from nljctl.migration.witnesses import CutRow, DocumentRow, LogRow, OutcomeRow, SpanRow, WitnessFile

TOPIC, PARTITIONS, AT_ONCE = "xapi-events", 6, 50_000


def generate(folder: Path, rows: int) -> dict[str, WitnessFile]:
    files = {name: WitnessFile(folder, name) for name in ("log", "faststream_document", "legacy_document", "outcome")}
    for first in range(0, rows, AT_ONCE):
        numbers = range(first, min(rows, first + AT_ONCE))
        files["log"].write([log_row(n) for n in numbers])
        files["faststream_document"].write([document(n, "faststream") for n in numbers if n % 1_000 >= 5])
        files["legacy_document"].write([document(n, "legacy") for n in numbers if not 5 <= n % 1_000 < 30])
        refused = [OutcomeRow("legacy", TOPIC, n % PARTITIONS, n // PARTITIONS, "refused", "http-422") for n in numbers if 10 <= n % 1_000 < 30]
        files["outcome"].write(refused)
    return files


def log_row(n: int) -> LogRow:
    return LogRow(
        n,
        TOPIC,
        n % PARTITIONS,
        n // PARTITIONS,
        n,
        "accepted",
        id=name(n),
        id_given=True,
        timestamp_given=True,
        digest=f"{n:032x}",
        content_digest=f"c{n:031x}",
    )


def document(n: int, side: str) -> DocumentRow:
    altered = n % 1_000 in range(990, 995)
    place = (TOPIC, n % PARTITIONS, n // PARTITIONS) if side == "faststream" else (None, None, None)
    return DocumentRow(name(n), name(n), f"{'f' if altered else '0'}{n:031x}", f"c{n:031x}", n, *place)


def name(n: int) -> str:
    """Ids are random in life: neighbours in the log are none in an index."""
    mixed = n * 0x9E3779B97F4A7C15 % (1 << 64)
    return f"{mixed >> 32:08x}-{mixed >> 16 & 0xFFFF:04x}-4{mixed & 0xFFF:03x}-8000-{n:012x}"


def main() -> None:
    folder, rows = Path(sys.argv[1]), int(sys.argv[2])
    with Ledger(folder) as ledger:
        files = generate(folder, rows)
        begin = time.perf_counter()
        for witness, file in files.items():
            file.kept()
            ledger.load(witness, file)
        spans = [(partition, (rows - partition + PARTITIONS - 1) // PARTITIONS) for partition in range(PARTITIONS)]
        ledger.place([CutRow(TOPIC, partition, 0, end) for partition, end in spans])
        ledger.add("span", [SpanRow(TOPIC, partition, 0, end, True, True) for partition, end in spans])
        ledger.settle()
        totals = ledger.totals()
        seconds = time.perf_counter() - begin
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    print(json.dumps({"seconds": seconds, "memory": memory, "records": totals.records, "unexplained": totals.unexplained, "explained": totals.explained}))


if __name__ == "__main__":
    main()
