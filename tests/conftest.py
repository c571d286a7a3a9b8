"""For every test: with NLJCTL_TEST_NO_SKIP=1 a skipped test is a failed one, so that a missing service never passes for a success.

Of several workers (pytest-xdist) one gets all tests of a folder of `integration`: they share its stacks.
"""

from __future__ import annotations

import os
from collections.abc import Generator

import pytest
from xdist.remote import Producer
from xdist.scheduler import LoadScopeScheduling

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


class FolderScheduling(LoadScopeScheduling):
    """Gives a folder of `integration` to one worker as a whole, and everything else test by test."""

    def _split_scope(self, nodeid: str) -> str:
        folder = nodeid.split("::")[0].rpartition("/")[0]
        return folder if "/integration/" in folder else nodeid


def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> FolderScheduling:
    return FolderScheduling(config, log)
