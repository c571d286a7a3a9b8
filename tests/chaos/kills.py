"""Members killed at random moments, again and again, while records come in: where each kill fell, and in the end the proof.

Where a kill fell is seen from outside, after it and before the member starts again: what the index, the dead-letter topic and the group
hold beyond the dead member's rows in Postgres.
"""

from __future__ import annotations

import asyncio
import random
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime

from landing import MOMENTS, landing
from member import Member
from positions import until_processed
from proof import Proof, prove
from supply import supply
from world import World

SETTLED_SECONDS = 0.3
"""What a dead member has sent is still being done by Elasticsearch and Postgres for a moment."""
WORKS_SECONDS = 60.0
POLL_SECONDS = 0.05
PROCESSED_SECONDS = 300.0

BEYOND_SESSION_SECONDS = 18.0
"""Longer than the 15 s after which the broker gives a silent member's partitions to others."""


@dataclass(frozen=True, slots=True)
class Blow:
    """One kill as chance wants it.

    Attributes:
        victim: picks among the members that run.
        patient: whether it waits until records pass through the victim, or falls wherever the group is.
        wait: seconds until it falls, from then on.
        down: seconds that the victim stays away.
        third: whether one more member comes first.
    """

    victim: float
    patient: bool
    wait: float
    down: float
    third: bool


def blows(seed: int, count: int) -> list[Blow]:
    """The kills of a seed. Pure."""
    chance = random.Random(seed)
    return [
        Blow(
            victim=chance.random(),
            patient=chance.random() < 0.8,
            wait=chance.uniform(0.0, 0.6) if chance.random() < 0.7 else chance.uniform(0.0, 3.0),
            down=BEYOND_SESSION_SECONDS if number % 20 == 7 else 0.0,
            third=number % 20 == 13,
        )
        for number in range(count)
    ]


@dataclass(slots=True)
class Kills:
    """What a run has shown so far. `landed` counts moments, `wrong` is empty or says what went wrong."""

    seed: int
    looked: datetime
    """When the last kill was looked at: what is older was left by an earlier one."""
    landed: Counter[str] = field(default_factory=Counter)
    figures: dict[str, float | int] = field(default_factory=dict)
    wrong: list[str] = field(default_factory=list)


def run_kills(world: World, seed: int, kills: int, records: int, rate: float, *, members: int = 2, said: Callable[[str], None] = lambda _: None) -> Kills:
    """Kills until `kills` are done and at least `records` are published, then lets the group finish and proves.

    Args:
        rate: records a second.
        said: is told how far it has come.
    """
    run = Kills(seed, datetime.now(UTC), Counter(dict.fromkeys(MOMENTS, 0)))
    begun = time.monotonic()
    world.end()
    alive = [world.start_member(direct=True) for _ in range(members)]
    with supply(world, seed, rate) as end:
        for number, blow in enumerate(blows(seed, kills), start=1):
            _one(world, run, alive, blow, members)
            said(f"{number} of {kills} kills after {time.monotonic() - begun:.0f} s")
        killed = time.monotonic()
        published = end(records)
    run.wrong += published.wrong
    said(f"{published.published:,} records published after {time.monotonic() - begun:.0f} s")
    if not asyncio.run(until_processed(world.settings, PROCESSED_SECONDS)):
        run.wrong.append(f"not processed {PROCESSED_SECONDS:.0f} s after the last kill")
    run.wrong += [f"a member ended by itself: {member.log.read_text()[-500:]}" for member in alive if not member.runs]
    proof = asyncio.run(prove(world.settings, world.refusable))
    run.wrong += world.news(proof.wrong) + _compared(world, proof)
    run.figures = {
        "kills": kills,
        "published": published.published,
        "kills s": round(killed - begun),
        "all s": round(time.monotonic() - begun),
        **run.landed,
        **proof.figures(),
    }
    return run


def _compared(world: World, proof: Proof) -> list[str]:
    """What `compare-legacy` says of faststream, against the proof."""
    answer = world.stack.run("compare-legacy", "--no-effects", "--no-analytics", "--json")
    said = (answer.document.get("ledger") or {}).get("faststream", {})
    counts = {name: count for name, count in said.items() if count}
    return [] if counts == proof.outcomes else [f"compare-legacy says {counts or answer.document}, the log {dict(proof.outcomes)}"]


def _one(world: World, run: Kills, alive: list[Member], blow: Blow, members: int) -> None:
    """One kill: the moment, the blow, the look from outside, the next member."""
    if blow.third:
        alive.append(world.start_member(direct=True))
    victim = alive[int(blow.victim * len(alive))]
    if blow.patient:
        _until_it_works(victim)
    time.sleep(blow.wait)
    alive.remove(victim)
    if not victim.runs:
        run.wrong.append(f"a member ended by itself: {victim.log.read_text()[-500:]}")
        alive.append(world.start_member(direct=True))
        return
    victim.kill()
    time.sleep(SETTLED_SECONDS)
    others = {tp for member in alive for tp in member.positions()}
    found = asyncio.run(landing(world.settings, others, run.looked))
    run.looked = datetime.now(UTC)
    run.landed.update(found.moments)
    run.wrong += [f"the group is ahead of Postgres: {what}" for what in found.ahead]
    time.sleep(blow.down)
    if len(alive) < members:
        alive.append(world.start_member(direct=True))


def _until_it_works(member: Member) -> None:
    """Waits until records pass through the member; while the group forms anew none do."""
    deadline = time.monotonic() + WORKS_SECONDS
    before = None
    while member.runs and time.monotonic() < deadline:
        read = (member.ask("/stats") or {}).get("read")
        if before is not None and read is not None and read > before:
            return
        before = read
        time.sleep(POLL_SECONDS)
