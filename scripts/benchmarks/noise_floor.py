"""The noise floor of legacy: the same log, given to it twice, on a stack of its own: `scripts/noise-floor [--records N] [--seed N] [--json]`.

The second time it has a group, a database, an LRS and an index of its own. What it makes of a record then and made otherwise before is its own doing.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import asyncpg
import httpx
import psutil
import sqlalchemy
from both_sides import NLJCTL, Sides, say

AGAIN = "again"
BAD = ("--invalid", "5", "--duplicates", "6", "--conflicts", "4")
START_SECONDS = 120


@contextmanager
def stack(records: int, seed: int) -> Iterator[Sides]:
    folder = Path(tempfile.mkdtemp(prefix="nljctl-noise-"))
    sides = Sides(folder, {**os.environ, "NLJCTL_HOME": str(folder / "home")})
    try:
        say("starting")
        sides.run("up", "--profile", "analytics", "--profile", "faststream")
        say(f"publishing {records:,} events, some broken, doubled or contradictory")
        sides.run(
            *("publish-test", "--count", str(records), "--event", "all", "--contract", "both", *BAD, "--seed", str(seed)),
            *("--wait", "processed", "--timeout", "3600"),
        )
        yield sides
    finally:
        say("stopping")
        subprocess.run([*NLJCTL, "down", "--volumes", "--yes", "--json"], env=sides.env, cwd=folder, check=True, capture_output=True)
        shutil.rmtree(folder)


@contextmanager
def second_lrs(sides: Sides) -> Iterator[str]:
    """Another Ralph as the one that runs, with an index of its own; gives its URL."""
    running = psutil.Process(sides.pid("ralph-lrs"))
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = str(free.getsockname()[1])
    command = running.cmdline()
    command[command.index("--port") + 1] = port
    environment = {**running.environ(), "RALPH_BACKENDS__LRS__ES__DEFAULT_INDEX": f"statements-{AGAIN}"}
    process = subprocess.Popen(command, env=environment, cwd=running.cwd(), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    url = f"http://127.0.0.1:{port}"
    try:
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            try:
                if httpx.get(f"{url}/__heartbeat__", timeout=3).is_success:
                    break
            except httpx.HTTPError:
                time.sleep(0.5)
        yield url
    finally:
        process.terminate()
        process.wait(30)


def second_platform(sides: Sides, lrs: str) -> Sides:
    """The same log, everything else new."""
    known: dict[str, Any] = json.loads((sides.folder / "home" / "stack.json").read_text())
    endpoints = known["endpoints"]
    database = sqlalchemy.make_url(endpoints["database"])

    async def create() -> None:
        connection = await asyncpg.connect(endpoints["database"])
        await connection.execute(f'create database "{AGAIN}"')
        await connection.close()

    asyncio.run(create())
    settings = {
        "NLJCTL_HOME": str(sides.folder / AGAIN),
        "KAFKA_BOOTSTRAP_SERVERS": endpoints["kafka"],
        "KAFKA_GROUP_ID": f"faststream-{AGAIN}",
        "DATABASE_URL": database.set(database=AGAIN).render_as_string(hide_password=False),
        "ELASTICSEARCH_URL": endpoints["elasticsearch"],
        "ELASTICSEARCH_INDEX": f"xapi-statements-{AGAIN}",
        "RALPH_LRS_URL": lrs,
        "RALPH_LRS_SECRET": known["secrets"]["ralph"],
        "NLJCTL_LEGACY_INDEX": f"statements-{AGAIN}",
        "NLJCTL_LEGACY_GROUP": f"legacy-{AGAIN}",
        "NLJCTL_DEAD_LETTER_TOPIC": f"nlj.errors.statements.{AGAIN}",
    }
    return Sides(sides.folder, {**os.environ, **settings})


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--records", type=int, default=2_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--json", action="store_true")
    told = parser.parse_args()
    with stack(told.records, told.seed) as sides, second_lrs(sides) as lrs:
        again = second_platform(sides, lrs)
        again.run("setup", "--owner", "legacy")
        for pipeline in ("legacy", "faststream"):
            say(f"{pipeline} reads the log again")
            again.run("consume", pipeline, "--until-caught-up", "--port", "0")
        evidence = str(sides.folder / "replay")
        again.run("compare-legacy", "--no-effects", "--no-analytics", "--evidence", evidence, codes=(0, 1))
        found = sides.run("compare-legacy", "--no-analytics", "--noise-floor", evidence, codes=(0, 1))
    result = {"records": told.records, "seed": told.seed, "verdict": found["verdict"], "legacy": found["ledger"]["legacy"], "noise_floor": found["noise_floor"]}
    print(json.dumps(result, indent=None if told.json else 1))
    return 0


if __name__ == "__main__":
    sys.exit(main())
