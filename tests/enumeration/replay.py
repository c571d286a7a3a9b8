"""`scripts/replay`: histories of the enumeration again, with real processes on a real Postgres and a real Kafka. After every step both must agree.

Ends with 1 if in any step Postgres is not where the model is.
"""

from __future__ import annotations

import asyncio
import os
import secrets
import signal
import tempfile
import time
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from multiprocessing import get_context
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Annotated, Any

import platform_rows
import replay_events
import replay_process
import typer
from aiokafka import TopicPartition
from effects_world import COACH
from model import PIPELINES, State, World
from own_postgres import platform, services
from search import Step
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncEngine
from walks import WALKED, nastiest

from nljctl.effects import progress
from nljctl.effects.claim import Position
from nljctl.effects.ledger_tables import applied
from nljctl.effects.plan import Pipeline, Role
from nljctl.effects.platform_tables import training_programs, training_sessions
from nljctl.kafka.client import producer
from nljctl.kafka.topics import TopicSpec, ensure_topics
from nljctl.migration.log import KafkaLog
from nljctl.settings import Settings
from nljctl.stack.names import DATABASE, KAFKA

PROCESSES = get_context("forkserver")
ANSWER_SECONDS = 300.0
TPS = tuple(TopicPartition(topic, 0) for topic in replay_events.TOPICS)


class DisagreementError(AssertionError):
    """Postgres is not where the model is."""


@dataclass
class Actor:
    """A process, and the pipe by which it is told what to do."""

    process: BaseProcess
    pipe: Connection

    def tell(self, name: str, *arguments: Any, **named: Any) -> Any:
        self.pipe.send((name, arguments, named))
        assert self.pipe.poll(ANSWER_SECONDS), f"no answer to {name}"
        return self.pipe.recv()

    def kill(self) -> None:
        if self.process.pid is not None:
            os.kill(self.process.pid, signal.SIGKILL)
        self.process.join()
        self.pipe.close()


@dataclass
class Stage:
    """Everybody of one history."""

    settings: Settings
    consumers: dict[Pipeline, Actor] = field(default_factory=dict)
    zombies: dict[Pipeline, Actor] = field(default_factory=dict)
    engineer: Actor | None = None

    def start(self, pipeline: Pipeline) -> None:
        self.consumers[pipeline] = _actor(replay_process.consume, self.settings, pipeline, TPS)
        self.consumers[pipeline].tell("start")

    def the_engineer(self) -> Actor:
        if self.engineer is None:
            self.engineer = _actor(replay_process.engineer, self.settings, TPS)
        return self.engineer

    def take(self, step: Step) -> None:
        """Does in reality what a step of the model says."""
        what, *rest = step
        match what, *rest:
            case "start", name:
                self.start(Pipeline(name))
            case "read", name, p:
                self.consumers[Pipeline(name)].tell("read", int(p))
            case "commit", name:
                self.consumers[Pipeline(name)].tell("commit")
            case "answer lost", name:
                self.consumers[Pipeline(name)].tell("commit", answered=False)
            case "look again", name, p:
                self.consumers[Pipeline(name)].tell("look_again", int(p))
            case "die", name:
                self.consumers.pop(Pipeline(name)).kill()
            case "lose partitions", name:
                self.zombies[Pipeline(name)] = self.consumers.pop(Pipeline(name))
            case "zombie commits", name:
                self.zombies[Pipeline(name)].tell("commit")
                self.zombies.pop(Pipeline(name)).kill()
            case "stop", name:
                if Pipeline(name) in self.consumers:
                    self.consumers.pop(Pipeline(name)).kill()
            case (("kill" | "run again"), _):
                if self.engineer is not None:
                    self.engineer.kill()
                    self.engineer = None
            case (("look" | "already"), _):
                self.the_engineer().tell("look")
            case (("epoch" | "refused"), kind):
                if self.the_engineer().tell("epoch", kind) != (what == "epoch"):
                    raise DisagreementError(f"{step} went the other way")
            case "settle", name, p:
                self.the_engineer().tell("settle", Pipeline(name), int(p))
            case "raise", _:
                self.the_engineer().tell("take_back")
            case (("settled" | "wanted"), *_):
                return
            case _:
                raise AssertionError(f"nobody knows how to do {step}")

    def end(self) -> None:
        for actor in (*self.consumers.values(), *self.zombies.values(), *([self.engineer] if self.engineer else [])):
            actor.kill()


def _actor(role: Any, *arguments: Any) -> Actor:
    ours, theirs = PROCESSES.Pipe()
    process = PROCESSES.Process(target=role, args=(theirs, *arguments), daemon=True)
    process.start()
    theirs.close()
    return Actor(process, ours)


def after(world: World, state: State, step: Step) -> State:
    """The model's next state."""
    return next(following for label, following in world.steps(state) if label == step)


