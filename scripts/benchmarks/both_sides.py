"""A local stack in which both pipelines have passed the same log, quickly.

faststream reads the log as ever. Ralph takes about a hundred statements a second, so the legacy index is filled by bulk requests with what Ralph would
store of each (the statement with `stored` and its authority), under the index' dynamic mapping, and legacy's progress is set to the log's end while it is
stopped. Then both consumers run.
"""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec
import psutil
from elasticsearch import AsyncElasticsearch
from elasticsearch.helpers import async_streaming_bulk
from sqlalchemy import text

from nljctl import settings as configuration
from nljctl.effects.database import engine
from nljctl.kafka.client import admin, consumer
from nljctl.kafka.offsets import partitions, spans
from nljctl.settings import Settings

NLJCTL = (sys.executable, "-m", "nljctl")
TOPIC = "xapi-events"
AUTHORITY = {"objectType": "Agent", "name": "nlj-platform", "mbox": "mailto:nlj-platform@example.com"}
PATIENCE_SECONDS = 3_600

Statement = Callable[[int], dict[str, Any]]


@dataclass(frozen=True)
class Sides:
    """The stack, and how to act on it."""

    folder: Path
    env: dict[str, str]

    @property
    def settings(self) -> Settings:
        return configuration.load(environment=self.env, directory=self.folder)

    def run(self, *arguments: str, codes: tuple[int, ...] = (0,)) -> Any:
        """Runs `nljctl … --json`; gives its document."""
        done = subprocess.run([*NLJCTL, *arguments, "--json"], env=self.env, cwd=self.folder, capture_output=True, text=True)
        if done.returncode not in codes:
            raise SystemExit(f"nljctl {' '.join(arguments)} ended with {done.returncode}: {done.stdout[-2000:]} {done.stderr[-2000:]}")
        return json.loads(done.stdout)

    def pid(self, service: str) -> int:
        return next(int(one["pid"]) for one in self.run("status")["services"] if one["name"] == service)


@contextmanager
def both_sides(records: int, statement: Statement) -> Iterator[Sides]:
    """Fills both sides with `records` statements; nothing is left of it afterwards."""
    folder = Path(tempfile.mkdtemp(prefix="nljctl-both-"))
    sides = Sides(folder, {**os.environ, "NLJCTL_HOME": str(folder / "home")})
    try:
        say("starting")
        sides.run("up", "--profile", "analytics")
        legacy = psutil.Process(sides.pid("xapi-consumer"))
        legacy.terminate()
        legacy.wait(60)
        say(f"publishing {records:,} records")
        lines = folder / "log.ndjson"
        with lines.open("wb") as file:
            for number in range(records):
                file.write(msgspec.json.encode(statement(number)) + b"\n")
        sides.run("publish-test", "--from", str(lines), "--topic", TOPIC)
        say("filling the legacy index")
        asyncio.run(_fill(sides.settings, lines))
        lines.unlink()
        asyncio.run(_pass(sides.settings))
        say("faststream reads")
        sides.run("up", "--profile", "analytics", "--profile", "faststream", "--timeout", "300")
        _caught_up(sides)
        yield sides
    finally:
        say("stopping")
        subprocess.run([*NLJCTL, "down", "--volumes", "--yes", "--json"], env=sides.env, cwd=folder, check=True, capture_output=True)
        shutil.rmtree(folder)


async def _fill(settings: Settings, lines: Path) -> None:
    stored = time.strftime("%Y-%m-%dT%H:%M:%S.000000+00:00", time.gmtime())

    async def actions() -> AsyncIterator[dict[str, Any]]:
        with lines.open("rb") as file:
            for line in file:
                source = msgspec.json.decode(line)
                made = {**source, "version": "1.0.0", "stored": stored, "authority": AUTHORITY}
                yield {"_op_type": "index", "_index": settings.legacy_index, "_id": source["id"], "_source": made}

    async with AsyncElasticsearch(settings.elasticsearch, request_timeout=120) as client:
        async for _ in async_streaming_bulk(client, actions(), chunk_size=2_000):
            pass


async def _pass(settings: Settings) -> None:
    """Sets legacy's progress to the log's end."""
    async with admin(settings) as client, consumer(settings) as reader:
        ends = {tp: span.end for tp, span in (await spans(reader, await partitions(client, [TOPIC]))).items()}
    move = text(
        "UPDATE nljctl.progress SET statements_next = :end, effects_next = :end WHERE pipeline = 'legacy' AND topic = :topic AND partition = :partition"
    )
    async with engine(settings, name="both sides") as made, made.begin() as connection:
        for tp, end in ends.items():
            if (await connection.execute(move, {"end": end, "topic": tp.topic, "partition": tp.partition})).rowcount != 1:
                raise SystemExit(f"legacy has no position on {tp.topic}/{tp.partition}")


def _caught_up(sides: Sides) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < deadline:
        lag = sides.run("status")["lag"]
        if lag["faststream"] == 0 and lag["legacy"] == 0:
            return
        time.sleep(2)
    raise SystemExit("the consumers did not catch up")


def say(words: str) -> None:
    print(f"{time.strftime('%H:%M:%S')} {words}", file=sys.stderr, flush=True)
