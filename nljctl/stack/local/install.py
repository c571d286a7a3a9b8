"""What a local stack is made of, and how each part comes onto this machine."""

from __future__ import annotations

import asyncio
import os
import shutil
import sys
import zipfile
from collections.abc import Callable, Mapping
from importlib.resources import as_file, files
from pathlib import Path

from nljctl.errors import NljctlError, StackError
from nljctl.stack.local import cache, java
from nljctl.stack.local.cache import Asset

KAFKA_VERSION = "4.1.1"
ELASTICSEARCH_VERSIONS: Mapping[str, str] = {"8": "8.19.21", "9": "9.2.2"}
ELASTICSEARCH_JAVA: Mapping[str, int] = {"8": 17, "9": 21}
RALPH_VERSION = "5.1.0"

KAFKA, ELASTICSEARCH, RALPH = "kafka", "elasticsearch", "ralph"

_HERE = files("nljctl.stack.local")
_JVM = files("nljctl.stack.local.jvm")
_ROOT_DESCRIPTOR = """\
description=Answers GET /
version={version}
name=root
java.version={java}
elasticsearch.version={version}
classname=nljctl.RootPlugin
"""


def assets(elasticsearch: str) -> dict[str, Asset]:
    """Every asset by name; `elasticsearch` is the major version wanted, "8" or "9".

    Raises:
        StackError: there is no such Elasticsearch.
    """
    if elasticsearch not in ELASTICSEARCH_VERSIONS:
        raise StackError(f"NLJCTL_ELASTICSEARCH_VERSION is {elasticsearch}, which a local stack cannot run", "Use 8 or 9.", code="bad-configuration")
    version = ELASTICSEARCH_VERSIONS[elasticsearch]
    read = [(_JVM / name).read_bytes() for name in ("kafka-pom.xml", "elasticsearch-pom.xml", "ElasticsearchNode.java", "RootPlugin.java")]
    lock = (_HERE / "ralph-requirements.lock").read_bytes()
    found = (
        Asset(KAFKA, KAFKA_VERSION, f"Apache Kafka {KAFKA_VERSION}", (read[0],), _kafka),
        Asset(ELASTICSEARCH, version, f"Elasticsearch {version}", tuple(read[1:]), lambda into: _elasticsearch(into, elasticsearch)),
        Asset(RALPH, RALPH_VERSION, f"Ralph {RALPH_VERSION}", (lock, sys.version.encode(), sys.base_prefix.encode()), _ralph),
    )
    return {asset.name: asset for asset in found}


async def install(into: Path, name: str, *, elasticsearch: str, building: Callable[[str], None]) -> Path:
    """The folder of an asset; built if it is missing, and then `building` is told so.

    Raises:
        StackError: it cannot be built: what is missing, or the tool's own last words.
    """
    asset = assets(elasticsearch)[name]
    return await cache.ensure(into, asset, lambda: building(f"installing {asset.title}"))


def _kafka(into: Path) -> None:
    with as_file(_JVM / "kafka-pom.xml") as pom:
        java.fetch(pom, KAFKA_VERSION, into / "lib")


def _elasticsearch(into: Path, major: str) -> None:
    """A node's home: `lib` for the class path, and as modules the HTTP transport and the answer to `GET /`."""
    version, release = ELASTICSEARCH_VERSIONS[major], ELASTICSEARCH_JAVA[major]
    java.jdk(release)
    with as_file(_JVM / "elasticsearch-pom.xml") as pom:
        java.fetch(pom, version, into / "lib")
    classes = into / "classes"
    with as_file(_JVM / "ElasticsearchNode.java") as node, as_file(_JVM / "RootPlugin.java") as root:
        java.compile_to(classes, [node, root], into / "lib", release=release)
    for empty in ("config", "plugins"):
        (into / empty).mkdir()
    _transport_module(into, version)
    _root_module(into, classes, version, release)


def _transport_module(into: Path, version: str) -> None:
    """Elasticsearch loads its transport in a class loader of its own: its jars leave the class path."""
    module = into / "modules" / "transport-netty4"
    module.mkdir(parents=True)
    transport = into / "lib" / f"transport-netty4-{version}.jar"
    with zipfile.ZipFile(transport) as jar:
        descriptor = jar.read("META-INF/es-plugins/transport-netty4/plugin-descriptor.properties").decode()
    # A named module is resolved from a module path, which this node does not have.
    lines = ("modulename=" if line.startswith("modulename=") else line for line in descriptor.splitlines())
    (module / "plugin-descriptor.properties").write_text("\n".join(lines) + "\n", encoding="utf-8")
    for jar_file in (transport, *(into / "lib").glob("netty-*.jar")):
        jar_file.rename(module / jar_file.name)


def _root_module(into: Path, classes: Path, version: str, release: int) -> None:
    module = into / "modules" / "root"
    module.mkdir()
    (module / "plugin-descriptor.properties").write_text(_ROOT_DESCRIPTOR.format(version=version, java=release), encoding="utf-8")
    with zipfile.ZipFile(module / "root.jar", "w") as jar:
        for compiled in (classes / "nljctl").glob("*.class"):
            jar.write(compiled, compiled.relative_to(classes))
    shutil.rmtree(classes / "nljctl")


def _ralph(into: Path) -> None:
    """A virtual environment of its own: Ralph pins versions that nljctl does not share. Used as `bin/python -m …` only, so it may be moved."""
    hint = "Check the network and pip's settings, then run it again."
    needs = "Install Python's venv module (Debian, Ubuntu: apt-get install python3-venv)."
    java.run([sys.executable, "-m", "venv", str(into)], "Ralph's virtual environment could not be made", needs)
    with as_file(_HERE / "ralph-requirements.lock") as lock:
        pip = [str(into / "bin" / "python"), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps", "-r", str(lock)]
        java.run(pip, f"Ralph {RALPH_VERSION} could not be installed", hint)


def main() -> int:
    """Installs everything that a local stack may need; for `scripts/setup`."""

    async def all_of_it() -> None:
        into = cache.folder(os.environ)
        major = os.environ.get("NLJCTL_ELASTICSEARCH_VERSION") or min(ELASTICSEARCH_VERSIONS)
        for name in assets(major):
            await install(into, name, elasticsearch=major, building=_say)
        java.jdk(ELASTICSEARCH_JAVA[major])

    try:
        asyncio.run(all_of_it())
    except NljctlError as problem:
        _say(f"{problem.message}. {problem.hint}")
        return problem.exit_code
    return 0


def _say(what: str) -> None:
    sys.stderr.write(f"setup: {what}\n")


if __name__ == "__main__":
    sys.exit(main())
