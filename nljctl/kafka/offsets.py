"""Which partitions there are, where the log begins and ends, and who is a member of a group."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from typing import TypeVar

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import GroupCoordinatorNotAvailableError, GroupLoadInProgressError, NotCoordinatorForGroupError

COORDINATOR_SECONDS = 15.0

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Span:
    """The offsets `[begin, end)` that a partition holds, or that somebody asks for."""

    begin: int
    end: int

    def __len__(self) -> int:
        return max(0, self.end - self.begin)


async def partitions(client: AIOKafkaAdminClient, topics: Iterable[str]) -> list[TopicPartition]:
    """Every partition of those of `topics` that exist, sorted."""
    existing = set(await client.list_topics()) & set(topics)
    if not existing:
        return []
    described = await client.describe_topics(sorted(existing))
    return sorted(TopicPartition(topic["topic"], entry["partition"]) for topic in described for entry in topic["partitions"])


async def spans(client: AIOKafkaConsumer, tps: Iterable[TopicPartition]) -> dict[TopicPartition, Span]:
    """What the log holds of each partition now. An idle client is assigned to them; it is not for reading afterwards."""
    wanted = list(tps)
    if not wanted:
        return {}
    # aiokafka learns of topics one by one, 0.1 s each, unless it is told of all at once, which assigning does.
    if not client.assignment() and not client.subscription():
        client.assign(wanted)
    begins, ends = await client.beginning_offsets(wanted), await client.end_offsets(wanted)
    return {tp: Span(begins[tp], ends[tp]) for tp in wanted}


async def group_members(client: AIOKafkaAdminClient, group: str) -> list[str]:
    """The client ids of a group's present members, sorted; empty for a group that is empty or unknown.

    Raises:
        KafkaError: no broker coordinates the group.
    """
    members: list[str] = []
    for response in await _coordinated(lambda: client.describe_consumer_groups([group])):
        for _, name, _, _, _, present in (entry[:6] for entry in response.groups):
            if name == group:
                members += [member[1] for member in present]
    return sorted(members)


async def committed(client: AIOKafkaAdminClient, group: str) -> dict[TopicPartition, int]:
    """A group's committed offsets; partitions without one are absent.

    Raises:
        KafkaError: no broker coordinates the group.
    """
    found = await _coordinated(lambda: client.list_consumer_group_offsets(group))
    return {tp: entry.offset for tp, entry in found.items() if entry.offset >= 0}


async def _coordinated(call: Callable[[], Awaitable[T]]) -> T:
    """The call's answer. A broker that has just started names no coordinator for a moment: that is waited for."""
    deadline = time.monotonic() + COORDINATOR_SECONDS
    while True:
        try:
            return await call()
        except (GroupCoordinatorNotAvailableError, GroupLoadInProgressError, NotCoordinatorForGroupError):
            if time.monotonic() > deadline:
                raise
            await asyncio.sleep(0.2)
