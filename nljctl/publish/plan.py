"""What a `publish-test` will send, decided before anything is sent. Pure."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from nljctl.catalogue.events import BY_NAME, EVENTS
from nljctl.catalogue.samples import SampleRequest, needed, offered, run_id
from nljctl.errors import UsageError

HARMLESS = "learning.experienced"
"""What is published when nothing is said: it changes nothing and is valid as it stands."""
FILE_TOPIC = "xapi-events"
ALL = "all"
CONTRACTS = ("old", "new", "both")


@dataclass(frozen=True, slots=True)
class Wish:
    """What somebody asks for, as the command line has it; None or empty is not said."""

    count: int | None = None
    events: Sequence[str] = ()
    file: str | None = None
    topic: str | None = None
    rate: float | None = None
    duration: float | None = None
    seed: int | None = None
    contract: str | None = None
    invalid: float = 0.0
    duplicates: float = 0.0
    conflicts: float = 0.0


@dataclass(frozen=True, slots=True)
class Plan:
    """What will be sent.

    Attributes:
        request: the samples; None when a file is sent.
        file, topic: the file (`-` is stdin) and where its lines go.
        count: how many records, parents apart; None: as many as the file has, or the duration allows.
        rate: records a second; None is as fast as can be.
        duration: seconds after which sending stops.
        with_effects: events among them that change the platform's database, parents included; a topic's, when a file is sent.
    """

    run_id: str
    seed: int
    request: SampleRequest | None
    file: str | None
    topic: str
    count: int | None
    rate: float | None
    duration: float | None
    with_effects: tuple[str, ...]


def plan(wish: Wish, seed: int) -> Plan:
    """Decides what is sent; `seed` is used where the wish names none.

    Raises:
        UsageError: a value or a combination that cannot be meant.
    """
    _check_numbers(wish)
    seed = seed if wish.seed is None else wish.seed
    if wish.file is not None:
        return _of_file(wish, seed)
    if wish.topic is not None:
        raise UsageError("--topic is where --from sends its lines", "Events of the catalogue go to their own topics: leave --topic out, or add --from FILE.")
    contract = _contract(wish.contract)
    events = _events(wish)
    count = _count(wish, events, contract)
    request = SampleRequest(count, events, contract, seed, wish.invalid, wish.duplicates, wish.conflicts)
    possible = {event.name for event in offered(request)}
    if missing := [name for name in wish.events if name != ALL and name not in possible]:
        raise UsageError(f"{missing[0]} does not exist in the {contract} producer contract", "Take --contract both, or another event.")
    involved = possible.union(*(needed(name) for name in possible))
    effects = tuple(event.name for event in EVENTS if event.name in involved and event.has_effects)
    return Plan(run_id(seed), seed, request, None, "", count, wish.rate, wish.duration, effects)


def check_timeout(seconds: float) -> None:
    """Refuses a timeout that is no time.

    Raises:
        UsageError: it is not above zero.
    """
    if not (math.isfinite(seconds) and seconds > 0):
        raise UsageError(f"--timeout {seconds:g} is not above zero", "It is a number of seconds.")


def _of_file(wish: Wish, seed: int) -> Plan:
    generated = {
        "--event": wish.events,
        "--contract": wish.contract,
        "--invalid": wish.invalid,
        "--duplicates": wish.duplicates,
        "--conflicts": wish.conflicts,
    }
    if used := [flag for flag, value in generated.items() if value]:
        raise UsageError(f"--from sends a file's lines as they are, so it cannot be combined with {', '.join(used)}", "Leave either out.")
    topic = wish.topic or FILE_TOPIC
    effects = tuple(event.name for event in EVENTS if event.topic == topic and event.has_effects)
    return Plan(run_id(seed), seed, None, wish.file, topic, wish.count, wish.rate, wish.duration, effects)


def _events(wish: Wish) -> tuple[str, ...]:
    """Without a selection: one harmless statement if nothing else is asked for, else all events."""
    if unknown := [name for name in wish.events if name != ALL and name not in BY_NAME]:
        raise UsageError(f"the catalogue has no event {unknown[0]}", f"It has: {', '.join(BY_NAME)}; or `{ALL}`.")
    if ALL in wish.events:
        return ()
    if wish.events:
        return tuple(dict.fromkeys(wish.events))
    anything = wish.count is not None or wish.rate or wish.duration or wish.contract or wish.invalid or wish.duplicates or wish.conflicts
    return () if anything else (HARMLESS,)


def _count(wish: Wish, events: tuple[str, ...], contract: Literal["old", "new", "both"]) -> int | None:
    """As said; else what rate and duration make; else each event once."""
    if wish.count is not None:
        return wish.count
    if wish.duration is not None:
        return None if wish.rate is None else max(1, round(wish.rate * wish.duration))
    return len(offered(SampleRequest(None, events, contract)))


def _contract(contract: str | None) -> Literal["old", "new", "both"]:
    match contract:
        case None | "both":
            return "both"
        case "old":
            return "old"
        case "new":
            return "new"
        case _:
            raise UsageError(f"--contract {contract} is no producer contract", f"It is one of {', '.join(CONTRACTS)}.")


def _check_numbers(wish: Wish) -> None:
    if wish.count is not None and wish.count < 1:
        raise UsageError(f"--count {wish.count} is not a number of records", "Take 1 or more.")
    for flag, value, unit in (("--rate", wish.rate, "records a second"), ("--duration", wish.duration, "seconds")):
        if value is not None and not (math.isfinite(value) and value > 0):
            raise UsageError(f"{flag} {value:g} is not above zero", f"It is a number of {unit}.")
    shares = {"--invalid": wish.invalid, "--duplicates": wish.duplicates, "--conflicts": wish.conflicts}
    for flag, value in shares.items():
        if not 0 <= value <= 100:
            raise UsageError(f"{flag} {value:g} is not a percentage", "Take a number from 0 to 100.")
    again = wish.duplicates + wish.conflicts
    if wish.invalid + again > 100 or again == 100 or (again and wish.invalid + again == 100):
        raise UsageError("--invalid, --duplicates and --conflicts leave nothing to be sent first", "Let their sum stay below 100.")
