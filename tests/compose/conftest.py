"""One Docker Engine and one image for all of these tests."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from deployment import copy_of_the_checkout
from engine import ROOT, Engine, prepared

# What the platform's rows must be in the end.
sys.path[1:1] = [str(ROOT / "tests" / folder) for folder in ("move", "property")]

BUILD_SECONDS = 600
SECRETS = {"pip_conf": "/etc/pip.conf", "ca_bundle": "/etc/ssl/certs/ca-certificates.crt"}


@pytest.fixture(scope="session")
def engine() -> Iterator[Engine]:
    """An engine that answers; skips, and says why, where there can be none."""
    with prepared() as answering, pytest.MonkeyPatch.context() as patch:
        if host := answering.env.get("DOCKER_HOST"):
            patch.setenv("DOCKER_HOST", host)  # what of nljctl runs in the tests' own process asks the same engine
        yield answering


@pytest.fixture(scope="session")
def image(engine: Engine) -> Iterator[str]:
    """The image, built from a clean checkout. Its layers stay in the engine's build cache."""
    clone = copy_of_the_checkout()
    content = b"".join((clone / name).read_bytes() for name in sorted(str(path.relative_to(clone)) for path in clone.rglob("*") if path.is_file()))
    name = f"nljctl-test/nljctl:{hashlib.sha256(content).hexdigest()[:12]}"
    given = [word for secret, path in SECRETS.items() if Path(path).exists() for word in ("--secret", f"id={secret},src={path}")]
    built = subprocess.run(
        ["docker", "build", "-f", "Dockerfile.faststream", "-t", name, *given, "."],
        cwd=clone,
        env=engine.env,
        capture_output=True,
        text=True,
        timeout=BUILD_SECONDS,
    )
    shutil.rmtree(clone.parent)
    assert built.returncode == 0, built.stderr
    yield name
    subprocess.run(["docker", "image", "rm", name], env=engine.env, capture_output=True)
