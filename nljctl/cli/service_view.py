"""Services of a stack, as programs and as people get them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from rich.markup import escape
from rich.table import Column, Table

if TYPE_CHECKING:
    from nljctl.stack.runtime import ServiceState

OF_CONTAINERS = ("image", "restarts", "exit_code")

COLOURS = {"healthy": "green", "starting": "yellow", "unhealthy": "red", "exited": "red", "stopped": "dim", "running": "green"}


def rows(states: Iterable[ServiceState]) -> list[dict[str, Any]]:
    """The contract's `services`."""
    return [
        {"name": each.name, "state": each.state, "health": each.health, "endpoint": each.endpoint, "pid": each.pid, "detail": each.detail}
        | {name: value for name in OF_CONTAINERS if (value := getattr(each, name)) is not None}
        for each in states
    ]


def table(states: Iterable[dict[str, Any]]) -> Table:
    """One row a service."""
    view = Table("service", "state", "health", Column("endpoint", overflow="fold"), "pid", Column("detail", overflow="fold"))
    for each in states:
        cells = (each["name"], _coloured(each["state"]), _coloured(each["health"]), each["endpoint"] or "", str(each["pid"] or ""), escape(each["detail"]))
        view.add_row(*cells)
    return view


def _coloured(word: str | None) -> str:
    return f"[{COLOURS[word]}]{word}[/]" if word else ""
