"""A plan, its gates, and what became of its steps, on a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.console import Console, Group, RenderableType
from rich.markup import escape
from rich.table import Table

if TYPE_CHECKING:
    from nljctl.migration.gates import Verdict
    from nljctl.migration.steps import Step, Steps

MARKS = {
    "planned": "·",
    "running": "[cyan]running[/]",
    "done": "[green]done[/]",
    "already": "[dim]already[/]",
    "waiting": "[yellow]waiting[/]",
    "failed": "[red]failed[/]",
}


def say(console: Console, step: Step) -> None:
    """One line for a step that has changed."""
    console.print(f"{MARKS[step.status]}  {step.step}: {escape(step.detail)}", highlight=False)


def plan(planned: Steps, verdict: Verdict, title: str) -> RenderableType:
    """The steps, and the gates if they were looked at."""
    return Group(steps(planned, title), gates(verdict)) if verdict.judged else steps(planned, title)


def steps(planned: Steps, title: str) -> Table:
    """One row a step."""
    table = Table("step", "status", "detail", title=title, title_justify="left")
    for step in planned.steps:
        table.add_row(step.step, MARKS[step.status], escape(step.detail))
    return table


def gates(verdict: Verdict) -> Table:
    """What was asked, and what was found."""
    table = Table("gate", "value", "", "detail", title="gates", title_justify="left")
    for one in verdict.judged:
        value = "no data" if one.found.value is None else f"{one.found.value}"
        table.add_row(one.condition.expression, value, "[green]met[/]" if one.met else "[red]not met[/]", escape(one.found.detail))
    return table
