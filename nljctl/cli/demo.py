"""`nljctl demo`: the whole story on a local stack of its own."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console, Group
from rich.live import Live
from rich.panel import Panel
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn
from rich.text import Text

from nljctl.cli import options, output
from nljctl.errors import EXIT_NOT_SO

if TYPE_CHECKING:
    from nljctl.demo.race import Race
    from nljctl.demo.story import DemoReport

COLOURS = {"same": "green", "explained": "green", "differs": "red"}


def demo(
    count: Annotated[int, typer.Option("--count", min=1, help="How many learning statements; 1,000 platform events come with them.")] = 4_000,
    from_file: Annotated[str | None, typer.Option("--from", metavar="FILE", help="A file of statements (.gz too) instead of the learning statements.")] = None,
    keep: Annotated[bool, typer.Option("--keep", help="Leave the stack running afterwards.")] = False,
    as_json: options.Json = False,
) -> None:
    """Starts a stack of its own, sends statements through both consumers at once, compares them record by record,
    shifts, cuts over, rolls back, and shows the report.

    It needs no running stack and touches none: its home is `demo` inside NLJCTL_HOME.

    Example: [bold]nljctl demo --count 1000[/]
    """
    import asyncio

    from nljctl import settings
    from nljctl.demo.story import DemoOptions
    from nljctl.demo.story import demo as tell
    from nljctl.publish.lines import check_readable

    if from_file is not None:
        check_readable(from_file)
    home = settings.load().home / "demo"
    with _Screen(output.progress()) as stage:
        report = asyncio.run(tell(home, DemoOptions(count, from_file, keep), stage))
    document = {"steps": report.steps, "verdict": report.verdict, "evidence": report.evidence, "rates": report.rates, "home": report.home}
    output.show("demo", document, as_json=as_json, render=lambda console: _render(console, report, keep))
    if report.verdict == "differs":
        raise typer.Exit(EXIT_NOT_SO)


class _Screen:
    """Shows the story on stderr: a line a step; on a terminal also what is under way, and two bars while both consumers race."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._bars = Progress(
            TextColumn("[bold]{task.description:<11}"), BarColumn(), MofNCompleteColumn(), TextColumn("{task.fields[rate]:>8,.0f}/s"), console=console
        )
        self._tasks: dict[str, TaskID] = {}
        self._live = Live(Group(), console=console, refresh_per_second=8, transient=True)

    def __enter__(self) -> _Screen:
        if self._console.is_terminal:
            self._live.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._live.stop()

    def begins(self, step: str, what: str) -> None:
        self._console.print(f"[bold cyan]{step}[/]  {what}", highlight=False)

    def ends(self, step: str, seconds: float, detail: str) -> None:
        self._live.update(Group())
        self._console.print(f"  [green]{step} done[/] in {seconds:.1f} s: {detail}", highlight=False)

    def notes(self, service: str, what: str) -> None:
        self._live.update(Text(f"  {service}: {what}", style="dim"))

    def races(self, race: Race) -> None:
        for pipeline, runner in race.runners.items():
            if pipeline.value not in self._tasks:
                self._tasks[pipeline.value] = self._bars.add_task(pipeline.value, total=race.total, rate=0.0)
            self._bars.update(self._tasks[pipeline.value], completed=runner.done, total=race.total, rate=runner.rate(race.elapsed))
        self._live.update(self._bars)


def _render(console: Console, report: DemoReport, keep: bool) -> None:
    verdict = report.verdict or "none"
    evidence = Path(report.evidence or "")
    lines = [f"[bold {COLOURS.get(verdict, 'red')}]{verdict}[/]", f"report  {evidence / 'report.html'}"]
    lines += [f"{pipeline}  {rate:,.0f} records a second" for pipeline, rate in report.rates.items()]
    console.print(Panel("\n".join(lines), title="verdict", expand=False))
    if keep:
        console.print(f"The stack is still running: NLJCTL_HOME={report.home} nljctl status")
