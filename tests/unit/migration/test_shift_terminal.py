"""A command that has begun goes on when its terminal goes away."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

PROGRAM = """
import os, signal, sys
from pathlib import Path
from nljctl.cli.outlive import outlive_the_terminal

outlive_the_terminal()
sys.stdin.readline()
os.kill(os.getpid(), signal.SIGHUP)
for stream in (sys.stdout, sys.stderr):
    for _ in range(3):
        stream.write("x" * 100_000)
        stream.flush()
Path(sys.argv[1]).write_text("done")
"""


def test_neither_a_hang_up_nor_closed_streams_end_it(tmp_path: Path) -> None:
    done = tmp_path / "done"
    child = subprocess.Popen([sys.executable, "-c", PROGRAM, str(done)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert child.stdin is not None
    assert child.stdout is not None
    assert child.stderr is not None
    child.stdout.close()
    child.stderr.close()
    child.stdin.write("go\n")
    child.stdin.close()
    assert child.wait(timeout=30) == 0
    assert done.read_text() == "done"
