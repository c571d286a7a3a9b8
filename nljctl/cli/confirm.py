"""What changes who owns what, or deletes, is shown first and done only when somebody says so."""

from __future__ import annotations

import sys

import typer
from rich.console import RenderableType

from nljctl.cli import output
from nljctl.errors import RefusedError


def ask(command: str, plan: RenderableType, *, yes: bool, does: str = "changes who owns what") -> None:
    """Shows the plan; returns if `--yes` was given or a person on a terminal agrees.

    Raises:
        RefusedError: nobody did.
    """
    if yes:
        return
    output.progress().print(plan)
    if sys.stdin.isatty() and sys.stderr.isatty() and typer.confirm(f"Do this {command}?", default=False, err=True):
        return
    raise RefusedError(f"{command} {does}, and nobody confirmed it", f"nljctl {command} --yes does it; --dry-run only shows the plan.")
