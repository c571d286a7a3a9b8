"""From the log into Elasticsearch, side by side: `python scripts/benchmarks/consume.py [--records N] [--rounds N] [--without NAME] [--json]`.

One local stack of its own; one log of real statements (the 22,000 of the shared data, again and again under new ids). Every contender
reads it from the beginning in a process of its own, with a group, an index (of the same mapping) and, where it needs one, a database
that are new each time; rounds are interleaved and medians count. The clock is the index's own count of what it has taken, read from outside:
from the first documents to the last, so start-up counts for nobody. What a contender stored is counted afterwards. Legacy is
measured on the first documents only: at a hundred a second the whole log would take an hour.
"""

from __future__ import annotations

import argparse
import asyncio
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
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from functools import cached_property
from pathlib import Path

import asyncpg
import httpx
import psutil
import sqlalchemy

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
SHARED = Path(os.environ.get("NLJCTL_SHARED_DATA") or ROOT.parent / "shared" / "data")
QUIXSTREAMS = ("quixstreams==3.28.1", "elasticsearch>=8.19,<9")
NLJCTL = (sys.executable, "-m", "nljctl")
SAMPLE_SECONDS = 0.1
PATIENCE_SECONDS = 600
LEGACY_SECONDS = 20.0
LATENCY_RATE, LATENCY_SECONDS = 1_000, 20
TOPIC = "xapi-events"


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
    """One contender, once: documents a second, and the largest resident memory seen, in bytes."""

    rate: float
    memory: int


@dataclass(frozen=True)
class Bench:
    """The stack that everybody runs on."""

    endpoints: dict[str, str]
    env: dict[str, str]
    records: int

    @cached_property
    def client(self) -> httpx.Client:
        """One connection for all samples: a new one each time would take a quarter of a core from everybody."""
        return httpx.Client(base_url=self.endpoints["elasticsearch"], timeout=60)

    def named(self, name: str) -> dict[str, str]:
        """The environment of one contender: its own group, index and database."""
        url = sqlalchemy.make_url(self.endpoints["database"]).set(database=name)
        return {
            **self.env,
            "KAFKA_BOOTSTRAP_SERVERS": self.endpoints["kafka"],
            "ELASTICSEARCH_URL": self.endpoints["elasticsearch"],
            "DATABASE_URL": url.render_as_string(hide_password=False),
            "ELASTICSEARCH_INDEX": name,
            "KAFKA_GROUP_ID": name,
            "NLJCTL_LEGACY_GROUP": f"{name}-legacy",
        }

    def prepare(self, name: str) -> dict[str, str]:
        """Makes the contender's database, index and first epoch."""
        env = self.named(name)
        asyncio.run(self._create_database(name))
        subprocess.run([*NLJCTL, "setup", "--owner", "faststream", "--json"], env=env, check=True, capture_output=True)
        return env

    async def _create_database(self, name: str) -> None:
        connection = await asyncpg.connect(self.endpoints["database"])
        await connection.execute(f'create database "{name}"')
        await connection.close()

    def forget(self, name: str) -> None:
        self.client.delete(f"/{name}").raise_for_status()

    def taken(self, index: str) -> int:
        """Documents that the index has taken so far, searchable or not."""
        answer = self.client.get(f"/{index}/_stats/indexing", params={"filter_path": "_all.primaries.indexing.index_total"})
        return int(answer.raise_for_status().json()["_all"]["primaries"]["indexing"]["index_total"])

    def count(self, index: str) -> int:
        self.client.post(f"/{index}/_refresh").raise_for_status()
        return int(self.client.get(f"/{index}/_count").raise_for_status().json()["count"])


@contextmanager
def stack(records: int) -> Iterator[Bench]:
    """A stack of its own with the log in it, and nothing left of it afterwards."""
    folder = Path(tempfile.mkdtemp(prefix="nljctl-bench-"))
    env = {**os.environ, "NLJCTL_HOME": str(folder / "home"), "NLJCTL_RUNTIME": "local"}
    try:
        subprocess.run([*NLJCTL, "up", "--profile", "analytics", "--json"], env=env, check=True, capture_output=True)
        stack_file = json.loads((folder / "home" / "stack.json").read_text())
        consumer = next(
            s
            for s in json.loads(subprocess.run([*NLJCTL, "status", "--json"], env=env, check=True, capture_output=True).stdout)["services"]
            if s["name"] == "xapi-consumer"
        )
        psutil.Process(consumer["pid"]).terminate()
        bench = Bench(
            stack_file["endpoints"], {**env, "RALPH_LRS_URL": stack_file["endpoints"]["ralph"], "RALPH_LRS_SECRET": stack_file["secrets"]["ralph"]}, records
        )
        fill(bench, folder)
        yield bench
    finally:
        subprocess.run([*NLJCTL, "down", "--volumes", "--yes", "--json"], env=env, check=True, capture_output=True)
        shutil.rmtree(folder)


