"""`scripts/move`: the move of a platform under load, by hand. Figures come as a table on stderr and, with `--json`, as one document on stdout."""

from __future__ import annotations

import json
import secrets
import signal
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer
from far import run_far
from figures import show
from load import run_load
from stage import Stage, err, new_stage

app = typer.Typer(add_completion=False, no_args_is_help=True, help="Moves a loaded platform to faststream and back, breaks it meanwhile, and proves the rows.")

Seed = Annotated[int | None, typer.Option("--seed", help="Replays a run: its records, and what is killed where.")]
AsJson = Annotated[bool, typer.Option("--json", help="One document on stdout.")]


@app.command()
def load(minutes: Annotated[float, typer.Option("--minutes", min=0.5)] = 10.0, seed: Seed = None, as_json: AsJson = False) -> None:
    """Shares, cutovers, kills and every kind of rollback under load.

    Example: scripts/move load --minutes 10 --seed 7
    """
    _run("load", seed, lambda stage: run_load(stage, minutes), as_json=as_json)


@app.command()
def far(records: Annotated[int, typer.Option("--records", min=1)] = 1_000_000, seed: Seed = None, as_json: AsJson = False) -> None:
    """A rollback with so many records between it and the cutover.

    Example: scripts/move far --records 1000000
    """
    _run("far", seed, lambda stage: run_far(stage, records), as_json=as_json)


def _run(command: str, seed: int | None, story: Callable[[Stage], list[str]], *, as_json: bool) -> None:
    """Ends with 1 if anything was wrong."""
    chosen = secrets.randbits(31) if seed is None else seed
    with tempfile.TemporaryDirectory(prefix="nljctl-move-") as folder, new_stage(chosen, Path(folder)) as stage:
        wrong = story(stage)
    show(err, command, stage.figures, wrong)
    err.print(f"seed {chosen}; killed: {', '.join(stage.kills) or 'nothing'}", markup=False)
    if as_json:
        sys.stdout.write(json.dumps({"command": f"move {command}", "seed": chosen, "killed": stage.kills, **stage.figures, "wrong": wrong}) + "\n")
    if wrong:
        raise typer.Exit(1)


if __name__ == "__main__":
    # Whoever ends a run by SIGTERM gets the stack removed too.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    app()
