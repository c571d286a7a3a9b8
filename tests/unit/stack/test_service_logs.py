"""The last lines of a log, however large, and those to come."""

from __future__ import annotations

from pathlib import Path

import pytest

from nljctl.stack.local import logs


@pytest.mark.parametrize("count", [0, 1, 3, 2_000])
def test_the_last_lines_are_the_last_lines(tmp_path: Path, count: int) -> None:
    written = [f"line {number} {'x' * 90}" for number in range(2_000)]
    (tmp_path / "log").write_text("\n".join(written) + "\n")
    assert logs.last(tmp_path / "log", count) == written[len(written) - count :]


def test_no_file_has_no_lines(tmp_path: Path) -> None:
    assert logs.last(tmp_path / "log", 5) == []


async def test_following_gives_new_lines_whole(tmp_path: Path) -> None:
    path = tmp_path / "log"
    path.write_text("old\n")
    follower = logs.read({"service": path}, lines=1, follow=True)
    assert await anext(follower) == ("service", "old")
    with path.open("a") as file:
        file.write("ne")
        file.flush()
        file.write("w\n")
    assert await anext(follower) == ("service", "new")
    await follower.aclose()