def fill(bench: Bench, folder: Path) -> None:
    """Publishes the real statements, again and again under new ids that are the same in every run."""
    lines = [json.loads(line) for line in gzip.decompress((SHARED / "statements-video-22k.json.gz").read_bytes()).splitlines()]
    path = folder / "log.ndjson"
    with path.open("w") as file:
        for number in range(bench.records):
            statement = {**lines[number % len(lines)], "id": str(uuid.uuid5(uuid.NAMESPACE_URL, f"nljctl-bench/{number}"))}
            file.write(json.dumps(statement, separators=(",", ":")) + "\n")
    subprocess.run([*NLJCTL, "publish-test", "--from", str(path), "--topic", TOPIC, "--json"], env=bench.env, check=True, capture_output=True)
    path.unlink()


def watch(bench: Bench, index: str, process: subprocess.Popen[bytes], goal: int, seconds: float) -> Run:
    """Samples the index until it has taken `goal` documents, or `seconds` after the first ones have passed."""
    begin: tuple[float, int] | None = None
    memory = 0
    seen = psutil.Process(process.pid)
    deadline = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < deadline:
        taken, now = bench.taken(index), time.perf_counter()
        if process.poll() is None:
            memory = max(memory, seen.memory_info().rss)
        if taken and begin is None:
            begin = (now, taken)
        if begin is not None and taken > begin[1] and (taken >= goal or now - begin[0] >= seconds):
            return Run((taken - begin[1]) / (now - begin[0]), memory)
        if process.poll() not in (None, 0):
            raise SystemExit(f"{index} ended with {process.returncode}: {process.stderr.read().decode()[-2000:] if process.stderr else ''}")
        time.sleep(SAMPLE_SECONDS)
    raise SystemExit(f"{index} took longer than {PATIENCE_SECONDS} s")


