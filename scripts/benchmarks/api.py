"""How fast the API answers: `python scripts/benchmarks/api.py [--statements N] [--clients N] [--requests N] [--mode fresh|repeated] [--json]`.

One local stack of its own, whose faststream consumer stores N made statements: 2,000 learners at 200 activities in 20 programs, and their answers to 10 surveys
of 10 questions, over 90 days. Then some clients at once ask each endpoint, twice over: *fresh*, where every request is another question (another `since`;
another metric, category or number of learners) and nothing is remembered, and *repeated*, as dashboards do. The figure is the 95th percentile of a request's
time in milliseconds, at the client. It also says how long the API took to have the index in memory, and what its process weighs at the end.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import random
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import psutil

NLJCTL = (sys.executable, "-m", "nljctl")
GOAL_MS = 300
LEARNERS, ACTIVITIES, PROGRAMS, SURVEYS, QUESTIONS, DAYS = 2_000, 200, 20, 10, 10, 90
VERBS = "http://adlnet.gov/expapi/verbs/"
EXTENSION = "http://nlj.platform/extensions/"
SURVEY = "5d8b1f9a-0000-4000-8000-{:012d}"

ENDPOINTS = {
    "overview": "/api/analytics/overview",
    "completion-stats": "/api/analytics/completion-stats",
    "trends": "/api/analytics/trends?period={period}&metric={metric}",
    "activity": "/api/analytics/activities?id=http://nlj.platform/content/activity-{n}",
    "survey": "/api/analytics/surveys/" + SURVEY.format(3) + "?group_by=department",
    "question": "/api/analytics/surveys/" + SURVEY.format(3) + "/questions/q-{q}",
    "demographics": "/api/analytics/surveys/" + SURVEY.format(3) + "/demographics",
    "learner": "/api/analytics/learners/learner-{n}@example.org",
    "learner-statements": "/api/analytics/learners/learner-{n}@example.org/statements",
    "top-performers": "/api/analytics/top-performers/{category}?time_period={span}&limit={limit}",
    "dashboard": "/api/analytics/dashboard?role=instructor",
}
WITHOUT_SINCE = ("trends", "top-performers")
MODES = ("repeated", "fresh")


@dataclass(frozen=True, slots=True)
class Row:
    """One measurement; `ratio` is the goal's share that it takes."""

    name: str
    value: float
    unit: str
    baseline: str
    ratio: float
    goal: str


def statements(count: int) -> Iterator[dict[str, Any]]:
    """The same ones in every run, but for their days, which end today."""
    chance = random.Random(7)
    end = datetime.now(UTC).replace(microsecond=0)
    for number in range(count):
        learner, answers = chance.randrange(LEARNERS), chance.random() < 0.4
        yield {
            "id": str(uuid.UUID(int=chance.getrandbits(128), version=4)),
            "timestamp": (end - timedelta(seconds=chance.randrange(DAYS * 86_400))).isoformat(),
            "actor": {"objectType": "Agent", "name": f"Learner {learner}", "mbox": f"mailto:learner-{learner}@example.org"},
            **(answer(chance, learner) if answers else activity(chance, number)),
        }


def activity(chance: random.Random, number: int) -> dict[str, Any]:
    verb = chance.choice(("initialized", "progressed", "experienced", "completed"))
    chosen = chance.randrange(ACTIVITIES)
    done = {
        "result": {
            "completion": True,
            "success": chance.random() < 0.8,
            "score": {"scaled": round(chance.random(), 2)},
            "duration": f"PT{chance.randrange(5, 60)}M",
        }
    }
    return {
        "verb": {"id": VERBS + verb, "display": {"en-US": verb}},
        "object": {
            "objectType": "Activity",
            "id": f"http://nlj.platform/content/activity-{chosen}",
            "definition": {"name": {"en-US": f"Activity {chosen}"}, "type": "http://adlnet.gov/expapi/activities/course"},
        },
        "context": {"extensions": {EXTENSION + "program_id": f"program-{chosen % PROGRAMS}", EXTENSION + "activity_type": ("training", "game")[number % 2]}},
        **(done if verb == "completed" else {}),
    }


def answer(chance: random.Random, learner: int) -> dict[str, Any]:
    survey, question, value = chance.randrange(SURVEYS), chance.randrange(QUESTIONS), chance.randrange(1, 6)
    return {
        "verb": {"id": VERBS + "answered", "display": {"en-US": "answered"}},
        "object": {
            "objectType": "Activity",
            "id": f"http://nlj.platform/questions/q-{question}",
            "definition": {"name": {"en-US": f"Question {question}"}, "type": "http://adlnet.gov/expapi/activities/question"},
        },
        "result": {"response": str(value), "score": {"raw": value, "scaled": value / 5}},
        "context": {
            "extensions": {
                EXTENSION + "parent_survey": SURVEY.format(survey),
                EXTENSION + "question_type": "likert",
                EXTENSION + "department": f"department-{learner % 8}",
                EXTENSION + "location": f"location-{learner % 5}",
                EXTENSION + "tenure": f"{learner % 4} years",
            }
        },
    }


