"""What runs, as the broker and the runtime see it: not what exit codes say."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from nljctl.effects.plan import Pipeline
from nljctl.kafka.client import admin
from nljctl.kafka.offsets import group_members
from nljctl.settings import Settings
from nljctl.stack.names import CONSUMERS
from nljctl.stack.runtime import Runtime


@dataclass(frozen=True, slots=True)
class Observed:
    """Services by whether they run, and the members of both groups by the groups' names."""

    running: tuple[str, ...]
    stopped: tuple[str, ...]
    members: Mapping[Pipeline, Sequence[str]]
    groups: Mapping[Pipeline, str]

    def document(self) -> dict[str, Any]:
        return {
            "running": list(self.running),
            "stopped": list(self.stopped),
            "group_members": {self.groups[pipeline]: list(members) for pipeline, members in self.members.items()},
        }


async def observe(settings: Settings, runtime: Runtime) -> Observed:
    """Asks both.

    Raises:
        UnreachableError: no broker answers.
    """
    groups = {Pipeline.FASTSTREAM: settings.group, Pipeline.LEGACY: settings.legacy_group}
    async with admin(settings) as client:
        members = {pipeline: await group_members(client, group) for pipeline, group in groups.items()}
    states = {service.name: service.state for service in await runtime.state()}
    running = tuple(sorted(name for name, state in states.items() if state == "running"))
    return Observed(running, tuple(sorted({*states, *CONSUMERS.values()} - set(running))), members, groups)