def nljctl(bench: Bench, name: str) -> Run:
    """The whole consumer, with everything on, until its own exit: all committed."""
    env = bench.prepare(name)
    process = subprocess.Popen(
        [*NLJCTL, "consume", "faststream", "--until-caught-up", "--port", "0", "--json"], env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    run = watch(bench, name, process, bench.records, PATIENCE_SECONDS)
    output, errors = process.communicate(timeout=PATIENCE_SECONDS)
    if process.returncode != 0 or json.loads(output)["stored"] != bench.records:
        raise SystemExit(f"nljctl: {output.decode()} {errors.decode()[-2000:]}")
    return run


def bare(bench: Bench, name: str) -> Run:
    env = bench.prepare(name)
    process = subprocess.Popen([sys.executable, str(HERE / "consume_bare.py"), name, name, str(bench.records)], env=env, stderr=subprocess.PIPE)
    run = watch(bench, name, process, bench.records, PATIENCE_SECONDS)
    process.wait(PATIENCE_SECONDS)
    return run


def quixstreams(bench: Bench, name: str) -> Run:
    env = bench.prepare(name)
    process = subprocess.Popen(
        [str(environment_of_quixstreams()), str(HERE / "consume_quixstreams.py"), name, name], env=env, cwd=tempfile.gettempdir(), stderr=subprocess.DEVNULL
    )
    try:
        return watch(bench, name, process, bench.records, PATIENCE_SECONDS)
    finally:
        process.terminate()
        process.wait(60)


def environment_of_quixstreams() -> Path:
    folder = ROOT / ".cache" / "benchmarks" / "quixstreams"
    python = folder / "bin" / "python"
    if not (folder / "complete").exists():
        subprocess.run([sys.executable, "-m", "venv", "--clear", str(folder)], check=True)
        subprocess.run([str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *QUIXSTREAMS], check=True)
        (folder / "complete").touch()
    return python


def legacy(bench: Bench, name: str) -> Run:
    """Legacy with Ralph, for a while: Ralph writes into its own index, whatever the contender is called."""
    env = bench.prepare(name)
    before = bench.taken("statements")
    process = subprocess.Popen([*NLJCTL, "consume", "legacy", "--port", "0"], env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        while bench.taken("statements") == before:
            if process.poll() is not None:
                raise SystemExit("legacy ended")
            time.sleep(SAMPLE_SECONDS)
        return watch(bench, "statements", process, sys.maxsize, LEGACY_SECONDS)
    finally:
        process.terminate()
        process.wait(60)


def latency(bench: Bench) -> dict[str, float]:
    """Seconds from publish to searchable, as `publish-test` measures them, of a consumer that has nothing else to do."""
    name = "bench-latency"
    env = bench.prepare(name)
    log = Path(bench.env["NLJCTL_HOME"]) / "latency.log"
    with log.open("wb") as stderr:
        process = subprocess.Popen([*NLJCTL, "consume", "faststream", "--from", "latest", "--port", "0"], env=env, stdout=subprocess.DEVNULL, stderr=stderr)
    try:
        while b"assigned" not in log.read_bytes():
            if process.poll() is not None:
                raise SystemExit(f"the consumer ended: {log.read_text()}")
            time.sleep(SAMPLE_SECONDS)
        told = ["--rate", str(LATENCY_RATE), "--duration", str(LATENCY_SECONDS), "--event", "learning.experienced", "--wait", "processed", "--json"]
        sent = subprocess.run([*NLJCTL, "publish-test", *told], env=env, check=True, capture_output=True)
        return dict(json.loads(sent.stdout)["latency"])
    finally:
        process.terminate()
        process.wait(60)


Contender = Callable[[Bench, str], Run]
CONTENDERS: dict[str, Contender] = {"nljctl": nljctl, "bare loop": bare, "QuixStreams": quixstreams, "legacy with Ralph": legacy}
GOALS = {"bare loop": ">= 0.7", "QuixStreams": ">= 3", "legacy with Ralph": ">= 100"}
ONCE = ("legacy with Ralph",)


def measure(bench: Bench, rounds: int, names: list[str]) -> dict[str, list[Run]]:
    runs: dict[str, list[Run]] = {name: [] for name in names}
    for number in range(rounds):
        for name in names if number % 2 == 0 else names[::-1]:
            if name in ONCE and number > 0:
                continue
            label = f"bench-{name.split()[0].lower()}-{number}"
            run = CONTENDERS[name](bench, label)
            stored = bench.count(label) if name not in ONCE else bench.records
            if stored != bench.records:
                raise SystemExit(f"{name} stored {stored} of {bench.records}")
            bench.forget(label)
            runs[name].append(run)
            print(f"round {number + 1}: {name:20} {run.rate:10,.0f}/s {run.memory / 1e6:8.0f} MB", file=sys.stderr)
    return runs


def rows(runs: dict[str, list[Run]], seconds: dict[str, float]) -> list[Row]:
    rate = {name: statistics.median(run.rate for run in found) for name, found in runs.items()}
    memory = max(run.memory for run in runs["nljctl"]) / 1e6
    return [
        *(Row("log to index, nljctl", rate["nljctl"], "statements/s", name, rate["nljctl"] / rate[name], goal) for name, goal in GOALS.items() if name in rate),
        *(Row(f"log to index, {name}", rate[name], "statements/s", "", 0.0, "") for name in rate if name != "nljctl"),
        Row("memory of nljctl's consumer, largest", memory, "MB", "", 0.0, "<= 200"),
        *(
            Row(f"publish to searchable at {LATENCY_RATE:,}/s, {name}", value, "s", "", 0.0, "<= 1.5" if name == "p99" else "")
            for name, value in seconds.items()
        ),
    ]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--records", type=int, default=300_000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--without", action="append", default=[], choices=[name for name in CONTENDERS if name != "nljctl"])
    parser.add_argument("--json", action="store_true")
    told = parser.parse_args()
    with stack(told.records) as bench:
        runs = measure(bench, told.rounds, [name for name in CONTENDERS if name not in told.without])
        found = rows(runs, latency(bench))
    if told.json:
        print(json.dumps({"rows": [asdict(row) for row in found]}))
        return
    for row in found:
        against = f"  {row.ratio:6.2f} x {row.baseline}" if row.baseline else ""
        print(f"{row.name:52} {row.value:10,.{0 if row.value > 20 else 2}f} {row.unit}{against}{f'  (goal {row.goal})' if row.goal else ''}")


if __name__ == "__main__":
    main()
