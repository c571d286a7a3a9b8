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
STEADY_SECONDS = 1.0
POLL_SECONDS = 0.1
MOST_REPEATS = 6
"""How often one warning may be said during one fault."""


@dataclass(frozen=True, slots=True)
class Limits:
    """Seconds that things may take.

    Attributes:
        noticed: until the health of a consumer names what is away, also if that is away without a word.
        well: until everything is healthy again after the fault, and caught up.
        still: how long a consumer may say that all is well while it is behind and does not move.
        ending: from SIGTERM to the end.
        processed: until everything has its outcome.
    """

    noticed: float
    well: float
    still: float
    ending: float
    processed: float


PROMISED = Limits(noticed=10.0, well=30.0, still=8.0, ending=STOP_SECONDS, processed=120.0)
"""What is promised on a machine that has time for it: held to in the long form."""
PATIENT = Limits(noticed=90.0, well=300.0, still=120.0, ending=120.0, processed=300.0)
"""What a machine that has other work to do is granted: in the short form the order of things is tested, not their pace."""


@dataclass(frozen=True, slots=True)
class Seen:
    """What was seen of the consumer. Seconds count from the beginning of the fault (`noticed`), or from its end.

    Attributes:
        began: how long it took to begin the fault.
        lasted: how long the fault lasted, with what it took to begin and to end it.
        noticed: when health named the target; None if it never did.
        met: whether a request met the rule of the proxy; None where there is none.
        ending: exit code and seconds of a consumer that was asked to end.
        runs: whether the process of the beginning still runs.
    """

    began: float
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
    limits = PROMISED if full else PATIENT
    seen = watched(world, fault, seed, lasts, limits)
    proof = asyncio.run(prove(world.settings, world.refusable))
    ahead = asyncio.run(positions(world.settings)).ahead
    wrong = [*broken(fault, seen, limits), *(f"the group is ahead of Postgres: {what}" for what in ahead), *world.news(proof.wrong)]
    return FaultRun(fault.name, seed, {**figures(seen), **proof.figures()}, wrong)


def watched(world: World, fault: Fault, seed: int, lasts: float, limits: Limits) -> Seen:
    """Publishes, hurts, heals, and waits until everything is processed and well, or until patience ends. A fault lasts until it was noticed, if that may be."""
    world.ending_seconds = limits.ending
    member = world.ensure_member()
    said_before, ruled_before = len(member.log.read_bytes()), world.bulks.ruled
    load = world.publish(seed, round(fault.rate * (BEFORE_SECONDS + lasts + AFTER_SECONDS)), fault.rate)
    with HealthWatch(member) as watch:
        _until_records_flow(world)
        time.sleep(BEFORE_SECONDS)
        hurt = time.monotonic()
        try:
            fault.inject(world)
            begun = time.monotonic()
            by_rule = world.bulks.rule is not transparent
            if fault.values is not no_values:
                world.produce(TOPIC, fault.values(world, random.Random(seed)))
            time.sleep(max(0.0, hurt + lasts - time.monotonic()))
            while fault.names and watch.noticed(fault.names, fault.word, hurt) is None and time.monotonic() < begun + limits.noticed:
                time.sleep(POLL_SECONDS)
        finally:
            fault.heal(world)
        healed = time.monotonic()
        load.communicate()
        processed = asyncio.run(until_processed(world.settings, limits.processed))
        caught_up = time.monotonic()
        well = fault.ends or watch.until_well(limits.well, STEADY_SECONDS)
    return Seen(
        began=begun - hurt,
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


def broken(fault: Fault, seen: Seen, limits: Limits) -> list[str]:
    """What the consumer may not do, and did. Pure."""
    in_time = seen.began + limits.noticed
    code, seconds = seen.ending or (0, 0.0)
    rules = (
        (not seen.processed, f"not processed {limits.processed:.0f} s after the fault"),
        (seen.runs == fault.ends, "it did not end" if seen.runs else "it ended, and would have to be restarted"),
        (code != 0 or seconds > limits.ending, f"SIGTERM: exit code {code} after {seconds:.1f} s"),
        (not seen.well or seen.well_again > limits.well, f"not healthy within {limits.well:.0f} s"),
        (not fault.ends and seen.caught_up > limits.well + AFTER_SECONDS, f"caught up only {seen.caught_up:.1f} s after the fault"),
        (seen.stood_still > limits.still, f"said that all is well while it stood still for {seen.stood_still:.1f} s"),
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
    deadline = time.monotonic() + PATIENT.processed
    while (world.member.ask("/stats") or {}).get("read", 0) == before:
        assert time.monotonic() < deadline, "nothing arrives"
        time.sleep(POLL_SECONDS)
