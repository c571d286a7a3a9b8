"""What the field's linters say of the image's recipe and of the compose file: hadolint and compose-lint."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
BIN = Path(sys.executable).parent
LINTED = {
    "the image": "hadolint --failure-threshold style Dockerfile.faststream",
    # Debian's stable release is what pins its packages.
    "the images of the tests": "hadolint --failure-threshold warning --ignore DL3008 tests/compose/images/Dockerfile",
    "the deployment": "compose-lint check --no-env --no-merge-overrides --config deploy/compose-lint.yml --strict-config --fail-on low docker-compose.yml",
}


@pytest.mark.parametrize("what", LINTED)
def test_the_linter_finds_nothing_in(what: str) -> None:
    command, *arguments = LINTED[what].split()
    told = subprocess.run([BIN / command, *arguments], cwd=ROOT, capture_output=True, text=True)
    assert told.returncode == 0, told.stdout + told.stderr
