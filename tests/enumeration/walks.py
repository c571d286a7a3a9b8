"""Single histories of a world in which every misfortune may happen: more than can be enumerated, so chance walks through them and the nastiest are kept."""

from __future__ import annotations

import random
from collections.abc import Iterator

from model import World
from search import Step
from worlds import NAMED, SMALL

WALKED = tuple(
    World(f"{' and '.join(commands)}, {name}", log, commands)
    for name, log in (("three records", NAMED), ("small", SMALL))
    for commands in (("shift", "rollback"), ("shift", "cutover"), ("cutover", "rollback"), ("shift", "cutover", "rollback"))
)
"""A death, a zombie, a lost answer and a kill of a command, in each."""

NASTY = frozenset({"die", "lose partitions", "zombie commits", "answer lost", "kill", "run again", "refused", "settle", "look again"})
"""Steps that a calm history does not have."""

MISFORTUNE = 0.3
"""How likely it is where one is possible."""


def walk(world: World, chance: random.Random) -> list[Step]:
    """One history to an end; each of its states is checked."""
    state = world.begin()
    steps: list[Step] = []
    while True:
        world.check(state)
        possible = list(world.steps(state))
        calm = [step for step in possible if not world.is_misfortune(step[0])]
        if not calm:
            world.check_end(state)
            return steps
        unlucky = [step for step in possible if world.is_misfortune(step[0])]
        label, state = chance.choice(unlucky if unlucky and chance.random() < MISFORTUNE else calm)
        steps.append(label)


def nastiness(steps: list[Step]) -> tuple[int, int]:
    """How many kinds of trouble a history has, and how much of it."""
    trouble = [step[0] for step in steps if step[0] in NASTY]
    return len(set(trouble)), len(trouble)


def nastiest(seed: int, count: int, walks: int) -> Iterator[tuple[World, list[Step]]]:
    """The nastiest different ones of so many walks through each world, as many of each world."""
    for world in WALKED:
        chance = random.Random(f"{seed}/{world.name}")
        told = {tuple(walk(world, chance)) for _ in range(walks)}
        for steps in sorted(map(list, told), key=lambda steps: (nastiness(steps), steps), reverse=True)[: -(-count // len(WALKED))]:
            yield world, steps
