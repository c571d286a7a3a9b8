"""The steps of the story that move effects forwards: a few aggregates first, then everything. Each gives its report and a line about it."""

from __future__ import annotations

from collections.abc import Callable

from nljctl.migration.cutover import CutoverOptions, CutoverReport, cutover, plan_cutover
from nljctl.migration.gates import conditions
from nljctl.migration.shift import ShiftOptions, ShiftReport, plan_shift, shift
from nljctl.migration.steps import Steps
from nljctl.settings import Settings
from nljctl.stack.runtime import Notify, Runtime

SHARE = 10
LONGEST_SECONDS = 60.0


async def shift_some(settings: Settings, say: Callable[[str], None]) -> tuple[ShiftReport, str]:
    """The first share, if its gates are met."""
    options = ShiftOptions((SHARE,), conditions("shift", ()), timeout=LONGEST_SECONDS)
    planned = await plan_shift(settings, options, _watched(say), gates=False)
    report = await shift(settings, options, planned)
    if not report.reached:
        return report, f"not taken: {report.gates.words}"
    return report, f"faststream owns {report.epoch.share} % of programs and sessions since epoch {report.epoch.number}, {report.gates.words}"


async def cut_over(settings: Settings, runtime: Runtime, say: Callable[[str], None], notify: Notify) -> tuple[CutoverReport, str]:
    """The rest, if its gates are met."""
    options = CutoverOptions(conditions("cutover", ()), timeout=LONGEST_SECONDS)
    planned = await plan_cutover(settings, options, _watched(say), gates=False)
    report = await cutover(settings, runtime, options, planned, notify)
    if not report.executed:
        return report, f"not taken: {report.gates.words}"
    return report, f"faststream owns everything, analytics read {settings.index}, legacy is stopped and kept; {report.gates.words}"


def _watched(say: Callable[[str], None]) -> Steps:
    return Steps(watch=lambda step: say(f"{step.step}: {step.detail}"))
