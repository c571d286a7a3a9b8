"""The steps of `nljctl demo`: up, publish, both consumers, statistics, compare, shift, cutover, rollback, down."""

from __future__ import annotations

import asyncio
import itertools
import shutil
import time
from collections.abc import AsyncIterator, Awaitable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol, TypeVar

from nljctl import settings as configuration
from nljctl.catalogue.samples import Sample, SampleRequest, generate, learning_story
from nljctl.demo.moves import cut_over, shift_some
from nljctl.demo.race import Race, race
from nljctl.effects.plan import Pipeline
from nljctl.migration.compare import CompareOptions, compare
from nljctl.migration.rollback import RollbackOptions, plan_rollback, rollback
from nljctl.migration.statistics import statistics
from nljctl.migration.steps import Steps
from nljctl.migration.up import up
from nljctl.publish.lines import lines
from nljctl.publish.record import Outgoing, of_lines, of_samples
from nljctl.publish.send import Pace, send
from nljctl.settings import Settings
from nljctl.stack.choice import open_runtime
from nljctl.stack.runtime import Runtime

LEARNING = 4_000
PLATFORM = 1_000
AFTERWARDS = 200
"""Platform events that are published while the rollback happens."""

SEED = 20_250_301
START_SECONDS = 180.0
AFTERWARDS_A_SECOND = 50.0

Value = TypeVar("Value")


class Stage(Protocol):
    """Where the story is shown."""

    def begins(self, step: str, what: str) -> None: ...

    def ends(self, step: str, seconds: float, detail: str) -> None: ...

    def races(self, race: Race) -> None: ...

    def notes(self, service: str, what: str) -> None: ...


