"""`scripts/property`: many histories by hand. Ends with 1 if one of them breaks a rule, and prints the shortest that does."""

from __future__ import annotations

import logging
import secrets
import time
from typing import Annotated

import typer
from hypothesis import seed as seeded
from hypothesis.stateful import run_state_machine_as_test
from move_machine import Move
from moves import histories
from own_postgres import simulation

AT_ONCE = 100
"""Histories under one seed; the next hundred is told under the next one."""


def main(
    runs: Annotated[int, typer.Option("--runs", min=1)] = 5_000,
    seed: Annotated[int | None, typer.Option("--seed", help="Tells the same histories again.")] = None,
    minutes: Annotated[float | None, typer.Option("--minutes", help="Begins no further hundred after so long.")] = None,
) -> None:
    """Tells random histories of both pipelines on a real Postgres, and proves at the end of each that every effect happened once."""
    logging.disable(logging.WARNING)  # of services that are away, which here happens all the time
    first = secrets.randbits(31) if seed is None else seed
    began = time.monotonic()
    number = first
    with simulation() as (runner, engine), histories(runner, engine) as told:
        while Move.finished < runs and (minutes is None or time.monotonic() - began < 60 * minutes):
            run_state_machine_as_test(seeded(number)(Move), settings=told(min(AT_ONCE, runs - Move.finished)))
            typer.echo(f"{Move.finished:,} of {runs:,} histories after {time.monotonic() - began:,.0f} s (seed {number})", err=True)
            number += 1
    kinds = ", ".join(f"{count:,} {name}" for name, count in sorted(Move.happened.items()))
    typer.echo(f"{Move.finished:,} histories, none broke a rule, in {time.monotonic() - began:,.0f} s; seeds {first} to {number - 1}; {kinds}")


if __name__ == "__main__":
    typer.run(main)
