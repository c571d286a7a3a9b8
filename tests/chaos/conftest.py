"""The chaos suite's own stack; what it shares with the integration tests is found in their folder."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "integration"))

from figures import FIGURES
from world import World, new_world


@pytest.fixture(scope="session")
def world() -> Iterator[World]:
    """One stack with proxies for the whole suite, and no consumer yet."""
    with new_world() as made:
        yield made


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Each run prints its figures and its seed, also where nothing went wrong."""
    reports = [report for outcome in ("passed", "failed") for report in terminalreporter.getreports(outcome)]
    for report in reports:
        for name, figures in getattr(report, "user_properties", ()):
            if name == FIGURES:
                terminalreporter.write_line(str(figures))
