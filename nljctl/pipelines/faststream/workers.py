"""`--workers N`: N members of the group, each a process of its own, under one supervisor that answers for all of them.

A member that is killed, or that ends itself because it does not move, is started again; one that ends for a reason which a new start cannot mend
ends them all. A supervisor that dies takes its members with it: each sees its pipe close.
"""

from __future__ import annotations

import asyncio
import logging
import multiprocessing
import select
import signal
import time
from dataclasses import dataclass, field, replace
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from typing import Any

from nljctl import logs
from nljctl.backoff import Backoff
from nljctl.effects import database
from nljctl.effects.plan import Pipeline
from nljctl.errors import NljctlError, StalledError
from nljctl.pipelines import http
from nljctl.pipelines.faststream.app import FastStreamOptions, run_member
from nljctl.pipelines.faststream.health import SERVICE, worst
from nljctl.pipelines.faststream.state import State, health_of, stats_of
from nljctl.pipelines.metrics import Reading, together
from nljctl.pipelines.preconditions import expect_no_position, expect_setup
from nljctl.pipelines.report import ConsumerReport
from nljctl.settings import Settings

log = logging.getLogger("nljctl.workers")

LOOK_SECONDS = 0.2
SILENT_SECONDS = 10.0
"""A member that has said nothing for so long is not live."""

STOP_SECONDS = 15.0
"""From SIGTERM to SIGKILL; a member drains for ten seconds at most."""

SETTING_INSTANCE = "kafka_group_instance_id"


@dataclass(slots=True)
class Member:
    """One member's process and what it said last. `report` is set when it ended as it should."""

    number: int
    process: BaseProcess
    pipe: Connection
    state: State | None = None
    heard: float = field(default_factory=time.monotonic)
    report: ConsumerReport | None = None
    failure: NljctlError | None = None

    @property
    def ended(self) -> bool:
        return self.report is not None or self.failure is not None or not self.process.is_alive()


async def run_workers(settings: Settings, options: FastStreamOptions, log_format: logs.Format, *, verbose: bool) -> ConsumerReport:
    """As `run_faststream`, with `options.workers` members.

    Raises:
        NljctlError: what ended a member for good.
    """
    settings.together()
    async with database.engine(settings, name=SERVICE) as engine:
        await expect_setup(engine)
        if options.start_from is not None:
            await expect_no_position(settings, engine, Pipeline.FASTSTREAM, settings.require("group"))
    return await Supervisor(settings, options, log_format, verbose=verbose).run()


