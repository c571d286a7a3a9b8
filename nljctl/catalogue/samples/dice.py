"""Chance that a seed fixes."""

from __future__ import annotations

from random import Random
from uuid import UUID


def dice(seed: int, purpose: str) -> Random:
    """Dice of their own for each purpose, so that a change in one does not move the others."""
    return Random(f"{seed}/{purpose}")  # noqa: S311 - samples, no secrets


def new_id(chance: Random) -> str:
    """A version 4 UUID."""
    return str(UUID(int=chance.getrandbits(128), version=4))
