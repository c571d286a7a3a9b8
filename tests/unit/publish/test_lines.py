"""Files are read line by line, as they are."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from nljctl.errors import UsageError
from nljctl.publish.lines import check_readable, lines
from nljctl.publish.record import statement_id


async def read(path: Path) -> list[bytes]:
    return [line async for line in lines(str(path))]


async def test_lines_come_as_they_are(tmp_path: Path) -> None:
    path = tmp_path / "statements.ndjson"
    path.write_bytes(b'{"id":"1"}\n\nnot json \xff\r\n{"id":"2"}')

    assert await read(path) == [b'{"id":"1"}', b"", b"not json \xff\r", b'{"id":"2"}']


async def test_a_line_longer_than_what_is_read_at_once_stays_whole(tmp_path: Path) -> None:
    path = tmp_path / "long.ndjson"
    path.write_bytes(b"x" * 3_000_000 + b"\n" + b"y")

    assert [len(line) for line in await read(path)] == [3_000_000, 1]


async def test_gzip_is_unpacked(tmp_path: Path) -> None:
    path = tmp_path / "statements.ndjson.gz"
    path.write_bytes(gzip.compress(b"one\ntwo\n"))

    assert await read(path) == [b"one", b"two"]


async def test_a_truncated_gzip_is_said(tmp_path: Path) -> None:
    path = tmp_path / "statements.ndjson.gz"
    path.write_bytes(gzip.compress(b"one\n" * 100_000)[:-20])

    with pytest.raises(UsageError, match="cannot be read"):
        await read(path)


async def test_what_is_no_gzip_is_said(tmp_path: Path) -> None:
    path = tmp_path / "statements.ndjson.gz"
    path.write_bytes(b"one\n")

    with pytest.raises(UsageError, match="cannot be read"):
        await read(path)


@pytest.mark.parametrize("name", ["missing.ndjson", "missing.ndjson.gz", "."])
def test_an_unreadable_file_is_said_before_anything_is_connected(tmp_path: Path, name: str) -> None:
    with pytest.raises(UsageError, match="cannot be read"):
        check_readable(str(tmp_path / name))


@pytest.mark.parametrize(
    ("value", "expected"),
    [(b'{"verb":{},"id":"A-1"}', "A-1"), (b'{"id":7}', None), (b"[]", None), (b"", None), (b'{"id":"x', None), (b'{"id":"\xff"}', None)],
)
def test_an_id_is_taken_where_there_is_one(value: bytes, expected: str | None) -> None:
    assert statement_id(value) == expected
