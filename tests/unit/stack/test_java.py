"""A missing JDK or Maven is said in one sentence, with the package to install."""

from __future__ import annotations

from pathlib import Path

import pytest

from nljctl.errors import StackError
from nljctl.stack.local import java


@pytest.fixture(autouse=True)
def _bare_machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("JAVA_HOME", raising=False)
    monkeypatch.setattr(java, "INSTALLED", tmp_path / "jvm")
    java.jdk.cache_clear()


def _jdk(folder: Path, version: str) -> Path:
    (folder / "bin").mkdir(parents=True)
    (folder / "bin" / "javac").touch()
    (folder / "release").write_text(f'IMPLEMENTOR="Someone"\nJAVA_VERSION="{version}"\n')
    return folder


def test_no_jdk_names_the_package() -> None:
    with pytest.raises(StackError) as failed:
        java.jdk()
    assert "apt-get install openjdk-17-jdk-headless" in failed.value.hint


def test_no_maven_names_the_package(tmp_path: Path) -> None:
    with pytest.raises(StackError) as failed:
        java.fetch(tmp_path / "pom.xml", "1", tmp_path / "lib")
    assert "apt-get install maven" in failed.value.hint


def test_a_jdk_that_is_too_old_does_not_count(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JAVA_HOME", str(_jdk(tmp_path / "old", "11.0.2")))
    with pytest.raises(StackError):
        java.jdk()


def test_java_home_comes_before_what_is_installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _jdk(tmp_path / "jvm" / "one", "17.0.1")
    chosen = _jdk(tmp_path / "chosen", "21")
    monkeypatch.setenv("JAVA_HOME", str(chosen))
    assert java.jdk() == chosen


def test_the_oldest_installed_jdk_that_will_do_is_taken(tmp_path: Path) -> None:
    for name, version in (("a", "25"), ("b", "21.0.4"), ("c", "17.0.9")):
        _jdk(tmp_path / "jvm" / name, version)
    assert java.jdk(21) == tmp_path / "jvm" / "b"
