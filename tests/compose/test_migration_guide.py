"""Every command of docs/migration.md, typed as it stands there, in its order, in a fresh clone."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from aiokafka import TopicPartition
from deployment import Answer, Deployment, deployed, until
from engine import ROOT, Engine

from nljctl.effects import database, progress
from nljctl.effects.plan import Pipeline
from nljctl.kafka.client import admin, consumer
from nljctl.kafka.offsets import partitions
from nljctl.migration.log import KafkaLog
from nljctl.store.client import elasticsearch

GUIDE = Path(ROOT / "docs" / "migration.md")
LEGACY_GROUP = "nlj-unified-xapi-consumer"
LEARNING = "nlj.learning.activities"
READ_BY_THE_ORIGINAL = 12


@dataclass
class Typed:
    """A command of the guide, and what the guide shows below it."""

    command: str
    shown: list[str] = field(default_factory=list)


def guide() -> list[Typed]:
    found: list[Typed] = []
    for block in re.findall(r"^```console\n(.*?)^```", GUIDE.read_text(encoding="utf-8"), flags=re.DOTALL | re.MULTILINE):
        for line in block.splitlines():
            if line.startswith("$ "):
                found.append(Typed(line[2:]))
            elif line.strip():
                found[-1].shown.append(line)
    return found


@dataclass(frozen=True)
class Told:
    """What the whole guide gave, and what the platform looked like at its turning points."""

    answers: list[tuple[Typed, Answer]]
    running: Mapping[str, set[str]]
    first_positions: Mapping[TopicPartition, int]
    original: Mapping[TopicPartition, int]


async def read_as_the_original(made: Deployment) -> dict[TopicPartition, int]:
    """The original consumer has read what there is, its LRS has stored it, and it has committed so for its group."""
    settings = made.settings
    async with admin(settings) as asked:
        log = KafkaLog(settings)
        held = await log.spans(await partitions(asked, [LEARNING]))
    async with elasticsearch(settings) as store:
        async for records in log.read(held):
            for statement in (json.loads(record.value) for record in records):
                stored = {**statement, "stored": statement["timestamp"], "version": "1.0.0"}
                await store.index(index="statements", id=statement["id"], document=stored)
    async with consumer(settings, group_id=LEGACY_GROUP) as reader:
        reader.assign(list(held))
        await reader.commit({tp: span.end for tp, span in held.items()})
    return {tp: span.end for tp, span in held.items()}


async def positions(made: Deployment) -> dict[TopicPartition, int]:
    async with database.engine(made.settings) as engine, engine.connect() as connection:
        return {tp: each.statements_next for tp, each in (await progress.read(connection, Pipeline.LEGACY)).items()}


@pytest.fixture(scope="module")
def told(engine: Engine, image: str) -> Iterator[Told]:
    answers, running, seen = [], {}, {}
    with deployed(engine, image, "guide") as made:
        after: Mapping[str, Callable[[], None]] = {
            "nljctl setup --owner legacy --samples": lambda: seen.update(original=_an_original_ran(made)),
            "docker compose --profile analytics up -d --wait": lambda: seen.setdefault("first", asyncio.run(positions(made))),
            "nljctl stats": lambda: until(lambda: _idle(made), "both have read all"),
            "nljctl up": lambda: until(lambda: _idle(made), "both have read all"),
        }
        for number, typed in enumerate(guide()):
            answer = made.type(typed.command)
            answers.append((typed, answer))
            assert answer.code == 0, f"{typed.command}: {answer.code}\n{answer.stdout}\n{answer.stderr}"
            after.get(typed.command, lambda: None)()
            running[f"{number} {typed.command}"] = set(made.running())
        yield Told(answers, running, seen["first"], seen["original"])


def _an_original_ran(made: Deployment) -> dict[TopicPartition, int]:
    made.does(f"nljctl publish-test --event learning.experienced --count {READ_BY_THE_ORIGINAL} --json")
    return asyncio.run(read_as_the_original(made))


def _idle(made: Deployment) -> bool:
    status = made.does("nljctl status --json").document
    return not any(lag for lag in status["lag"].values())


def after(told: Told, command: str) -> list[set[str]]:
    """What ran after each time that it was typed."""
    return [services for typed, services in told.running.items() if typed.partition(" ")[2] == command]


SHARED = {"nlj-db", "redpanda", "elasticsearch", "nlj-api"}
NEW, LEGACY = {"nlj-faststream-consumer"}, {"ralph-lrs", "xapi-consumer"}


def test_each_start_of_the_guide_runs_exactly_its_services(told: Told) -> None:
    assert after(told, "docker compose up -d --wait") == [SHARED]
    assert after(told, "docker compose --profile analytics up -d --wait") == [SHARED | LEGACY] * 2
    assert after(told, "docker compose --profile faststream --profile analytics up -d --wait") == [SHARED | NEW | LEGACY] * 2


def test_legacy_goes_on_where_the_original_stopped(told: Told) -> None:
    assert sum(told.original.values()) == READ_BY_THE_ORIGINAL
    assert {tp: told.first_positions[tp] for tp in told.original} == told.original


def test_after_a_rollback_exactly_the_services_of_legacy_run(told: Told) -> None:
    assert after(told, "nljctl rollback --yes") == [SHARED | LEGACY]


def test_after_legacys_end_only_faststream_runs(told: Told) -> None:
    assert after(told, "nljctl remove-legacy --quiet-for 0 --yes") == [SHARED | NEW]


def test_nothing_runs_in_the_end(told: Told) -> None:
    assert after(told, "nljctl down --volumes --yes") == [set()]


def test_the_output_that_the_guide_shows_is_what_is_printed(told: Told) -> None:
    """Each line, apart from figures, ids and the width of columns; … stands for what the guide leaves out."""
    missing = {
        typed.command: [line for line in typed.shown if not _is_in(line, {_words(said) for said in answer.stdout.splitlines()})]
        for typed, answer in told.answers
    }
    assert {command: lines for command, lines in missing.items() if lines} == {}


def _is_in(line: str, said: set[str]) -> bool:
    shown, left_out, _ = _words(line).partition(" …")
    return shown == "…" or shown in said or bool(left_out and any(each.startswith(shown) for each in said))


def _words(line: str) -> str:
    words = re.sub(r"[\s│┃─━┏┓┗┛┡┩├┤┬┴┼┳┻╇╈└┘┌┐╭╮╰╯█]+", " ", line).strip()
    return re.sub(r"\d+(\.\d+)?", "0", re.sub(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", "ID", words))
