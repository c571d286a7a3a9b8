"""`scripts/chaos`: the chaos suite by hand, in its long form. Figures come as a table on stderr and, with `--json`, as one document on stdout."""

from __future__ import annotations

import json
import secrets
import signal
import sys
from collections.abc import Mapping, Sequence
from typing import Annotated, Any

import typer
from fault_run import FaultRun, run_fault
from faults import BY_NAME, FAULTS
from figures import show
from kills import run_kills
from rich.console import Console
from soak import run_soak
from world import new_world

SECONDS_PER_KILL = 10.0
"""What a kill takes on two cores: a member's start, and the wait of the group for the session of a dead one."""

app = typer.Typer(add_completion=False, no_args_is_help=True, help="Breaks the faststream consumer for real, and proves that nothing was lost or doubled.")
err = Console(stderr=True)

Seed = Annotated[int | None, typer.Option("--seed", help="Replays a run: its records, their order, and its chances.")]
AsJson = Annotated[bool, typer.Option("--json", help="One document on stdout.")]


@app.command()
def faults(
    full: Annotated[bool, typer.Option("--full", help="Each fault as long as it should last (a minute where it stands still).")] = False,
    only: Annotated[list[str] | None, typer.Option("--only", help="This fault (repeatable); `--list` names them.")] = None,
    seed: Seed = None,
    listed: Annotated[bool, typer.Option("--list", help="Names the faults.")] = False,
    as_json: AsJson = False,
) -> None:
    """Every fault, one after the other, on one stack with one consumer.

    Example: scripts/chaos faults --full --only es-stop --seed 7
    """
    if listed:
        sys.stdout.write("".join(f"{fault.name}\n" for fault in FAULTS))
        return
    if unknown := [name for name in only or () if name not in BY_NAME]:
        raise typer.BadParameter(f"there is no fault {unknown[0]}; there are: {', '.join(BY_NAME)}")
    seed = secrets.randbits(31) if seed is None else seed
    runs: list[FaultRun] = []
    with new_world() as world:
        for fault in FAULTS:
            if only and fault.name not in only:
                continue
            runs.append(run_fault(world, fault, seed + FAULTS.index(fault), full=full))
            show(err, fault.name, runs[-1].figures, runs[-1].wrong)
    _finish("faults", seed, [{"fault": run.name, "seed": run.seed, **run.figures, "wrong": run.wrong} for run in runs], as_json=as_json)


@app.command()
def kills(
    count: Annotated[int, typer.Option("--kills", min=1)] = 200,
    records: Annotated[int, typer.Option("--records", min=1)] = 200_000,
    rate: Annotated[
        float | None,
        typer.Option("--rate", help="Records a second; by default so that they last about as long as the kills. More are published if the kills last longer."),
    ] = None,
    members: Annotated[int, typer.Option("--members", min=1)] = 2,
    seed: Seed = None,
    as_json: AsJson = False,
) -> None:
    """Kills a random member at random moments and says where each kill fell.

    Example: scripts/chaos kills --kills 200 --records 200000 --seed 7
    """
    seed = secrets.randbits(31) if seed is None else seed
    with new_world() as world:
        run = run_kills(world, seed, count, records, rate or records / (count * SECONDS_PER_KILL), members=members, said=_say)
    show(err, "kills", run.figures, run.wrong)
    _finish("kills", seed, [{**run.figures, "wrong": run.wrong}], as_json=as_json)


@app.command()
def soak(
    minutes: Annotated[float, typer.Option("--minutes", min=0.5)] = 30.0,
    rate: Annotated[float, typer.Option("--rate", min=1.0)] = 2_000.0,
    event: Annotated[list[str] | None, typer.Option("--event", help="Only this event (repeatable); by default learning and some events of every kind.")] = None,
    seed: Seed = None,
    as_json: AsJson = False,
) -> None:
    """A steady load: memory, lag, and what is said again and again.

    Example: scripts/chaos soak --minutes 30 --rate 2000
    """
    seed = secrets.randbits(31) if seed is None else seed
    with new_world() as world:
        run = run_soak(world, seed, minutes, rate, event or ())
    show(err, "soak", run.figures, run.wrong)
    for words, times in run.said.most_common():
        err.print(f"said {times} times: {words}", markup=False)
    _finish("soak", seed, [{**run.figures, "said": dict(run.said), "wrong": run.wrong}], as_json=as_json)


def _say(how_far: str) -> None:
    err.print(how_far, highlight=False)


def _finish(command: str, seed: int, rows: Sequence[Mapping[str, Any]], *, as_json: bool) -> None:
    """Says the seed, and ends with 1 if anything was wrong."""
    err.print(f"seed {seed}")
    if as_json:
        sys.stdout.write(json.dumps({"command": f"chaos {command}", "seed": seed, "rows": rows}) + "\n")
    if any(row["wrong"] for row in rows):
        raise typer.Exit(1)


if __name__ == "__main__":
    # Whoever ends a run by SIGTERM gets the stack removed too.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    app()