@dataclass(slots=True)
class DemoReport:
    """As the contract's `demo` prints it. `home` is the stack that it ran on."""

    steps: list[dict[str, Any]] = field(default_factory=list)
    verdict: str | None = None
    evidence: str | None = None
    home: str = ""
    rates: dict[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class DemoOptions:
    """`file` replaces the learning statements; `keep` leaves the stack running."""

    count: int = LEARNING
    file: str | None = None
    keep: bool = False


async def demo(home: Path, options: DemoOptions, stage: Stage) -> DemoReport:
    """Tells the story once, on a fresh stack under `home`.

    Raises:
        NljctlError: a step failed; the stack is stopped unless it is kept.
    """
    report = DemoReport(home=str(home))
    runtime = open_runtime(_settings(home))
    await runtime.remove()
    shutil.rmtree(home / "evidence", ignore_errors=True)
    try:
        await _tell(home, runtime, options, stage, report)
    finally:
        if not options.keep:
            await _step(report, stage, "down", "stop everything; data and evidence stay", _down(runtime))
    return report


async def _tell(home: Path, runtime: Runtime, options: DemoOptions, stage: Stage, report: DemoReport) -> None:
    await _step(report, stage, "up", "real Kafka, Elasticsearch, Postgres and Ralph, and both consumers", _up(home, runtime, stage))
    settings = _settings(home)
    began = time.monotonic()
    what = f"{options.file or f'{options.count:,} learning statements'} and {PLATFORM:,} platform events, some broken, doubled or contradictory"
    await _step(report, stage, "publish", what, _publish(settings, _story(options)))
    found = await _step(report, stage, "consume", "both consumers read the same log at once", _race(settings, began, stage))
    report.rates = {pipeline.value: round(runner.rate(found.elapsed), 1) for pipeline, runner in found.runners.items()}
    await _step(report, stage, "stats", "what was judged, and how", _stats(settings))
    compared = await _step(report, stage, "compare", "log, legacy and new index, record by record", _compare(settings, stage))
    report.verdict, report.evidence = compared.verdict, str(compared.evidence)
    await _step(
        report, stage, "shift", "the first effects to faststream, once every gate is met", shift_some(settings, lambda what: stage.notes("shift", what))
    )
    moving = cut_over(settings, runtime, lambda what: stage.notes("cutover", what), stage.notes)
    await _step(report, stage, "cutover", "all of them; analytics read the new index", moving)
    await _step(report, stage, "rollback", "back to legacy while events keep coming", _rollback(settings, runtime, stage))


async def _step(report: DemoReport, stage: Stage, step: str, what: str, work: Awaitable[tuple[Value, str]]) -> Value:
    stage.begins(step, what)
    began = time.monotonic()
    entry: dict[str, Any] = {"step": step, "status": "failed", "seconds": None, "detail": what}
    report.steps.append(entry)
    value, detail = await work
    entry.update(status="done", seconds=round(time.monotonic() - began, 1), detail=detail)
    stage.ends(step, entry["seconds"], detail)
    return value


async def _up(home: Path, runtime: Runtime, stage: Stage) -> tuple[None, str]:
    made = await up(_settings(home), runtime, ("analytics", "faststream"), timeout=START_SECONDS, notify=stage.notes)
    return None, f"{sum(state.state == 'running' for state in await runtime.state())} services run, {len(made.created)} things set up"


async def _publish(settings: Settings, records: AsyncIterator[Outgoing], pace: Pace | None = None) -> tuple[int, str]:
    published = 0

    def receive(_: object) -> None:
        nonlocal published
        published += 1

    await send(settings, records, pace or Pace(), receive=receive)
    return published, f"{published:,} records"


async def _race(settings: Settings, began: float, stage: Stage) -> tuple[Race, str]:
    found = await race(settings, began, stage.races)
    faststream, legacy = (found.runners[pipeline].rate(found.elapsed) for pipeline in (Pipeline.FASTSTREAM, Pipeline.LEGACY))
    return found, f"faststream {faststream:,.0f} records a second, legacy {legacy:,.0f}: {faststream / legacy:.0f} times"


async def _stats(settings: Settings) -> tuple[dict[str, Any], str]:
    found = await statistics(settings)
    return found, (
        f"{found['total_validations']:,} judged, {found['success_rate']:.2f} % valid, "
        f"{found['repaired_validations']:,} of them repaired, {found['failed_validations']:,} dead letters"
    )


async def _compare(settings: Settings, stage: Stage) -> tuple[Any, str]:
    found = await compare(settings, CompareOptions(), lambda what: stage.notes("compare", what))
    return found, f"verdict {found.verdict}"


async def _rollback(settings: Settings, runtime: Runtime, stage: Stage) -> tuple[Any, str]:
    later = generate(SampleRequest(AFTERWARDS, (), "both", SEED + 1))
    coming = asyncio.create_task(_publish(settings, of_samples(later), Pace(AFTERWARDS_A_SECOND)))
    report = await rollback(settings, runtime, RollbackOptions(reason="nljctl demo"), plan_rollback(Steps()), stage.notes)
    await coming
    seconds = report.seconds_to_first_effect
    effect = "no effect was due" if seconds is None else f"legacy's first new effect after {seconds:.1f} s"
    return report, f"legacy owns everything, faststream stopped, verified by group membership; {effect}"


async def _down(runtime: Runtime) -> tuple[None, str]:
    names = [state.name for state in await runtime.state()]
    await runtime.stop(names)
    return None, "nothing is left running"


def _story(options: DemoOptions) -> AsyncIterator[Outgoing]:
    """The learning statements (or the file's), with the platform's events strewn in evenly."""
    platform = generate(SampleRequest(PLATFORM, (), "both", SEED, 2.0, 2.0, 0.5))
    if options.file is not None:
        return _both(of_lines(lines(options.file), "xapi-events"), of_samples(platform))
    return of_samples(_strewn(learning_story(SEED, options.count), platform, max(1, options.count // PLATFORM)))


def _strewn(learning: Iterator[Sample], platform: Iterator[Sample], every: int) -> Iterator[Sample]:
    for sample in platform:
        yield from itertools.islice(learning, every)
        yield sample
    yield from learning


async def _both(first: AsyncIterator[Outgoing], second: AsyncIterator[Outgoing]) -> AsyncIterator[Outgoing]:
    async for record in first:
        yield record
    async for record in second:
        yield record


def _settings(home: Path) -> Settings:
    """The settings of the demo's own stack, whatever the environment names."""
    return configuration.load(environment={"NLJCTL_HOME": str(home)}, directory=home.parent)
