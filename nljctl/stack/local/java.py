"""Finds a JDK and Maven, runs them, and says in one sentence what to install when they are missing."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from nljctl.errors import StackError

OLDEST = 17
INSTALLED = Path("/usr/lib/jvm")
"""Where Debian and its kin put every JDK."""

MAVEN_SECONDS = 900


@cache
def jdk(at_least: int = OLDEST) -> Path:
    """The home of a JDK of that version or newer: `$JAVA_HOME`, the one on the PATH, else the oldest of the installed ones that will do.

    Raises:
        StackError: there is none.
    """
    for home in _candidates():
        if (home / "bin" / "javac").is_file() and _version(home) >= at_least:
            return home
    raise StackError(
        f"Kafka and Elasticsearch need a JDK, version {at_least} or newer, and none was found",
        f"Install it (Debian, Ubuntu: apt-get install openjdk-{at_least}-jdk-headless), or point JAVA_HOME at one.",
        code="jdk-missing",
    )


def _candidates() -> Iterator[Path]:
    if named := os.environ.get("JAVA_HOME"):
        yield Path(named)
    if found := shutil.which("javac"):
        yield Path(found).resolve().parent.parent
    if INSTALLED.is_dir():
        yield from sorted((folder for folder in INSTALLED.iterdir() if (folder / "bin" / "javac").is_file()), key=_version)


def _version(home: Path) -> int:
    """The major version, from the file that every JDK carries."""
    try:
        found = re.search(r'JAVA_VERSION="(\d+)', (home / "release").read_text(encoding="utf-8"))
    except OSError:
        return 0
    return int(found[1]) if found else 0


def fetch(pom: Path, version: str, target: Path) -> None:
    """Lets Maven put a pom's dependencies into `target`.

    Raises:
        StackError: no Maven, or it failed.
    """
    maven = shutil.which("mvn")
    if maven is None:
        raise StackError(
            "Kafka and Elasticsearch are fetched by Maven, and mvn is not on the PATH",
            "Install it (Debian, Ubuntu: apt-get install maven).",
            code="maven-missing",
        )
    # A copy: Maven reads and writes beside its pom, and the package's own folder may be read-only.
    copy = target.parent / "pom.xml"
    shutil.copyfile(pom, copy)
    run(
        [maven, "-q", "-B", "-f", str(copy), f"-Dservice.version={version}", "dependency:copy-dependencies", f"-DoutputDirectory={target}"],
        f"Maven could not fetch {pom.stem.removesuffix('-pom')} {version}",
        "Check the network and Maven's settings, then run it again.",
        environment={**os.environ, "JAVA_HOME": str(jdk())},
    )
    copy.unlink()


def compile_to(target: Path, sources: list[Path], libraries: Path, *, release: int) -> None:
    """Compiles sources against a folder of jars."""
    run(
        [str(jdk(release) / "bin" / "javac"), "--release", str(release), "-cp", f"{libraries}/*", "-d", str(target), *map(str, sources)],
        "the Elasticsearch launcher could not be compiled",
        "This is a defect of nljctl; the lines above are the compiler's.",
    )


def run(command: list[str], failed: str, hint: str, *, environment: dict[str, str] | None = None) -> None:
    """Runs a build step; its last lines become part of the error.

    Raises:
        StackError: it failed or took too long.
    """
    try:
        done = subprocess.run(  # noqa: S603 - fixed commands, no shell
            command, env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True, errors="replace", timeout=MAVEN_SECONDS, check=False
        )
    except (OSError, subprocess.TimeoutExpired) as problem:
        raise StackError(f"{failed}: {problem}", hint) from problem
    if done.returncode:
        lines = [line for line in (done.stdout + done.stderr).splitlines() if line.strip()]
        raise StackError(f"{failed}: {' / '.join(lines[:1] + lines[-4:] if len(lines) > 5 else lines) or f'exit code {done.returncode}'}", hint)