async def lay_out(settings: Settings, engine: AsyncEngine, world: World) -> dict[int, int]:
    """An empty platform, and the world's log behind what the partitions hold; gives where it begins on each."""
    await platform_rows.empty(engine, 0)
    await _seed(engine)
    begins = {p: span.end for p, span in zip((0, 1), (await KafkaLog(settings).spans(TPS)).values(), strict=True)}
    async with producer(settings) as client:
        for (p, _), value in sorted(replay_events.values(world.log).items()):
            await client.send_and_wait(TPS[p].topic, value=value, partition=0)
    async with engine.begin() as connection:
        for pipeline in Pipeline:
            await progress.ensure(connection, pipeline, Role.LIVE, {TPS[p]: begin for p, begin in begins.items()})
    return begins


async def _seed(engine: AsyncEngine) -> None:
    """The program of all sessions, and a session that is there."""
    at = datetime(2026, 4, 1, 9, tzinfo=UTC)
    program = {"id": replay_events.PROGRAM, "title": "A replay", "description": "", "created_by_id": COACH.id, "created_at": at, "updated_at": at}
    times = {"start_time": at, "end_time": at + timedelta(hours=2), "created_at": at, "updated_at": at}
    async with engine.begin() as connection:
        await connection.execute(training_programs.insert().values(**program))
        await connection.execute(
            training_sessions.insert().values(id=replay_events.THERE, program_id=replay_events.PROGRAM, status="scheduled", capacity=5, **times)
        )


async def compare(engine: AsyncEngine, world: World, state: State, begins: dict[int, int]) -> None:
    """Positions, and what was applied from where by whom, are the model's.

    Raises:
        DisagreementError: they are not.
    """
    async with engine.connect() as connection:
        for who, pipeline in enumerate(PIPELINES):
            found = await progress.read(connection, pipeline)
            for p, tp in enumerate(TPS):
                expected = state.positions[who][p]
                there = Position(found[tp].statements_next - begins[p], found[tp].effects_next - begins[p])
                if there != expected:
                    raise DisagreementError(f"{pipeline} on partition {p}: Postgres {there}, model {expected}")
        c = applied.c
        rows = await connection.execute(select(c.statement_id, c.topic, c.offset, c.pipeline, c.result).where(c.role == Role.LIVE))
        found_effects = {(row.statement_id, TPS.index(TopicPartition(row.topic, 0)), row.offset, row.pipeline, row.result) for row in rows}
    ids = {record.id: replay_events.statement_id(record) for part in world.log for record in part}
    expected_effects = {(ids[id_], p, offset + begins[p], str(PIPELINES[who]), "applied") for id_, p, offset, who in state.applied}
    if found_effects != expected_effects:
        raise DisagreementError(f"applied: Postgres {found_effects - expected_effects}, model {expected_effects - found_effects}")


async def replay(settings: Settings, engine: AsyncEngine, world: World, steps: list[Step]) -> None:
    """One history.

    Raises:
        DisagreementError: after some step; the steps up to it are told.
    """
    begins = await lay_out(settings, engine, world)
    state, stage = world.begin(), Stage(settings)
    try:
        for pipeline in Pipeline:
            await asyncio.to_thread(stage.start, pipeline)
        for number, step in enumerate(steps):
            state = after(world, state, step)
            try:
                await asyncio.to_thread(stage.take, step)
                await compare(engine, world, state, begins)
            except DisagreementError as problem:
                told = "\n    ".join(" ".join(done) for done in steps[: number + 1])
                raise DisagreementError(f"{world.name}: {problem} after\n    {told}") from problem
    finally:
        await asyncio.to_thread(stage.end)


def main(
    count: Annotated[int, typer.Option("--count", min=1)] = 240,
    walks: Annotated[int, typer.Option("--walks", min=1, help="Histories of each world of which the nastiest are taken.")] = 2_000,
    seed: Annotated[int | None, typer.Option("--seed", help="Takes the same histories again.")] = None,
) -> None:
    """Replays the nastiest of many histories with real processes."""
    PROCESSES.set_forkserver_preload(["__main__", "replay_process"])
    number = secrets.randbits(31) if seed is None else seed
    began = time.monotonic()
    told = list(nastiest(number, count, walks))
    kinds: Counter[str] = Counter(step[0] for _, steps in told for step in steps)
    typer.echo(f"seed {number}: {len(told)} histories, the nastiest of {walks * len(WALKED):,}, chosen in {time.monotonic() - began:.0f} s")
    with tempfile.TemporaryDirectory(prefix="nljctl-replay-") as folder:
        done = asyncio.run(_replay_all(Path(folder) / "home", told))
    typer.echo(f"{done} histories replayed, {sum(kinds.values()):,} steps, in {time.monotonic() - began:.0f} s; after each Postgres was where the model is")
    typer.echo(", ".join(f"{kinds[name]} {name}" for name in sorted(kinds)))


async def _replay_all(home: Path, told: list[tuple[World, list[Step]]]) -> int:
    async with services(home, DATABASE, KAFKA) as settings, platform(settings) as engine:
        await ensure_topics(settings, [TopicSpec(topic, 1, 1) for topic in replay_events.TOPICS])
        for number, (world, steps) in enumerate(told, 1):
            await replay(settings, engine, world, steps)
            if number % 10 == 0:
                typer.echo(f"{number} replayed", err=True)
    return len(told)


if __name__ == "__main__":
    typer.run(main)
