"""All tests, two folders at a time: `scripts/test` without arguments.

A folder is one run of pytest: its stacks of services begin and end with it, and no two of its tests meet. Most of the time goes by waiting (for
memberships to expire, for a service to come back), so two at once take little more than half as long on two cores. What a run printed
comes out when it has ended; the last line counts the tests of all of them.

Where nothing may be skipped, a Docker Engine for tests/compose is made beside them, from what they leave of the processors.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import time
import xml.etree.ElementTree as ElementTree
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).parents[2]
AT_ONCE = 2
POLL_SECONDS = 0.2
AGAIN_SECONDS = 60.0
LONGEST_FIRST = ("tests/integration/shift", "tests/chaos", "tests/unit", "tests/integration/rollback", "tests/property", "tests/integration/delivery")
"""Begun first, so that none of them is alone at the end; the others follow as they are found."""

CONTAINERS = "tests/compose"
PREPARATION = "scripts/compose-engine"
PREPARE = ("nice", "-n", "10", "timeout", "2100", PREPARATION)
LIMITED = ("timeout", "--foreground", "--signal=INT", "--kill-after=120", "2100")
"""Before a run whose tests are one story: what does not begin as the test before has left it can take long to fail. By SIGINT it takes down what it started."""


@dataclass
class Run:
    """One folder's run: what it prints goes to the file `said`, pytest's account of it to `report`."""

    folder: str
    report: Path
    said: Path
    process: subprocess.Popen[bytes]
    begun: float = field(default_factory=time.monotonic)


def folders() -> list[str]:
    found = [
        "tests/unit",
        "tests/enumeration",
        "tests/property",
        "tests/chaos",
        CONTAINERS,
        *(f"tests/integration/{path.name}" for path in (ROOT / "tests/integration").iterdir()),
    ]
    with_tests = [folder for folder in found if any((ROOT / folder).rglob("test_*.py"))]
    return sorted(with_tests, key=lambda folder: (LONGEST_FIRST.index(folder) if folder in LONGEST_FIRST else len(LONGEST_FIRST), folder))


def begin(folder: str, place: Path) -> Run:
    name = folder.replace("/", "-")
    report, said = place / f"{name}.xml", place / f"{name}.log"
    tests = (sys.executable, "-m", "pytest", "-rs", f"--junitxml={report}", folder)
    command = {PREPARATION: PREPARE, CONTAINERS: (*LIMITED, *tests, "-x")}.get(folder, tests)
    print(f"{folder}: begun", flush=True)
    with said.open("wb") as output:
        return Run(folder, report, said, subprocess.Popen(command, cwd=ROOT, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT))


def end(run: Run) -> Counter[str]:
    """Prints what the run printed; gives its tests by outcome."""
    seconds = time.monotonic() - run.begun
    print(f"\n{run.folder}: {'passed' if run.process.returncode == 0 else 'FAILED'} in {seconds:.0f} s", flush=True)
    sys.stdout.buffer.write(run.said.read_bytes())
    sys.stdout.buffer.flush()
    counts: Counter[str] = Counter()
    for suite in ElementTree.parse(run.report).getroot().iter("testsuite") if run.report.exists() else ():
        failed = int(suite.get("failures", 0)) + int(suite.get("errors", 0))
        skipped = int(suite.get("skipped", 0))
        counts.update(failed=failed, skipped=skipped, passed=int(suite.get("tests", 0)) - failed - skipped)
    if run.process.returncode != 0 and not counts["failed"]:
        counts["failed"] += 1  # the run itself: killed, or without a single test
    return counts


def ended(running: list[Run]) -> Iterator[Run]:
    """The next one that ends, or more; waits for it."""
    while not any(run.process.poll() is not None for run in running):
        time.sleep(POLL_SECONDS)
    for run in [run for run in running if run.process.poll() is not None]:
        running.remove(run)
        yield run


def stop(running: list[Run]) -> None:
    """Interrupts what still runs, so that it takes down its services, and waits for it.

    A command that a test calls in its own process takes the signal for itself: then it comes again.
    """
    for run in running:
        run.process.send_signal(signal.SIGINT)
    while unfinished := [run for run in running if run.process.poll() is None]:
        try:
            unfinished[0].process.wait(AGAIN_SECONDS)
        except subprocess.TimeoutExpired:
            unfinished[0].process.send_signal(signal.SIGINT)


def main() -> int:
    begun = time.monotonic()
    waiting, running, counts = folders(), list[Run](), Counter[str]()
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    with ExitStack() as stack:
        place = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="nljctl-test-")))
        stack.callback(stop, running)
        if os.environ.get("NLJCTL_TEST_NO_SKIP") == "1":
            waiting.remove(CONTAINERS)
            running.append(begin(PREPARATION, place))
        while waiting or running:
            while waiting and sum(run.folder != PREPARATION for run in running) < AT_ONCE:
                running.append(begin(waiting.pop(0), place))
            for run in ended(running):
                if run.folder == PREPARATION:
                    print(f"{run.folder}: {run.said.read_text()}", flush=True)
                    waiting.insert(0, CONTAINERS)  # whose tests say it if something is missing
                else:
                    counts += end(run)
    told = ", ".join(f"{counts[name]} {name}" for name in ("passed", "failed", "skipped") if counts[name])
    print(f"{f' {told} in {time.monotonic() - begun:.0f} s ':=^80}", flush=True)
    return 1 if counts["failed"] else 0


if __name__ == "__main__":
    os.chdir(ROOT)
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(130)
