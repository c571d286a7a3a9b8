"""One platform where everything is encrypted and authenticated, for all tests of this folder."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from secured_platform import Platform, secured_platform


@pytest.fixture(scope="module")
def platform(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Platform]:
    folder: Path = tmp_path_factory.mktemp("secured")
    with secured_platform(folder) as made:
        yield made
