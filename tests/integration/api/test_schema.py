"""Schemathesis, in short: whatever the schema promises is so, and nothing that is sent makes it answer 5xx. The long form is `scripts/fuzz-api`."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

from api_world import Api

ROOT = Path(__file__).parents[3]
SHORT = ("--max-examples", "4", "--seed", "7", "--generation-deterministic", "--phases", "examples,coverage,fuzzing", "--workers", "2")
SAID_TWICE = ("--exclude-path-regex", "/api/analytics/(platform|learner)/")


def test_schemathesis_finds_nothing(api: Api, tmp_path: Path) -> None:
    done = subprocess.run(
        [ROOT / "scripts" / "fuzz-api", api.address, *SHORT, *SAID_TWICE],
        env={**os.environ, "NLJCTL_API_TOKEN": api.token},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == 0, done.stdout[-8_000:] + done.stderr[-2_000:]
