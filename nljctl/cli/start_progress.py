"""What `up` shows while services start: a line each, drawn anew on a terminal, printed as it happens elsewhere."""

from __future__ import annotations

import time
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.live import Live
from rich.spinner import Spinner
from rich.table import Table

DONE = "healthy"


class StartProgress:
    """Give `notify` to whoever starts services."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._began = time.monotonic()
        self._now: dict[str, tuple[str, float]] = {}
        self._live = Live(console=console, get_renderable=self._draw, refresh_per_second=8, transient=True) if console.is_terminal else None

    def __enter__(self) -> Self:
        if self._live:
            self._live.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None) -> None:
        if self._live:
            self._live.stop()

    def notify(self, service: str, what: str) -> None:
        seconds = time.monotonic() - self._began
        self._now[service] = (what, seconds)
        if self._live is None:
            self._console.print(f"{seconds:6.1f} s  {service}: {what}", markup=False, highlight=False)

    def _draw(self) -> Table:
        grid = Table.grid(padding=(0, 2))
        for service, (what, seconds) in self._now.items():
            mark = "[green]✓[/]" if what == DONE else Spinner("dots")
            grid.add_row(mark, service, f"{what} [dim]{seconds:.1f} s[/]" if what == DONE else what)
        return grid
