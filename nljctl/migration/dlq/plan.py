"""What a replay would do: every letter that is meant, judged again, and either sent or not, with the reason."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from aiokafka import TopicPartition
from sqlalchemy.ext.asyncio import AsyncEngine

from nljctl.catalogue.topics import SUBSCRIBED
from nljctl.errors import UndecidedError
from nljctl.kafka.client import admin
from nljctl.kafka.offsets import partitions
from nljctl.migration.dlq import attempts as book
from nljctl.migration.dlq.coordinates import Coordinates
from nljctl.migration.dlq.decide import WORDS, Why, decide
from nljctl.migration.dlq.index import Index, Wanted
from nljctl.migration.dlq.letter import listed
from nljctl.migration.dlq.reading import letters, read_index
from nljctl.migration.dlq.recover import read_completed
from nljctl.migration.steps import Steps
from nljctl.settings import Settings

MOST_ITEMS = 1_000
"""Letters that a plan lists with their values; its counts are always whole."""


@dataclass(frozen=True, slots=True)
class ReplayOptions:
    """Which letters, at most how many of them are sent, and how long to wait for what becomes of them (seconds)."""

    reason: str | None = None
    topic: str | None = None
    coordinates: Collection[Coordinates] = ()
    limit: int | None = None
    force: bool = False
    timeout: float = 60.0


@dataclass(slots=True)
class ReplayPlan:
    """Letters by reason, those to be sent, and how many are not, by why."""

    index: Index
    by_reason: Counter[str]
    sends: list[Coordinates] = field(default_factory=list)
    skips: Counter[Why] = field(default_factory=Counter)
    beyond_limit: int = 0
    items: list[dict[str, Any]] = field(default_factory=list)

    def steps(self, timeout: float) -> Steps:
        """The plan as people read it."""
        steps = Steps()
        by_topic = Counter(origin.topic for origin in self.sends)
        steps.plan("send", ", ".join(f"{count:,} to {topic}" for topic, count in sorted(by_topic.items())) or "nothing")
        for why, count in sorted(self.skips.items()):
            steps.plan(f"skip: {why}", f"{count:,}: {WORDS[why]}")
        if self.beyond_limit:
            steps.plan("skip: beyond --limit", f"{self.beyond_limit:,} are left for the next replay")
        if self.sends:
            steps.plan("wait", f"until faststream has read them, at most {timeout:g} s")
        return steps


async def make_plan(settings: Settings, engine: AsyncEngine, options: ReplayOptions) -> ReplayPlan:
    """Reads the dead-letter topic, and each letter that is meant. Writes nothing.

    Raises:
        UndecidedError: coordinates were given that no dead letter has.
    """
    attempts = await read_completed(settings, engine)
    index = await read_index(settings, book.roots(attempts))
    origins = {index.root(coordinates) for coordinates in options.coordinates}
    wanted = Wanted(options.reason, options.topic, origins or None)
    if missing := [origin for origin in sorted(origins) if (latest := index.latest(origin)) is None or not wanted(latest)]:
        raise no_letter(settings, missing)
    subscribed = await subscribed_partitions(settings)
    last = book.last_of(attempts)
    plan = ReplayPlan(index, index.count(wanted))
    async for letter in letters(settings, index, wanted):
        decision = decide(letter, last.get(letter.origin), subscribed, force=options.force)
        full = decision.sends and options.limit is not None and len(plan.sends) >= options.limit
        if decision.why:
            plan.skips[decision.why] += 1
        elif full:
            plan.beyond_limit += 1
        else:
            plan.sends.append(letter.origin)
        if len(plan.items) < MOST_ITEMS and not full:
            plan.items.append({**listed(letter), "action": "send" if decision.sends else "skip", "why": decision.why})
    return plan


async def subscribed_partitions(settings: Settings) -> frozenset[TopicPartition]:
    """The partitions that there are of the topics that the pipelines read."""
    async with admin(settings) as client:
        return frozenset(await partitions(client, SUBSCRIBED))


def no_letter(settings: Settings, missing: Collection[Coordinates]) -> UndecidedError:
    named = ", ".join(str(coordinates) for coordinates in list(missing)[:3])
    return UndecidedError(f"{settings.dead_letter_topic} holds no dead letter of {named}", "`nljctl dlq list` names those that there are.", code="no-letter")


def by_origin(plan: ReplayPlan) -> Mapping[Coordinates, dict[str, Any]]:
    """The listed items, by their coordinates."""
    return {Coordinates(item["topic"], item["partition"], item["offset"]): item for item in plan.items}