class Supervisor:
    """Starts members, hears them, starts them again, and stops them."""

    def __init__(self, settings: Settings, options: FastStreamOptions, log_format: logs.Format, *, verbose: bool) -> None:
        self._settings = settings
        self._options = options
        self._logs = (log_format, verbose)
        self._stop = asyncio.Event()
        self._members: list[Member] = []
        self._gone: list[ConsumerReport] = []
        """What members counted that were started again."""

    async def run(self) -> ConsumerReport:
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self._stop.set)
        async with http.serve(http.application(self), self._options.host, self._options.port) as port:
            log.warning("listening on http://%s:%d, with %d members", self._options.host, port, self._options.workers)
            self._members = [self._start(number) for number in range(self._options.workers)]
            try:
                await asyncio.gather(*(self._keep(place) for place in range(len(self._members))))
            finally:
                await self._end()
        return ConsumerReport.together(
            [*self._gone, *(member.report for member in self._members if member.report is not None)] or [ConsumerReport(Pipeline.FASTSTREAM)]
        )

    def _start(self, number: int) -> Member:
        context = multiprocessing.get_context("spawn")
        ours, theirs = context.Pipe()
        process = context.Process(target=_member, args=(_own(self._settings, number), self._options, self._logs, theirs), name=f"{SERVICE}-{number}")
        process.start()
        theirs.close()
        return Member(number, process, ours)

    async def _keep(self, place: int) -> None:
        """Keeps one member running until it ends as it should, or all are told to stop."""
        backoff = Backoff(first=1.0)
        while True:
            member = self._members[place]
            while not member.ended:
                self._hear(member)
                if self._stop.is_set() and member.process.is_alive() and member.report is None:
                    member.process.terminate()
                    await self._wait_for_end(member)
                await asyncio.sleep(LOOK_SECONDS)
            self._hear(member)
            if member.report is not None or self._stop.is_set():
                return
            if member.failure is not None and not isinstance(member.failure, StalledError):
                self._stop.set()
                raise member.failure
            words = member.failure.message if member.failure else f"exit code {member.process.exitcode}"
            log.warning("member %d ended (%s): it is started again", member.number, words)
            if member.state is not None:
                self._gone.append(member.state.report)
            await asyncio.sleep(backoff.next())
            self._members[place] = self._start(member.number)

    def _hear(self, member: Member) -> None:
        try:
            while member.pipe.poll():
                told = member.pipe.recv()
                member.heard = time.monotonic()
                match told:
                    case State():
                        member.state = told
                    case ConsumerReport():
                        member.report = told
                    case NljctlError():
                        member.failure = told
        except (EOFError, OSError):
            return

    async def _wait_for_end(self, member: Member) -> None:
        deadline = time.monotonic() + STOP_SECONDS
        while member.process.is_alive() and time.monotonic() < deadline:
            self._hear(member)
            await asyncio.sleep(LOOK_SECONDS)
        if member.process.is_alive():
            log.warning("member %d did not stop within %.0f s and is killed", member.number, STOP_SECONDS)
            member.process.kill()
            await asyncio.to_thread(member.process.join)

    async def _end(self) -> None:
        for member in self._members:
            if member.process.is_alive():
                member.process.terminate()
        for member in self._members:
            await self._wait_for_end(member)
            self._hear(member)
            member.pipe.close()

    def _states(self) -> list[State]:
        return [member.state for member in self._members if member.state is not None]

    def live(self) -> bool:
        return all(member.ended or time.monotonic() - member.heard < SILENT_SECONDS for member in self._members)

    def ready(self) -> bool:
        states = self._states()
        return len(states) == len(self._members) and all(state.ready for state in states)

    def health(self) -> dict[str, Any]:
        """The worst of the members, component by component."""
        answers = [health_of(state, time.time()) for state in self._states()]
        if not answers:
            return health_of(State(ConsumerReport(Pipeline.FASTSTREAM), Reading(Pipeline.FASTSTREAM)), time.time())
        components: dict[str, Any] = {}
        for name in answers[0]["components"]:
            found = [answer["components"][name] for answer in answers]
            status = worst([component["status"] for component in found])
            components[name] = next(component for component in found if component["status"] == status)
        missing = len(self._members) - len(answers)
        if missing:
            components["faststream"] = {**components["faststream"], "status": "unhealthy", "detail": f"{missing} of {len(self._members)} members are starting"}
        components["faststream"]["members"] = len(answers)
        return {**answers[0], "status": worst([component["status"] for component in components.values()]), "components": components}

    def stats(self) -> dict[str, Any]:
        states = self._states()
        reports = [*self._gone, *(state.report for state in states)] or [ConsumerReport(Pipeline.FASTSTREAM)]
        windows = [state.window for state in states]
        return {
            **stats_of(
                State(
                    ConsumerReport.together(reports),
                    self.reading(),
                    per_second=sum(state.per_second for state in states),
                    window=(sum(records for records, _ in windows), sum(rejected for _, rejected in windows)),
                )
            ),
            "members": len(states),
        }

    def reading(self) -> Reading:
        return together([state.reading for state in self._states()] or [Reading(Pipeline.FASTSTREAM)])


def _own(settings: Settings, number: int) -> Settings:
    """A member's settings: of a static group membership, each needs an id of its own."""
    instance = settings.values.get(SETTING_INSTANCE)
    return settings if instance is None else replace(settings, values={**settings.values, SETTING_INSTANCE: f"{instance}-{number}"})


def _member(settings: Settings, options: FastStreamOptions, told: tuple[logs.Format, bool], pipe: Connection) -> None:
    """A member's process."""
    logs.configure(told[0], verbose=told[1])

    def say(state: State) -> bool:
        try:
            if select.select((), (pipe,), (), 0)[1]:  # a supervisor that is stopped must not stop its members
                pipe.send(state)
        except OSError:
            return False
        return True

    try:
        pipe.send(asyncio.run(run_member(settings, options, say)))
    except NljctlError as problem:
        pipe.send(problem)
