"""For every test: with NLJCTL_TEST_NO_SKIP=1 a skipped test is a failed one, so that a missing service never passes for a success."""

from __future__ import annotations

import os
from collections.abc import Generator

import pytest

FORBIDDEN = os.environ.get("NLJCTL_TEST_NO_SKIP") == "1"


def _fail_if_skipped(report: pytest.TestReport | pytest.CollectReport) -> None:
    if FORBIDDEN and report.skipped and not hasattr(report, "wasxfail"):
        report.outcome = "failed"
        report.longrepr = f"skipped, which NLJCTL_TEST_NO_SKIP forbids: {report.longrepr}"


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    _fail_if_skipped(report)
    return report


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report() -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    report = yield
    _fail_if_skipped(report)
    return report
