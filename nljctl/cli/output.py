"""How results and errors reach people (tables on a terminal) and programs (one JSON document on stdout)."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Mapping
from typing import Any

from rich.console import Console

from nljctl.errors import NljctlError

Rendering = Callable[[Console], None]


def people() -> Console:
    """Stdout for people. Rich drops colours and boxes by itself when it is no terminal or NO_COLOR is set."""
    return Console(soft_wrap=not sys.stdout.isatty())


def progress() -> Console:
    """Stderr, where progress and logs go, so that stdout stays clean for programs."""
    return Console(stderr=True)


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
