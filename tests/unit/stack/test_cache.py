"""Assets are built once, whole or not at all."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from nljctl.errors import StackError
from nljctl.stack.local import cache
from nljctl.stack.local.cache import Asset


class _Builder:
    """Counts what it is asked to do; fails as often as it is told."""

    def __init__(self, failures: int = 0) -> None:
        self.runs = 0
        self._failures = failures

    def __call__(self, into: Path) -> None:
        self.runs += 1
        (into / "half").touch()
        if self.runs <= self._failures:
            raise StackError("broken", "mend it")
        (into / "whole").touch()


def _asset(build: _Builder, *inputs: bytes) -> Asset:
    return Asset("thing", "1.0", "Thing 1.0", inputs or (b"input",), build)


def _folders(within: Path) -> list[Path]:
    return [path for path in within.iterdir() if path.is_dir()]


def _nothing() -> None:
    """For builds that nobody watches."""


async def test_two_at_once_build_once(tmp_path: Path) -> None:
    build = _Builder()
    first, second = await asyncio.gather(*(cache.ensure(tmp_path, _asset(build), _nothing) for _ in range(2)))
    assert first == second
    assert build.runs == 1
    assert (first / "whole").exists()


async def test_a_failed_build_leaves_nothing_and_is_tried_again(tmp_path: Path) -> None:
    build = _Builder(failures=1)
    with pytest.raises(StackError):
        await cache.ensure(tmp_path, _asset(build), _nothing)
    assert _folders(tmp_path) == []
    assert (await cache.ensure(tmp_path, _asset(build), _nothing) / "whole").exists()


async def test_what_a_killed_build_left_is_cleared(tmp_path: Path) -> None:
    asset = _asset(_Builder())
    left = tmp_path / f".{cache.place(tmp_path, asset).name}.abc"
    left.mkdir()
    await cache.ensure(tmp_path, asset, _nothing)
    assert not left.exists()


async def test_another_input_is_another_folder(tmp_path: Path) -> None:
    assert await cache.ensure(tmp_path, _asset(_Builder(), b"one"), _nothing) != await cache.ensure(tmp_path, _asset(_Builder(), b"two"), _nothing)


def test_the_folder_is_the_named_one_else_the_users_cache() -> None:
    assert cache.folder({"NLJCTL_CACHE": "/named", "XDG_CACHE_HOME": "/xdg"}) == Path("/named")
    assert cache.folder({"XDG_CACHE_HOME": "/xdg"}) == Path("/xdg/nljctl")
    assert cache.folder({}) == Path.home() / ".cache" / "nljctl"
