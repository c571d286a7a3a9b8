"""What shift, cutover and rollback do, step by step, by the program's own functions; between any two steps, and at any statement, the command may be killed.

Starting and stopping consumers is the simulation's; looking at gates, Kafka groups and the alias is left out.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Literal, Protocol

from doom import Doom, Killed, under
from simulated_kafka import TPS
from simulated_members import Surroundings

from nljctl.effects import plans, progress
from nljctl.effects.plan import Epoch, Pipeline, Role
from nljctl.errors import RefusedError, TimedOutError
from nljctl.migration.fencing import Decision, decide
from nljctl.migration.passing import owing
from nljctl.migration.settle import settle
from nljctl.migration.shares import path, state_at
from nljctl.migration.states import State
from nljctl.migration.take_back import take_back

Kind = Literal["shift", "cutover", "rollback"]
Step = Callable[[], Awaitable[bool]]
LEGACY_INDEX = "statements"


class Consumers(Protocol):
    """Who runs the consumers."""

    def runs(self, pipeline: Pipeline) -> bool: ...

    async def start(self, pipeline: Pipeline) -> None: ...

    async def stop(self, pipeline: Pipeline) -> None: ...


@dataclass
class Command:
    """One run of a command. `patience`: looks at a fence after which a live pipeline is settled for too."""

    kind: Kind
    share: int
    around: Surroundings
    consumers: Consumers
    patience: int = 3
    done: int = 0
    seen: Epoch | None = None
    epoch: Epoch | None = None
    ended: bool = False
    killed: bool = False
    carried_out: bool = False
    steps: tuple[Step, ...] = field(init=False)

    def __post_init__(self) -> None:
        steps: Mapping[Kind, tuple[Step, ...]] = {
            "shift": (self._look, self._decide, self._pass),
            "cutover": (self._look, self._start_faststream, self._decide, self._pass_settling, self._wait_for_statements, self._stop_legacy),
            "rollback": (self._look, self._decide, self._stop_faststream, self._settle, self._take_back, self._start_legacy),
        }
        self.steps = steps[self.kind]

    async def step(self, strike: int | None = None) -> None:
        """Takes the next step, or as much of it as can be taken now; `strike`: is killed at that statement to Postgres. Refused ones end."""
        try:
            if await under(Doom(strike), self.steps[self.done]()):
                self.done += 1
        except Killed:
            self.killed = self.ended = True
        except RefusedError:
            self.ended = True
        self.carried_out = self.done == len(self.steps)
        self.ended = self.ended or self.carried_out

    async def _look(self) -> bool:
        async with self.around.engine.connect() as connection:
            plan = await plans.read_plan(connection)
        self.seen = plan[-1]
        if self.kind != "shift":
            return True
        if not path(plan, (self.share,)):
            self.done = len(self.steps) - 2  # faststream owns that share: what is left is to see the fences passed
            self.epoch = self.seen
        elif not all(self.consumers.runs(pipeline) for pipeline in Pipeline):
            raise RefusedError("a pipeline has no member", "")
        return True

    async def _decide(self) -> bool:
        assert self.seen is not None
        state = {"shift": state_at(self.share), "cutover": State.CUT_OVER, "rollback": State.ROLLED_BACK}[self.kind]
        if self.seen.state == state and (self.kind != "shift" or self.seen.share == self.share):
            self.epoch = self.seen
            return True
        share = {"shift": self.share, "cutover": 100, "rollback": 0}[self.kind]
        if self.kind != "shift":
            async with self.around.engine.begin() as connection:
                for pipeline, group in self.around.groups.items():
                    await progress.ensure(connection, pipeline, Role.LIVE, {tp: group.get(tp, 0) for tp in TPS})
        both = frozenset(TPS) if self.kind != "rollback" else frozenset()
        self.epoch = await decide(self.around.engine, Decision(share, self.kind, state, "a simulation", self.seen.number, both=both))
        return True

    async def _pass(self) -> bool:
        return not await self._owing()

    async def _pass_settling(self) -> bool:
        """Both at the fences; who does not run, or does not come to them, is settled for."""
        behind = await self._owing()
        self.patience -= 1
        for pipeline in behind:
            if not self.consumers.runs(pipeline) or self.patience < 0:
                await self._settle_for(pipeline)
        return not await self._owing()

    async def _wait_for_statements(self) -> bool:
        assert self.epoch is not None
        async with self.around.engine.connect() as connection:
            positions = await progress.read(connection, Pipeline.FASTSTREAM)
        return all(positions[tp].statements_next >= fence for tp, fence in self.epoch.fences.items())

    async def _stop_legacy(self) -> bool:
        await self.consumers.stop(Pipeline.LEGACY)
        return True

    async def _start_faststream(self) -> bool:
        if not self.consumers.runs(Pipeline.FASTSTREAM):
            await self.consumers.start(Pipeline.FASTSTREAM)
        return True

    async def _stop_faststream(self) -> bool:
        await self.consumers.stop(Pipeline.FASTSTREAM)
        return True

    async def _settle(self) -> bool:
        await self._settle_for(Pipeline.FASTSTREAM, *(() if self.consumers.runs(Pipeline.LEGACY) else (Pipeline.LEGACY,)))
        behind = await self._owing()
        return Pipeline.FASTSTREAM not in behind and (Pipeline.LEGACY not in behind or self.consumers.runs(Pipeline.LEGACY))

    async def _take_back(self) -> bool:
        assert self.epoch is not None
        await take_back(self.around.engine, self.epoch, LEGACY_INDEX, "auto")
        return True

    async def _start_legacy(self) -> bool:
        if not self.consumers.runs(Pipeline.LEGACY):
            await self.consumers.start(Pipeline.LEGACY)
        return True

    async def _settle_for(self, *pipelines: Pipeline) -> None:
        """As far as it goes: an older barrier may wait for a pipeline that runs, and then another step tries again."""
        assert self.epoch is not None
        try:
            await settle(self.around.log, self.around.engine, pipelines, self.epoch.fences)
        except TimedOutError:
            return

    async def _owing(self) -> set[Pipeline]:
        assert self.epoch is not None
        async with self.around.engine.connect() as connection:
            positions = {pipeline: await progress.read(connection, pipeline) for pipeline in Pipeline}
        return set(owing(positions, self.epoch.fences))
