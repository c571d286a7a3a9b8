"""How results and errors reach people (tables on a terminal) and programs (one JSON document on stdout)."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Mapping
from typing import Any

from rich.console import Console

from nljctl.errors import NljctlError

Rendering = Callable[[Console], None]

PLAIN_WIDTH = 200


def people() -> Console:
    """Stdout for people. Rich drops colours and boxes by itself when it is no terminal or NO_COLOR is set."""
    return _console(sys.stdout.isatty())


def progress() -> Console:
    """Stderr, where progress and logs go, so that stdout stays clean for programs."""
    return _console(sys.stderr.isatty(), stderr=True)


def _console(terminal: bool, *, stderr: bool = False) -> Console:
    """Where nobody looks at a terminal, lines are not broken and tables not squeezed into 80 columns."""
    return Console(stderr=stderr, soft_wrap=not terminal, width=None if terminal or "COLUMNS" in os.environ else PLAIN_WIDTH)


def show(command: str, result: Mapping[str, Any], *, as_json: bool, render: Rendering) -> None:
    """Prints one result: the document with its `command`, or what `render` makes of it."""
    if as_json:
        document(command, result)
    else:
        render(people())


def document(command: str, content: Mapping[str, Any]) -> None:
    sys.stdout.write(json.dumps({"command": command, **content}, default=str, ensure_ascii=False) + "\n")
    sys.stdout.flush()


def show_error(command: str, error: NljctlError, *, as_json: bool) -> None:
    if as_json:
        document(command, {"error": {"code": error.code, "message": error.message, "hint": error.hint}})
        return
    console = progress()
    console.print(f"[bold red]error[/] [bold]{command}[/]: ", end="")
    console.print(error.message, markup=False)
    if error.hint:
        console.print("[cyan]hint[/]  ", end="")
        console.print(error.hint, markup=False)
