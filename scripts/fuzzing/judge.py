"""Judges mutated statements and the hardest records of 10 MB: `scripts/fuzz [--count N] [--seed S] [--json]`.

The originals are the real statements and the public cases of the shared data. What must hold of each record is in
`tests/unit/xapi/agreement.py`, the hard records are in `adversarial.py` beside it. Times are of `nljctl.judge.judge` alone, in
seconds of the process. The first record of which it does not hold ends the run, and is printed.
"""

from __future__ import annotations

import argparse
import json
import sys
import time

from adversarial import RECORDS, Build
from agreement import check
from xapi_world import ORIGIN, conformance_cases, mutations, real_lines

from nljctl.judge import MAX_BYTES, judge
from nljctl.xapi.decode import crowded

ORIGINALS_EVERY = 11


def fuzz(count: int, seed: int) -> dict[str, object]:
    """Mutated statements: how many, how many of them were accepted, and the longest that one took."""
    originals = [json.loads(line) for line in real_lines()[::ORIGINALS_EVERY]]
    originals += [case["statement"] for case in conformance_cases() if case["kind"] == "single"]
    accepted, worst = 0, 0.0
    for record in mutations(originals, count, seed):
        begin = time.process_time()
        judge(record, ORIGIN)
        worst = max(worst, time.process_time() - begin)
        try:
            accepted += check(record)
        except Exception:
            print(f"fuzz: this record of seed {seed} is not judged as it must be: {record!r}", file=sys.stderr)
            raise
    return {"count": count, "seed": seed, "accepted": accepted, "worst_seconds": worst}


def largest(build: Build) -> bytes:
    """A hard record of as many bytes and values as are judged; one with more of either is refused at once."""
    size = MAX_BYTES
    record = build(size)
    while crowded(record):
        size = size * 9 // 10
        record = build(size)
    return record


def hardest() -> list[dict[str, object]]:
    """The time that each of the hard records takes, as large as they may be, the longest first."""
    rows = []
    for name, build in RECORDS.items():
        record = largest(build)
        begin = time.process_time()
        judgement = judge(record, ORIGIN)
        rows.append((time.process_time() - begin, name, len(record), judgement))
    rows.sort(key=lambda row: -row[0])
    return [
        {"name": name, "seconds": seconds, "bytes": size, "verdict": judgement.verdict, "errors": len(judgement.errors)}
        for seconds, name, size, judgement in rows
    ]


def main() -> None:
    parser = argparse.ArgumentParser(prog="scripts/fuzz")
    parser.add_argument("--count", type=int, default=20_000)
    parser.add_argument("--seed", type=int, default=20_250_301)
    parser.add_argument("--json", action="store_true")
    told = parser.parse_args()
    mutated = fuzz(told.count, told.seed)
    hard = hardest()
    if told.json:
        print(json.dumps({"mutated": mutated, "hardest": hard}))
        return
    print("{count:,} mutated statements of seed {seed}: {accepted:,} accepted; no exception, both paths agree".format(**mutated))
    print("{worst_seconds:8.4f} s for the longest of them".format(**mutated))
    for row in hard:
        print("{seconds:8.3f} s  {bytes:>10,} bytes  {verdict:9} {errors:>5,} errors  {name}".format(**row))


if __name__ == "__main__":
    main()
