"""Visits every state of a world: breadth first, so that the first broken rule has the shortest history."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field

from model import BrokenError, State, StuckError, World

Step = tuple[str, ...]


@dataclass
class Found:
    """`ends`: states in which nobody has anything left to do."""

    world: str
    states: int = 0
    steps: int = 0
    ends: int = 0
    deepest: int = 0
    complete: bool = True
    broken: str = ""
    history: list[Step] = field(default_factory=list)


def search(world: World, most: int = 10_000_000) -> Found:
    """Every state, up to `most`; stops at the first that breaks a rule. That an end is reachable from everywhere is only decided of a complete search."""
    found = Found(world.name)
    begin = world.begin()
    numbers: dict[State, int] = {begin: 0}
    parents: list[tuple[int, Step]] = [(-1, ())]
    backwards: list[list[int]] = [[]]
    depth = [0]
    ends: list[int] = []
    queue = deque([begin])
    while queue:
        state = queue.popleft()
        number = numbers[state]
        try:
            world.check(state)
            going_on = False
            for label, after in world.steps(state):
                found.steps += 1
                known = numbers.get(after)
                if known is None:
                    if len(numbers) >= most:
                        found.complete = False
                        continue
                    known = numbers[after] = len(parents)
                    parents.append((number, label))
                    backwards.append([])
                    depth.append(depth[number] + 1)
                    queue.append(after)
                backwards[known].append(number)
                going_on = going_on or not world.is_misfortune(label)
            if not going_on:
                if state.command < len(world.commands):
                    raise StuckError(f"{world.commands[state.command]} cannot go on")
                world.check_end(state)
                ends.append(number)
        except BrokenError as problem:
            found.broken = f"{type(problem).__name__}: {problem}"
            found.history = history(parents, number)
            break
    found.states, found.ends, found.deepest = len(parents), len(ends), max(depth)
    if not found.broken and found.complete:
        cut_off = _cut_off(backwards, ends)
        if cut_off is not None:
            found.broken, found.history = "StuckError: no end can be reached", history(parents, cut_off)
    return found


def history(parents: list[tuple[int, Step]], number: int) -> list[Step]:
    steps = []
    while number > 0:
        number, label = parents[number]
        steps.append(label)
    return steps[::-1]


def _cut_off(backwards: list[list[int]], ends: list[int]) -> int | None:
    """The first state from which no end can be reached, if there is one."""
    reaching = bytearray(len(backwards))
    pending = list(ends)
    for end in ends:
        reaching[end] = 1
    while pending:
        for before in backwards[pending.pop()]:
            if not reaching[before]:
                reaching[before] = 1
                pending.append(before)
    return reaching.find(0) if 0 in reaching else None
