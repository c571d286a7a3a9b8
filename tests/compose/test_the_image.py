"""The image that Dockerfile.faststream gives, built from a clean checkout: small, without rights, without tools."""

from __future__ import annotations

import json
import subprocess
from typing import Any

from engine import Engine

BASE = "python:3.11-slim"
MOST_BYTES_BEYOND_ITS_BASE = 250_000_000


def inspected(engine: Engine, image: str) -> Any:
    return json.loads(subprocess.run(["docker", "image", "inspect", image], env=engine.env, check=True, capture_output=True).stdout)[0]


def printed(engine: Engine, image: str, line: str) -> str:
    """What a shell's line prints in it, as confined as docker-compose.yml has it."""
    confined = ("--rm", "--network=none", "--read-only", "--cap-drop=ALL", "--security-opt=no-new-privileges:true", "--entrypoint=sh")
    done = subprocess.run(["docker", "run", *confined, image, "-c", line], env=engine.env, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_it_is_small_beyond_its_base(engine: Engine, image: str) -> None:
    assert inspected(engine, image)["Size"] - inspected(engine, BASE)["Size"] < MOST_BYTES_BEYOND_ITS_BASE


def test_it_runs_as_a_user_who_may_change_nothing_of_it(engine: Engine, image: str) -> None:
    assert printed(engine, image, "id -u") == "10001"
    assert printed(engine, image, "find /opt /usr /etc ! -type l \\( -user 10001 -o -perm -o+w \\) 2>/dev/null || true") == ""


def test_it_has_nothing_to_build_with(engine: Engine, image: str) -> None:
    assert printed(engine, image, "command -v gcc cc make git curl wget || true") == ""
    assert printed(engine, image, "python -c 'import pip' 2>/dev/null || echo none") == "none"


def test_it_says_which_version_it_is(engine: Engine, image: str) -> None:
    labels = inspected(engine, image)["Config"]["Labels"]
    assert labels["org.opencontainers.image.title"] == "nljctl"
    assert labels["org.opencontainers.image.version"] in printed(engine, image, "nljctl --version")


def test_what_its_build_was_lent_is_not_in_it(engine: Engine, image: str) -> None:
    assert printed(engine, image, "ls /etc/pip.conf /run/secrets 2>/dev/null || true") == ""
