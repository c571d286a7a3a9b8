"""Validation on one core, bytes to verdict, against peers in the same run: `python scripts/benchmarks/validate.py [--json]`.

The 22,000 real statements and the valid public cases of the shared data are judged by the accept path, which gives the verdict as the
peers do, and by `nljctl.judge.judge`, which also classifies, completes and digests; and by: the bare untyped msgspec decode; learninglocker's validator under
node, installed by npm on first use; Ralph's strict models, in the environment of a local stack. Rounds of all are interleaved, and
each one's best round counts. A peer that is not there is left out, and said so.
"""

from __future__ import annotations

import gzip
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

import msgspec

from nljctl.judge import judge
from nljctl.judgement import Origin
from nljctl.xapi.accept import accept
from nljctl.xapi.explain import explain

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
SHARED = Path(os.environ.get("NLJCTL_SHARED_DATA") or ROOT.parent / "shared" / "data")
LEARNINGLOCKER = "@learninglocker/xapi-validation@3.0.0"
ROUNDS = 5
REPEAT_CASES = 20
ORIGIN = Origin("xapi-events", 0, 0, 0)
DECODED = "bare untyped msgspec decode"


@dataclass(frozen=True, slots=True)
class Row:
    """One measurement; `ratio` is ours over the baseline's."""

    name: str
    value: float
    unit: str
    baseline: str
    ratio: float
    goal: str


def rates(subjects: dict[str, Callable[[bytes], object]], lines: list[bytes]) -> dict[str, float]:
    """Lines a second of each, the best of interleaved rounds."""
    best = dict.fromkeys(subjects, 0.0)
    for _ in range(ROUNDS):
        for name, subject in subjects.items():
            begin = time.perf_counter()
            for line in lines:
                subject(line)
            best[name] = max(best[name], len(lines) / (time.perf_counter() - begin))
    return best


def peers(lines: list[bytes]) -> dict[str, float]:
    """Lines a second of the peers that can be run here."""
    found = {}
    with tempfile.NamedTemporaryFile(suffix=".ndjson") as file:
        file.write(b"\n".join(lines) + b"\n")
        file.flush()
        for name, command, environment in (_learninglocker(), _ralph()):
            if command is None:
                print(f"validate: {name} cannot be run here and is left out", file=sys.stderr)
                continue
            done = subprocess.run([*command, file.name], env={**os.environ, **environment}, capture_output=True, check=True)
            found[name] = len(lines) / json.loads(done.stdout)["seconds"]
    return found


def _learninglocker() -> tuple[str, list[str] | None, dict[str, str]]:
    name = "learninglocker/xapi-validation"
    node, npm = shutil.which("node"), shutil.which("npm")
    if node is None or npm is None:
        return name, None, {}
    folder = ROOT / ".cache" / "benchmarks" / "learninglocker"
    if not (folder / "node_modules").exists():
        folder.mkdir(parents=True, exist_ok=True)
        subprocess.run([npm, "install", "--silent", "--no-audit", "--no-fund", "--prefix", str(folder), LEARNINGLOCKER], check=True, capture_output=True)
    return name, [node, str(HERE / "validate_learninglocker.js")], {"NODE_PATH": str(folder / "node_modules")}


def _ralph() -> tuple[str, list[str] | None, dict[str, str]]:
    cache = Path(os.environ.get("NLJCTL_CACHE") or Path(os.environ.get("XDG_CACHE_HOME") or "~/.cache").expanduser() / "nljctl")
    pythons = sorted(cache.glob("ralph-*/bin/python"))
    return "Ralph's strict models", [str(pythons[-1]), str(HERE / "validate_ralph.py")] if pythons else None, {}


def measure(title: str, lines: list[bytes]) -> list[Row]:
    decode = msgspec.json.Decoder().decode
    ours = rates({DECODED: decode, "accept": accept, "judge": lambda line: judge(line, ORIGIN)}, lines)
    others = peers(lines)
    rows = [
        Row(f"validate {title}: verdict", ours["accept"], "statements/s", DECODED, ours["accept"] / ours[DECODED], ">= 0.15"),
        Row(f"validate {title}: whole judgement", ours["judge"], "statements/s", DECODED, ours["judge"] / ours[DECODED], ""),
    ]
    goals = {"learninglocker/xapi-validation": ">= 3", "Ralph's strict models": ">= 10"}
    return rows + [Row(f"validate {title}: verdict", ours["accept"], "statements/s", name, ours["accept"] / rate, goals[name]) for name, rate in others.items()]


def rows() -> list[Row]:
    """Everything that is measured of validation."""
    real = gzip.decompress((SHARED / "statements-video-22k.json.gz").read_bytes()).splitlines()
    cases = [json.loads(line) for line in (SHARED / "xapi-1.0.3-cases.jsonl").read_text().splitlines()]
    singles = [case for case in cases if case["kind"] == "single"]
    valid = [json.dumps(case["statement"]).encode() for case in singles if case["expect"] == "valid"]
    explained = [json.dumps(case["statement"]).encode() for case in singles if case["expect"] == "invalid"]
    rate = rates({"explain": lambda line: explain(msgspec.json.decode(line))}, explained)["explain"]
    return [
        *measure("22,000 real statements", real),
        *measure("valid public cases", valid * REPEAT_CASES),
        Row("explain invalid public cases", rate, "statements/s", "", 0.0, ">= 3,000"),
    ]


def main() -> None:
    measured = rows()
    if "--json" in sys.argv:
        print(json.dumps({"rows": [asdict(row) for row in measured]}))
        return
    for row in measured:
        against = f"  {row.ratio:6.2f} x {row.baseline}" if row.baseline else ""
        print(f"{row.name:52} {row.value:10,.0f} {row.unit}{against}{f'  (goal {row.goal})' if row.goal else ''}")


if __name__ == "__main__":
    main()
