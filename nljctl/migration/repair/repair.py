"""`nljctl repair`: looks at each need of an evidence folder, fills those that can be filled, and compares again (docs/repair.md).

What is written depends on what the store holds now, not on what the ledger saw: so a second run, or one after a kill, finds done what is done.
"""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol

from elasticsearch import AsyncElasticsearch
from sqlalchemy import select

from nljctl.effects import database
from nljctl.effects.ledger_tables import comparison as comparison_table
from nljctl.errors import InconsistentError, NljctlError, UndecidedError
from nljctl.kafka.client import producer
from nljctl.migration.classes import Side
from nljctl.migration.compare import CompareOptions, compare
from nljctl.migration.gather import Progress
from nljctl.migration.repair.content import Content, IndexSource, LogSource, Source
from nljctl.migration.repair.decide import Item
from nljctl.migration.repair.legacy_lrs import LegacyLrs
from nljctl.migration.repair.letters import letters_of
from nljctl.migration.repair.need import Need, Needs
from nljctl.migration.repair.new_index import NewIndex
from nljctl.migration.repair.patience import Patience
from nljctl.migration.repair.report import RepairReport
from nljctl.migration.verify import verify
from nljctl.pipelines.faststream.deadletters import DeadLetters
from nljctl.pipelines.legacy.ralph import ralph
from nljctl.pipelines.pressure import Pressure
from nljctl.settings import Settings
from nljctl.store.client import elasticsearch
from nljctl.store.writer import StatementWriter

log = logging.getLogger("nljctl.repair")


@dataclass(frozen=True, slots=True)
class RepairOptions:
    """`evidence`: None takes the last comparison's. `compare`: compare again afterwards."""

    side: Side = "faststream"
    source: str = "log"
    evidence: Path | None = None
    compare: bool = True


class Target(Protocol):
    """A store that is repaired. `contents` are by the place of their need in the list."""

    async def look(self, needs: Sequence[Need], contents: Mapping[int, Content], missing: str) -> list[Item]: ...

    async def act(self, items: Sequence[Item], needs: Sequence[Need], contents: Mapping[int, Content]) -> list[Item]: ...


async def plan_repair(settings: Settings, options: RepairOptions, progress: Progress = lambda _: None) -> RepairReport:
    """What a repair would do. Writes nothing.

    Raises:
        UndecidedError: there is no evidence.
        InconsistentError: the evidence is not what was written.
        UnreachableError: a service does not answer.
    """
    settings.together()
    evidence = options.evidence or _here(await _last(settings))
    _, checks = verify(evidence)
    if broken := [check for check in checks if not check.ok]:
        raise InconsistentError(f"{evidence} is not what was written: {broken[0].name}: {broken[0].detail}", "Compare again, and repair from that.")
    with Needs(evidence, options.side, options.source) as needs:
        return await _go_through(settings, options, evidence, needs, progress, acting=False)


async def repair(settings: Settings, options: RepairOptions, planned: RepairReport, progress: Progress = lambda _: None) -> RepairReport:
    """Does what `planned` says, as far as it is still so, and compares again."""
    with Needs(planned.evidence, options.side, options.source) as needs:
        report = await _go_through(settings, options, planned.evidence, needs, progress, acting=True)
    report.executed = True
    if options.compare and report.repaired:
        await _compare_again(settings, options, report, progress)
    return report


async def _go_through(settings: Settings, options: RepairOptions, evidence: Path, needs: Needs, progress: Progress, *, acting: bool) -> RepairReport:
    report = RepairReport(options.side, options.source, evidence, len(needs))
    if not len(needs):
        return report
    looked = 0
    async with _opened(settings, options, needs, progress) as (source, target):
        for piece in needs.pieces():
            contents = await source.fetch(piece)
            items = await target.look(piece, contents, source.missing)
            report.add(await target.act(items, piece, contents) if acting else items)
            looked += len(piece)
            progress(f"{'repaired' if acting else 'looked at'} {looked:,} of {len(needs):,}")
    return report


@asynccontextmanager
async def _opened(settings: Settings, options: RepairOptions, needs: Needs, progress: Progress) -> AsyncIterator[tuple[Source, Target]]:
    indices: dict[str, str] = {"faststream": settings.index, "legacy": settings.legacy_index}
    async with AsyncExitStack() as stack:
        client = await stack.enter_async_context(elasticsearch(settings))
        source: Source = LogSource(settings) if options.source == "log" else IndexSource(client, indices[options.source])
        yield source, await _target(settings, options, needs, client, stack, progress)


async def _target(settings: Settings, options: RepairOptions, needs: Needs, client: AsyncElasticsearch, stack: AsyncExitStack, progress: Progress) -> Target:
    if options.side == "legacy":
        return LegacyLrs(client, settings.legacy_index, await stack.enter_async_context(ralph(settings)))
    # Not an idempotent producer: deadletters.py says why.
    sender = await stack.enter_async_context(producer(settings, enable_idempotence=False))
    letters = DeadLetters(sender, settings.dead_letter_topic, Pressure(log))
    return NewIndex(client, settings.index, StatementWriter(client, settings.index, Patience(progress)), letters, await letters_of(settings, needs))


async def _last(settings: Settings) -> str | None:
    """The folder of the last comparison of this platform, as it was noted."""
    c = comparison_table.c
    async with database.engine(settings, name="nljctl repair") as engine, engine.connect() as connection:
        return (await connection.execute(select(c.evidence).order_by(c.at.desc()).limit(1))).scalar_one_or_none()


def _here(folder: str | None) -> Path:
    if folder is None or not Path(folder).is_dir():
        where = "no comparison was made yet" if folder is None else f"the last comparison left its evidence in {folder}, which is not here"
        raise UndecidedError(where, "Make one (`nljctl compare-legacy`), or name its folder with --evidence DIR.", code="no-evidence")
    return Path(folder)


async def _compare_again(settings: Settings, options: RepairOptions, report: RepairReport, progress: Progress) -> None:
    """Asks the same question as the evidence did, and counts what the answer still finds lacking."""
    progress("comparing again")
    summary, _ = verify(report.evidence)
    asked: Mapping[str, Any] = summary["asked"]
    since = asked.get("since")
    question = CompareOptions(
        since=datetime.fromisoformat(since) if since else None,
        topics=tuple(asked.get("topics") or ()),
        analytics=bool(asked.get("analytics")),
        effects=bool(asked.get("effects")),
        accept=frozenset(asked.get("accept") or ()),
    )
    try:
        found = await compare(settings, question, progress)
    except NljctlError as problem:
        report.comparison = {"verdict": None, "evidence": None, "error": problem.message}
        return
    with Needs(found.evidence, options.side, options.source) as needs:
        report.left = len(needs)
    report.comparison = {"verdict": found.verdict.value, "evidence": str(found.evidence), "error": None}
