"""Random histories of a platform on the move: Hypothesis publishes, kills, holds up, evicts and decides; in the end the rows are those of one calm pipeline."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Coroutine, Iterator
from itertools import islice
from typing import Any, ClassVar, TypeVar

import platform_rows
from aiokafka import TopicPartition
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule
from operator_commands import LEGACY_INDEX, Command, Kind
from simulated_kafka import TPS
from simulated_members import FaststreamMember, LegacyMember, Member, Surroundings
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncEngine

from nljctl.catalogue.samples import Sample, SampleRequest, generate
from nljctl.effects import plans, progress
from nljctl.effects.ledger_tables import backfill
from nljctl.effects.plan import Pipeline, Role
from nljctl.effects.registry import EFFECTS
from nljctl.judge import judge
from nljctl.judgement import Origin
from nljctl.migration.states import State
from nljctl.pipelines.legacy.routes import INTENDED
from nljctl.pipelines.legacy.sender import prepare

T = TypeVar("T")

EVENTS = (*EFFECTS, "learning.experienced")
FIRST = 8
"""Records that are there from the beginning, the first of every kind among them."""

MEMBERS = 2
LAST_TURNS = 60

most = st.integers(1, 12)
place = st.integers(0, len(TPS) - 1)
strike = st.one_of(st.none(), st.none(), st.integers(0, 12), st.integers(0, 60))
which = st.integers(0, 5)
MOST_STEPS = 9
steps = st.integers(1, MOST_STEPS)
command = st.sampled_from(("shift", "shift", "cutover", "rollback"))
share = st.sampled_from((0, 10, 50, 90, 100))


class Move(RuleBasedStateMachine):
    """One platform, from its first record to an end in which everything has been dealt with."""

    runner: asyncio.Runner
    engine: AsyncEngine
    """Both are there before the first machine is made: see `moves.py`."""

    finished = 0
    """Histories that were told to their end."""
    happened: ClassVar[Counter[str]] = Counter()
    """What was in them."""

    def __init__(self) -> None:
        super().__init__()
        self.around = Surroundings(self.engine)
        self.members: list[Member] = []
        self.zombies: list[Member] = []
        self.command: Command | None = None
        self.samples: Iterator[Sample] = iter(())
        self.seen: Counter[str] = Counter()

    def do(self, work: Coroutine[Any, Any, T]) -> T:
        return self.runner.run(work)

    # What begins.

    @initialize(
        seed=st.integers(0, 2**20),
        contract=st.sampled_from(("old", "new", "both")),
        owned=st.sampled_from((0, 0, 0, 100)),
        shadowed=st.integers(0, 3),
        first=command,
        to=share,
        at=strike,
    )
    def begin(self, seed: int, contract: Any, owned: int, shadowed: int, first: Kind, to: int, at: int | None) -> None:
        """Both read along, and the first command is given."""
        self.around.shadowed = shadowed == 0
        self.samples = generate(SampleRequest(None, EVENTS, contract, seed, 4.0, 8.0, 4.0))
        self.do(platform_rows.empty(self.engine, owned))
        owner = Pipeline.FASTSTREAM if owned else Pipeline.LEGACY
        self.do(self.start(owner))
        self.publish_some(FIRST)
        self.work(0, FIRST // 2, 0, None)
        self.start_one(owner.other)
        self.decide(first, to, MOST_STEPS, at)

    def publish_some(self, count: int) -> None:
        for sample in islice(self.samples, count):
            self.around.log.publish(sample)

    @rule(count=st.integers(1, 5))
    def publish(self, count: int) -> None:
        self.publish_some(count)

    @rule(number=place)
    def compact(self, number: int) -> None:
        self.around.log.skip(TPS[number])

    # What consumers do, and what becomes of them.

    @precondition(lambda self: self.free())
    @rule(number=which, count=most, first=place, at=strike)
    def work(self, number: int, count: int, first: int, at: int | None) -> None:
        self.do(self._free(number).work(count, first, at))
        self._bury()

    @precondition(lambda self: len(self.free()) > 1)
    @rule(count=most, first=place, ours=strike, theirs=strike)
    def work_at_once(self, count: int, first: int, ours: int | None, theirs: int | None) -> None:
        async def both() -> None:
            one, *_, other = self.free()
            await asyncio.gather(one.work(count, first, ours), other.work(count, first, theirs))

        self.do(both())
        self._bury()
        assert self.do(platform_rows.oversold(self.engine)) == []

    @precondition(lambda self: self.free())
    @rule(number=which, count=most, first=place)
    def hold_up(self, number: int, count: int, first: int) -> None:
        """A batch that does not get any further than to the store."""
        member = self._free(number)
        member.gate.close()
        self.do(member.work(count, first))
        self._bury()

    @precondition(lambda self: any(member.held_up for member in self.members))
    @rule()
    def go_on(self) -> None:
        for member in [member for member in self.members if member.held_up]:
            self.do(member.release())
        self._bury()

    @precondition(lambda self: any(member.held_up for member in self.members))
    @rule()
    def evict(self) -> None:
        """The broker gives a silent member's partitions to others; it does not know."""
        for member in [member for member in self.members if member.held_up]:
            self.members.remove(member)
            self.zombies.append(member)
            self.seen["zombies"] += 1
        self.do(self.rebalance())

    @precondition(lambda self: self.zombies)
    @rule()
    def wake_a_zombie(self) -> None:
        async def wake(zombie: Member) -> None:
            await zombie.release()
            await zombie.kill()

        self.do(wake(self.zombies.pop(0)))

    @precondition(lambda self: self.members)
    @rule(number=which)
    def kill(self, number: int) -> None:
        self.do(self.members[number % len(self.members)].kill())
        self._bury()

    @rule(pipeline=st.sampled_from(Pipeline))
    def start_one(self, pipeline: Pipeline) -> None:
        """Somebody starts a consumer, wanted or not."""
        if len(self._of(pipeline)) < (MEMBERS if pipeline is Pipeline.FASTSTREAM else 1):
            self.do(self.start(pipeline))

    @precondition(lambda self: self.members)
    @rule()
    def form_anew(self) -> None:
        self.do(self.rebalance())
        self._bury()

    # What the engineer does.

    @rule(kind=command, share=share, steps=steps, at=strike)
    def decide(self, kind: Kind, share: int, steps: int, at: int | None) -> None:
        """Begins a command, or the same one again; one that was under way has been killed."""
        self.command = Command(kind, share, self.around, self)
        self.carry_on(steps, at)

    @precondition(lambda self: self.command is not None and not self.command.ended)
    @rule(steps=steps, at=strike)
    def carry_on(self, steps: int, at: int | None) -> None:
        """Consumers work on while a command waits for them."""
        assert self.command is not None
        for _ in range(steps):
            if self.command.ended:
                break
            before = self.command.done
            self.do(self.command.step(at))
            if self.command.done == before:
                for member in self.free():
                    self.do(member.work(4, before))
            self._bury()
        self.seen[f"{self.command.kind}s carried out"] += self.command.carried_out
        self.seen["commands killed"] += self.command.killed

    # The runtime, as commands see it.

    def runs(self, pipeline: Pipeline) -> bool:
        return bool(self._of(pipeline))

    async def start(self, pipeline: Pipeline) -> None:
        self.members.append(FaststreamMember(self.around) if pipeline is Pipeline.FASTSTREAM else LegacyMember(self.around))
        await self.rebalance(pipeline)

    async def stop(self, pipeline: Pipeline) -> None:
        for member in self._of(pipeline):
            member.gate.open()
            await member.kill()
            self.members.remove(member)

    async def rebalance(self, *pipelines: Pipeline) -> None:
        """Deals the partitions out among a group's members, after those have given them up."""
        for pipeline in pipelines or tuple(Pipeline):
            members = self._of(pipeline)
            for member in members:
                await member.revoke()
            for number, member in enumerate(self._of(pipeline)):
                await member.assign(TPS[number :: len(members)])

    def _of(self, pipeline: Pipeline) -> list[Member]:
        return [member for member in self.members if member.pipeline is pipeline and not member.dead]

    def free(self) -> list[Member]:
        """Members that are not held up."""
        return [member for member in self.members if not member.held_up]

    def _free(self, number: int) -> Member:
        return self.free()[number % len(self.free())]

    def _bury(self) -> None:
        """The dead leave, and their groups form anew."""
        dead = {member.pipeline for member in self.members if member.dead}
        self.seen["deaths"] += sum(member.dead for member in self.members)
        self.members = [member for member in self.members if not member.dead]
        if dead:
            self.do(self.rebalance(*dead))
            self._bury()

    # What must hold.

    def teardown(self) -> None:
        try:
            if self.around.log.published:
                self.do(self._come_to_an_end())
                self.do(self._prove())
            self._count()
        finally:
            self.do(self._leave())

    async def _come_to_an_end(self) -> None:
        """Zombies wake, the command that was begun last is run to its end, its owners are started, and all is read."""
        for zombie in self.zombies:
            await zombie.release()
            await zombie.kill()
        self.zombies.clear()
        for member in list(self.members):
            if member.held_up:
                await member.release()
        self.members = [member for member in self.members if not member.dead]
        await self._run_on(await self._owners())
        if self.command is not None:
            command = Command(self.command.kind, self.command.share, self.around, self)
            for _ in range(LAST_TURNS):
                if command.ended:
                    break
                await command.step()
                await self._turn()
            assert command.ended, f"{command.kind} does not get beyond step {command.done}"
        owners = await self._owners()
        await self._run_on(owners)
        for _ in range(LAST_TURNS):
            if await self._is_done(owners):
                return
            await self._turn()
        raise AssertionError(f"{owners} do not come to the log's end")

    async def _owners(self) -> list[Pipeline]:
        """Who must run for good where the platform stands now: both, as long as nobody was stopped for good."""
        async with self.engine.connect() as connection:
            newest = (await plans.read_plan(connection))[-1]
            behind = await progress.read(connection, Pipeline.FASTSTREAM)
        match newest.state:
            case State.CUT_OVER:
                return [Pipeline.FASTSTREAM]
            case State.ROLLED_BACK:
                return [Pipeline.LEGACY]
            case _:
                return [Pipeline.LEGACY, *([Pipeline.FASTSTREAM] if behind else [])]

    async def _run_on(self, pipelines: list[Pipeline]) -> None:
        for pipeline in pipelines:
            if not self.runs(pipeline):
                await self.start(pipeline)

    async def _turn(self) -> None:
        for member in self.members:
            await member.work(200, 0)

    async def _is_done(self, owners: list[Pipeline]) -> bool:
        async with self.engine.connect() as connection:
            roles = [(pipeline, Role.LIVE) for pipeline in owners]
            if self.around.shadowed and Pipeline.FASTSTREAM in owners:
                roles.append((Pipeline.FASTSTREAM, Role.SHADOW))
            for pipeline, role in roles:
                positions = await progress.read(connection, pipeline, role)
                if any(positions[tp].seek < self.around.log.end(tp) for tp in TPS):
                    return False
        return True

    async def _prove(self) -> None:
        live = await platform_rows.rows(self.engine, Role.LIVE)
        assert await platform_rows.oversold(self.engine) == []
        assert await self._missing() == []
        assert await platform_rows.disorder(self.engine, self.around.log) == []
        if self.around.shadowed and Pipeline.FASTSTREAM in await self._owners():
            assert platform_rows.difference(live, await platform_rows.rows(self.engine, Role.SHADOW)) == []
        await platform_rows.see_once(self.engine, self.around.log)
        assert platform_rows.difference(live, await platform_rows.rows(self.engine, Role.SHADOW)) == []

    async def _missing(self) -> list[str]:
        """Statements below a pipeline's position that its store lacks, without a note that they are to be filled in."""
        async with self.engine.connect() as connection:
            positions = {pipeline: await progress.read(connection, pipeline) for pipeline in Pipeline}
            lacking = (await connection.execute(select(backfill).where(backfill.c.index == LEGACY_INDEX))).all()
        wrong = []
        for record in self.around.log.published:
            tp = TopicPartition(record.topic, record.partition)
            origin = Origin(record.topic, record.partition, record.offset, record.timestamp)
            judgement = judge(record.value, origin)
            ours, theirs = positions[Pipeline.FASTSTREAM].get(tp), positions[Pipeline.LEGACY].get(tp)
            if ours and record.offset < ours.statements_next:
                kept = judgement.id in self.around.index.documents or (record.topic, record.partition, record.offset) in self.around.index.letters
                wrong += [] if kept else [f"faststream: {record.topic}/{record.partition}:{record.offset}"]
            if theirs and record.offset < theirs.statements_next:
                filled = any((row.topic, row.partition) == tp and row._mapping["from"] <= record.offset < row.to for row in lacking)
                letter = prepare(INTENDED, record.value, origin, platform_rows.NOW).letter
                kept = letter is None or letter.id.lower() in self.around.lrs.statements
                wrong += [] if kept or filled else [f"legacy: {record.topic}/{record.partition}:{record.offset}"]
        return wrong

    def _count(self) -> None:
        Move.finished += 1
        Move.happened["records"] += len(self.around.log.published)
        Move.happened.update(self.seen)

    async def _leave(self) -> None:
        for member in (*self.members, *self.zombies):
            await member.kill()
