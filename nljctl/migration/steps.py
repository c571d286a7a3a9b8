"""A plan that people read before it happens: its steps, and what became of each."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field


@dataclass(slots=True)
class Step:
    """`status`: planned, running, done, already (nothing was to do), waiting (decided and noted; it is done by others when it can be) or failed."""

    step: str
    detail: str
    status: str = "planned"


@dataclass(slots=True)
class Steps:
    """The steps of one command, in order. `watch` is called at every change, for a display."""

    steps: list[Step] = field(default_factory=list)
    watch: Callable[[Step], None] = lambda _: None

    def plan(self, step: str, detail: str) -> None:
        self.steps.append(Step(step, detail))

    def mark(self, step: str, status: str, detail: str | None = None) -> None:
        found = next(known for known in self.steps if known.step == step)
        found.status = status
        if detail is not None:
            found.detail = detail
        self.watch(found)

    def document(self) -> list[dict[str, str]]:
        return [{"step": step.step, "status": step.status, "detail": step.detail} for step in self.steps]
