"""One fault from its load to its proof: publish, hurt, heal, wait until everything is processed, and hold all of it against the log."""

from __future__ import annotations

import asyncio
import random
import time
from collections import Counter
from dataclasses import dataclass

from bulk_proxy import transparent
from faults import TOPIC, Fault, no_values
from figures import Figure
from member import repeated
from positions import positions, until_processed
from proof import prove
from watch import HealthWatch
from world import STOP_SECONDS, World

BEFORE_SECONDS = 1.0
AFTER_SECONDS = 1.0
PROCESSED_SECONDS = 120.0
STEADY_SECONDS = 1.0
POLL_SECONDS = 0.1

NOTICED_SECONDS = 10.0
"""Within which the health of a consumer must name what is away, also if that is away without a word."""
WELL_SECONDS = 30.0
"""Within which everything must be healthy again after the fault, and caught up."""
MOST_STILL_SECONDS = 8.0
"""How long a consumer may say that all is well while it is behind and does not move."""
MOST_REPEATS = 6
"""How often one warning may be said during one fault."""


@dataclass(frozen=True, slots=True)
class Seen:
    """What was seen of the consumer. Seconds count from the beginning of the fault (`noticed`), or from its end.

    Attributes:
        lasted: how long the fault lasted, with what it took to begin and to end it.
        noticed: when health named the target; None if it never did.
        met: whether a request met the rule of the proxy; None where there is none.
        ending: exit code and seconds of a consumer that was asked to end.
        runs: whether the process of the beginning still runs.
    """

    lasted: float
    noticed: float | None
    well: bool
    well_again: float
    stood_still: float
    processed: bool
    caught_up: float
    said: Counter[str]
    met: bool | None
    ending: tuple[int, float] | None
    runs: bool


@dataclass(frozen=True, slots=True)
class FaultRun:
    """What one run has shown. `figures` are for people, `wrong` is empty or says what went wrong."""

    name: str
    seed: int
    figures: dict[str, Figure]
    wrong: list[str]


def run_fault(world: World, fault: Fault, seed: int, *, full: bool = False) -> FaultRun:
    """Runs one fault against the last member of the world."""
    lasts = fault.full_seconds if full else fault.seconds
    seen = watched(world, fault, seed, lasts)
    proof = asyncio.run(prove(world.settings, world.refusable))
    ahead = asyncio.run(positions(world.settings)).ahead
    wrong = [*broken(fault, seen, lasts), *(f"the group is ahead of Postgres: {what}" for what in ahead), *world.news(proof.wrong)]
    return FaultRun(fault.name, seed, {**figures(seen), **proof.figures()}, wrong)


def watched(world: World, fault: Fault, seed: int, lasts: float) -> Seen:
    """Publishes, hurts, heals, and waits until everything is processed and well, or until patience ends."""
    member = world.ensure_member()
    said_before, ruled_before = len(member.log.read_bytes()), world.bulks.ruled
    load = world.publish(seed, round(fault.rate * (BEFORE_SECONDS + lasts + AFTER_SECONDS)), fault.rate)
    with HealthWatch(member) as watch:
        _until_records_flow(world)
        time.sleep(BEFORE_SECONDS)
        hurt = time.monotonic()
        try:
            fault.inject(world)
            by_rule = world.bulks.rule is not transparent
            if fault.values is not no_values:
                world.produce(TOPIC, fault.values(world, random.Random(seed)))
            time.sleep(max(0.0, hurt + lasts - time.monotonic()))
        finally:
            fault.heal(world)
        healed = time.monotonic()
        load.communicate()
        processed = asyncio.run(until_processed(world.settings, PROCESSED_SECONDS))
        caught_up = time.monotonic()
        well = fault.ends or watch.until_well(WELL_SECONDS, STEADY_SECONDS)
    return Seen(
        lasted=healed - hurt,
        noticed=watch.noticed(fault.names, fault.word, hurt) if fault.names else None,
        well=well,
        well_again=0.0 if fault.ends else watch.well_again(healed),
        stood_still=watch.stood_still(healed),
        processed=processed,
        caught_up=caught_up - healed,
        said=repeated(member.log.read_bytes()[said_before:]),
        met=world.bulks.ruled > ruled_before if by_rule else None,
        ending=world.ending if fault.ends else None,
        runs=member.runs,
    )


def broken(fault: Fault, seen: Seen, lasts: float) -> list[str]:
    """What the consumer may not do, and did. Pure."""
    in_time = min(lasts, NOTICED_SECONDS) + seen.lasted - lasts
    code, seconds = seen.ending or (0, 0.0)
    rules = (
        (not seen.processed, f"not processed {PROCESSED_SECONDS:.0f} s after the fault"),
        (seen.runs == fault.ends, "it did not end" if seen.runs else "it ended, and would have to be restarted"),
        (code != 0 or seconds > STOP_SECONDS, f"SIGTERM: exit code {code} after {seconds:.1f} s"),
        (not seen.well or seen.well_again > WELL_SECONDS, f"not healthy within {WELL_SECONDS:.0f} s"),
        (not fault.ends and seen.caught_up > WELL_SECONDS + AFTER_SECONDS, f"caught up only {seen.caught_up:.1f} s after the fault"),
        (seen.stood_still > MOST_STILL_SECONDS, f"said that all is well while it stood still for {seen.stood_still:.1f} s"),
        (
            fault.names is not None and (seen.noticed is None or seen.noticed > in_time),
            f"health named {fault.names} ({fault.word or 'for any reason'}) {'never' if seen.noticed is None else f'only after {seen.noticed:.1f} s'}",
        ),
        (seen.met is False, "no request met the fault"),
    )
    repeats = [f"said {count} times: {words}" for words, count in seen.said.items() if count > MOST_REPEATS]
    return [said for violated, said in rules if violated] + repeats


def figures(seen: Seen) -> dict[str, Figure]:
    """What people want to see. Pure."""
    return {
        "lasted s": round(seen.lasted, 1),
        "noticed after s": None if seen.noticed is None else round(seen.noticed, 1),
        "healthy after s": round(seen.well_again, 1),
        "caught up after s": round(seen.caught_up, 1),
        "stood still s": round(seen.stood_still, 1),
        "most said": max(seen.said.values(), default=0),
        **({} if seen.ending is None else {"ended after s": round(seen.ending[1], 1)}),
    }


def _until_records_flow(world: World) -> None:
    """Waits until the member has read something of the new load."""
    before = (world.member.ask("/stats") or {}).get("read", 0)
    deadline = time.monotonic() + PROCESSED_SECONDS
    while (world.member.ask("/stats") or {}).get("read", 0) == before:
        assert time.monotonic() < deadline, "nothing arrives"
        time.sleep(POLL_SECONDS)
