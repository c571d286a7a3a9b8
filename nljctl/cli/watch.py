"""`--watch`: a view drawn again and again on a terminal, or one JSON document a line."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Any

from rich.console import RenderableType
from rich.live import Live

from nljctl.cli import output


def repeat(command: str, ask: Callable[[], Mapping[str, Any]], render: Callable[[Mapping[str, Any]], RenderableType], *, as_json: bool, every: float) -> None:
    """Asks and shows until interrupted."""
    if as_json:
        while True:
            output.document(command, ask())
            time.sleep(every)
    console = output.people()
    with Live(console=console, screen=console.is_terminal, auto_refresh=False) as view:
        while True:
            view.update(render(ask()), refresh=True)
            time.sleep(every)
