"""The comparison, against reading the log once and both indices once: `python scripts/benchmarks/compare.py [--records N] [--rows N] [--rounds N] [--json]`.

One local stack of its own; the 22,000 real statements of the shared data again and again under new ids, in the log and in both indices (both_sides.py says
how the legacy one is filled). Rounds are interleaved and medians count; each comparison is a process of its own, whose largest resident
memory is looked at from outside. Then a generated ledger of `--rows` rows is joined.
"""

from __future__ import annotations

import argparse
import gzip
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
import uuid
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import msgspec
import psutil
from both_sides import NLJCTL, TOPIC, Sides, both_sides, say

HERE = Path(__file__).parent
SHARED = Path(os.environ.get("NLJCTL_SHARED_DATA") or HERE.parents[1].parent / "shared" / "data")
SAMPLE_SECONDS = 0.05


@dataclass(frozen=True, slots=True)
class Row:
    """One measurement; `ratio` is ours over the baseline's."""

    name: str
    value: float
    unit: str
    baseline: str
    ratio: float
    goal: str


@dataclass(frozen=True, slots=True)
class Run:
    """One comparison: seconds of the whole process, its own, and its largest resident memory in bytes."""

    seconds: float
    told: float
    memory: int


def statements() -> list[dict[str, Any]]:
    lines = gzip.decompress((SHARED / "statements-video-22k.json.gz").read_bytes()).splitlines()
    return [msgspec.json.decode(line) for line in lines]


def compare(sides: Sides, records: int) -> Run:
    """Analytics are left out: what they cost is theirs."""
    begin, memory = time.perf_counter(), 0
    process = subprocess.Popen(
        [*NLJCTL, "compare-legacy", "--no-analytics", "--json"], env=sides.env, cwd=sides.folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    seen = psutil.Process(process.pid)
    while process.poll() is None:
        try:
            memory = max(memory, sum(one.memory_info().rss for one in (seen, *seen.children(recursive=True))))
        except psutil.NoSuchProcess:
            break
        time.sleep(SAMPLE_SECONDS)
    output, errors = process.communicate()
    seconds = time.perf_counter() - begin
    if process.returncode != 0:
        raise SystemExit(f"compare-legacy ended with {process.returncode}: {output.decode()[-1000:]} {errors.decode()[-2000:]}")
    found = json.loads(output)
    if found["log"]["records"] != records or found["difference_counts"]["unexplained"]:
        raise SystemExit(f"compared {found['log']}, {found['difference_counts']}")
    return Run(seconds, found["seconds"], memory)


def baseline(sides: Sides) -> dict[str, float]:
    done = subprocess.run([sys.executable, str(HERE / "compare_baseline.py"), TOPIC], env=sides.env, cwd=sides.folder, check=True, capture_output=True)
    return dict(json.loads(done.stdout))


def of_stack(records: int, rounds: int) -> list[Row]:
    known = statements()

    def statement(number: int) -> dict[str, Any]:
        return {**known[number % len(known)], "id": str(uuid.uuid5(uuid.NAMESPACE_URL, f"nljctl-compare/{number}"))}

    runs, floors = [], []
    with both_sides(records, statement) as sides:
        for number in range(rounds):
            floors.append(baseline(sides))
            runs.append(compare(sides, records))
            say(f"round {number + 1}: compared in {runs[-1].seconds:.1f} s, {runs[-1].memory / 1e6:.0f} MB; once through: {floors[-1]}")
    ours, least = statistics.median(run.seconds for run in runs), statistics.median(sum(floor.values()) for floor in floors)
    return [
        Row(f"comparison of {records:,} records", ours, "s", "the log once and both indices once", ours / least, "<= 1.5"),
        *(Row(f"once through: {name}", statistics.median(floor[name] for floor in floors), "s", "", 0.0, "") for name in floors[0]),
        Row(f"memory of a comparison of {records:,} records, largest", max(run.memory for run in runs) / 1e6, "MB", "", 0.0, "<= 1000"),
    ]


def of_ledger(rows: int) -> list[Row]:
    folder = Path(tempfile.mkdtemp(prefix="nljctl-ledger-"))
    try:
        say(f"a ledger of {rows:,} rows")
        done = subprocess.run([sys.executable, str(HERE / "compare_ledger.py"), str(folder), str(rows)], check=True, capture_output=True)
    finally:
        shutil.rmtree(folder)
    found = json.loads(done.stdout)
    per_mille = rows // 1_000
    if (found["records"], found["unexplained"], found["explained"]) != (rows, 20 * per_mille, 20 * per_mille):
        raise SystemExit(f"the ledger says {found}")
    return [
        Row(f"ledger of {rows:,} rows, loaded and joined", found["seconds"], "s", "", 0.0, ""),
        Row(f"memory of a ledger of {rows:,} rows, largest", found["memory"] / 1e6, "MB", "", 0.0, "<= 2000"),
    ]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--records", type=int, default=1_000_000, help="records in the log; 0 leaves the stack out")
    parser.add_argument("--rows", type=int, default=10_000_000, help="rows of the generated ledger, in thousands; 0 leaves it out")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--json", action="store_true")
    told = parser.parse_args()
    found = (of_stack(told.records, told.rounds) if told.records else []) + (of_ledger(told.rows) if told.rows else [])
    if told.json:
        print(json.dumps({"rows": [asdict(row) for row in found]}))
        return
    for row in found:
        against = f"  {row.ratio:6.2f} x {row.baseline}" if row.baseline else ""
        print(f"{row.name:60} {row.value:10,.{0 if row.value > 20 else 2}f} {row.unit}{against}{f'  (goal {row.goal})' if row.goal else ''}")


if __name__ == "__main__":
    main()
