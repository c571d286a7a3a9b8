"""`scripts/property`: many histories by hand. Ends with 1 if one of them breaks a rule, and prints the shortest that does."""

from __future__ import annotations

import secrets
import time
from typing import Annotated

import typer
from hypothesis import seed as seeded
from hypothesis.stateful import run_state_machine_as_test
from move_machine import Move
from moves import histories
from own_postgres import simulation


def main(
    runs: Annotated[int, typer.Option("--runs", min=1)] = 5_000,
    seed: Annotated[int | None, typer.Option("--seed", help="Tells the same histories again.")] = None,
) -> None:
    """Tells random histories of both pipelines on a real Postgres, and proves at the end of each that every effect happened once."""
    chosen = secrets.randbits(31) if seed is None else seed
    began = time.monotonic()
    with simulation() as (runner, engine), histories(runner, engine) as told:
        run_state_machine_as_test(seeded(chosen)(Move), settings=told(runs))
    kinds = ", ".join(f"{count:,} {name}" for name, count in sorted(Move.happened.items()))
    typer.echo(f"{Move.finished:,} histories, none broke a rule, in {time.monotonic() - began:,.0f} s; seed {chosen}; {kinds}")


if __name__ == "__main__":
    typer.run(main)
