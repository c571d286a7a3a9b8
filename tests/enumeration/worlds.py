"""The worlds that are enumerated: one record with a duplicate, one parent with a child, two aggregates on either side of the share."""

from __future__ import annotations

from model import MOVES, STAYS, Log, Record, World

NAMED: Log = (
    (Record("parent", MOVES), Record("other", STAYS), Record("other", STAYS)),
    (Record("child", MOVES, parent="parent"), Record("third", STAYS), Record("last", MOVES, parent="parent")),
)
UNNAMED: Log = (
    (Record("parent", MOVES), Record("other", STAYS), Record("other", STAYS)),
    (Record("child", MOVES, parent="parent", told=False), Record("third", STAYS), Record("grandchild", MOVES, parent="child", told=False)),
)
SMALL: Log = (
    (Record("parent", MOVES), Record("parent", MOVES)),
    (Record("child", MOVES, parent="parent"), Record("other", STAYS)),
)

CALM = {"deaths": 0, "zombies": 0, "lost": 0, "kills": 0}


def _world(name: str, log: Log, *commands: str, **misfortunes: int) -> World:
    """A world with those misfortunes alone."""
    return World(name, log, commands, **{**CALM, **misfortunes})


SHORT = (
    _world("shift", SMALL, "shift", deaths=1),
    _world("shift, a zombie", SMALL, "shift", zombies=1),
    _world("shift, a lost answer", SMALL, "shift", lost=1),
    _world("rollback", SMALL, "rollback", kills=1),
    _world("cutover", SMALL, "cutover", kills=1),
)
FULL = (
    *SHORT,
    _world("shift and rollback, small, a death", SMALL, "shift", "rollback", deaths=1),
    _world("shift and rollback, small, a zombie", SMALL, "shift", "rollback", zombies=1),
    _world("shift and rollback, small, a kill of the command", SMALL, "shift", "rollback", kills=1),
    _world("shift and cutover, small, a death and a kill", SMALL, "shift", "cutover", deaths=1, kills=1),
    _world("cutover and rollback, small, a zombie", SMALL, "cutover", "rollback", zombies=1),
    _world("cutover and rollback, small, a death", SMALL, "cutover", "rollback", deaths=1),
    _world("shift, three records", NAMED, "shift", deaths=1),
    _world("shift, three records, a zombie", NAMED, "shift", zombies=1),
    _world("shift and rollback, three records", NAMED, "shift", "rollback"),
    _world("shift and cutover, three records", NAMED, "shift", "cutover"),
    _world("shift, aggregates told by rows, a death", UNNAMED, "shift", deaths=1),
    _world("rollback, aggregates told by rows, a lost answer", UNNAMED, "rollback", lost=1),
    _world("shift, cutover and rollback, small", SMALL, "shift", "cutover", "rollback"),
)