@contextmanager
def stack(count: int) -> Iterator[tuple[str, psutil.Process]]:
    """The address of an API over so many statements, and its process; nothing is left of it afterwards."""
    folder = Path(tempfile.mkdtemp(prefix="nljctl-bench-"))
    env = {**os.environ, "NLJCTL_HOME": str(folder / "home")}
    try:
        up = subprocess.run([*NLJCTL, "up", "--profile", "faststream", "--json"], env=env, check=True, capture_output=True)
        path = folder / "statements.ndjson"
        with path.open("w") as file:
            file.writelines(json.dumps(each, separators=(",", ":")) + "\n" for each in statements(count))
        sent = [*NLJCTL, "publish-test", "--from", str(path), "--wait", "processed", "--timeout", "900", "--json"]
        subprocess.run(sent, env=env, check=True, capture_output=True)
        begun = json.loads(up.stdout)
        (pid,) = [service["pid"] for service in begun["services"] if service["name"] == "nlj-api"]
        yield begun["endpoints"]["api"], psutil.Process(pid)
    finally:
        subprocess.run([*NLJCTL, "down", "--volumes", "--yes", "--json"], env=env, check=True, capture_output=True)
        shutil.rmtree(folder)


def values(number: int) -> dict[str, Any]:
    """What a question with this number asks for."""
    return {
        "n": number % 100,
        "q": number % QUESTIONS,
        "period": ("30d", "90d", "7d", "1y")[number // 4 % 4],
        "metric": ("activity", "completion", "engagement", "scores")[number % 4],
        "category": ("overall", "training", "game")[number % 3],
        "span": ("30d", "90d")[number // 3 % 2],
        "limit": 1 + number % 100,
    }


def held(address: str) -> Row:
    """Seconds from the first question until the API has the index in memory."""
    begun = time.perf_counter()
    httpx.get(f"{address}/api/analytics/overview", timeout=60).raise_for_status()
    while httpx.get(f"{address}/api/analytics/health", timeout=60).json()["data"]["migration_status"]["statements_in_memory"] is None:
        httpx.get(f"{address}/api/analytics/learners/learner-1@example.org", timeout=60).raise_for_status()
        time.sleep(0.1)
    return Row("index in memory", round(time.perf_counter() - begun, 1), "s", "", 0, "")


async def measure(address: str, name: str, clients: int, requests: int, *, fresh: bool) -> list[float]:
    """Milliseconds of each request. Fresh questions differ in `since` by a second, which changes hardly any answer and every question."""
    begin = datetime.now(UTC) - timedelta(days=DAYS + 1)
    numbers = iter(range(clients * requests + clients))
    taken: list[float] = []

    def asked(number: int) -> str:
        path = ENDPOINTS[name].format(**values(number if fresh else 7))
        if not fresh or name in WITHOUT_SINCE:
            return path
        return f"{path}{'&' if '?' in path else '?'}since={(begin + timedelta(seconds=number)):%Y-%m-%dT%H:%M:%SZ}"

    async def client() -> None:
        async with httpx.AsyncClient(base_url=address, timeout=60) as own:
            await own.get(asked(next(numbers)))
            for _ in range(requests):
                path = asked(next(numbers))
                begun = time.perf_counter()
                (await own.get(path)).raise_for_status()
                taken.append(1_000 * (time.perf_counter() - begun))

    await asyncio.gather(*(client() for _ in range(clients)))
    return taken


def rows(address: str, clients: int, requests: int, modes: list[str]) -> Iterator[Row]:
    for mode in modes:
        for name in ENDPOINTS:
            p95 = statistics.quantiles(asyncio.run(measure(address, name, clients, requests, fresh=mode == "fresh")), n=20)[-1]
            yield Row(f"{name}, {mode}", round(p95, 1), "ms p95", f"{clients} clients", round(p95 / GOAL_MS, 2), f"<= {GOAL_MS}")


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--statements", type=int, default=100_000)
    parser.add_argument("--clients", type=int, default=8)
    parser.add_argument("--requests", type=int, default=20, help="of each client, each endpoint and mode")
    parser.add_argument("--mode", choices=MODES, action="append", help="only this one")
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args()
    with stack(asked.statements) as (address, process):
        found = [held(address)]
        for row in rows(address, asked.clients, asked.requests, asked.mode or list(MODES)):
            print(f"{row.name}: {row.value} {row.unit}", file=sys.stderr, flush=True)
            found.append(row)
        found.append(Row("memory of the API's process", round(process.memory_info().rss / 1e6), "MB", "", 0, ""))
    if asked.json:
        print(json.dumps({"command": "bench api", "statements": asked.statements, "rows": [asdict(row) for row in found]}))
        return
    for row in found:
        print(f"{row.name:32} {row.value:9,.1f} {row.unit:7}{row.goal and f' goal {row.goal}'}")


if __name__ == "__main__":
    main()
