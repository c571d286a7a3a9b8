"""A stack that the doctor's tests break, and the shell in which they type the fixes."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from stacks import PROGRAM, Stack, new_stack

from nljctl.stack.local import install, java
from nljctl.stack.local.cache import folder, place

Shell = Callable[[str], None]


@pytest.fixture(scope="session")
def patient() -> Iterator[Stack]:
    """A stack whose faststream owns everything and has read what there is."""
    with new_stack() as stack:
        stack.up("faststream")
        answer = stack.run("publish-test", "--event", "all", "--count", "60", "--wait", "processed", "--timeout", "120", "--json")
        assert answer.code == 0, answer.stdout + answer.stderr
        yield stack


@pytest.fixture(scope="session")
def shell(patient: Stack, tmp_path_factory: pytest.TempPathFactory) -> Shell:
    """Runs a command as one types it, with `nljctl` and Kafka's own `kafka-configs.sh` on the path."""
    tools = tmp_path_factory.mktemp("tools")
    kafka = place(folder(os.environ), install.assets("8")[install.KAFKA])
    _tool(tools / "kafka-configs.sh", f"exec {java.jdk()}/bin/java -cp '{kafka}/lib/*' kafka.admin.ConfigCommand")
    _tool(tools / "nljctl", f"exec {' '.join(PROGRAM)}")

    def run(command: str) -> None:
        env = {**patient.env, "PATH": f"{tools}:{patient.env['PATH']}"}
        done = subprocess.run(["bash", "-c", command], env=env, cwd=patient.home.parent, capture_output=True, text=True, timeout=300)
        assert done.returncode == 0, f"{command}\n{done.stdout}{done.stderr}"

    return run


def _tool(path: Path, command: str) -> None:
    path.write_text(f'#!/bin/sh\n{command} "$@"\n')
    path.chmod(0o755)
