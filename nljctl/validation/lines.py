"""The lines of a file or of standard input, gzipped or not, each in bounded memory however long it is."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Iterator
from io import BufferedIOBase
from typing import Final

from nljctl.errors import UsageError
from nljctl.judge import MAX_BYTES

STDIN: Final = "-"
_GZIP: Final = b"\x1f\x8b"
_BOM: Final = b"\xef\xbb\xbf"
_LIMIT: Final = MAX_BYTES + 3
"""So much of a line is kept: enough to see that it is too large, line end included."""


def lines(name: str) -> Iterator[bytes]:
    """The lines without their ends (`\\n` or `\\r\\n`); of one that is too large to be judged only the beginning.

    `-` is standard input. What begins as gzip does is unpacked, whatever its name; a byte order mark before the first line is the
    file's, not the statement's, and is left out.

    Raises:
        UsageError: the file cannot be opened, or cannot be read to its end.
    """
    try:
        with open(0 if name == STDIN else name, "rb", closefd=name != STDIN) as file:
            if file.peek(len(_GZIP)).startswith(_GZIP):
                with gzip.open(file, "rb") as unpacked:
                    yield from _split(unpacked)
            else:
                yield from _split(file)
    except (OSError, EOFError, zlib.error) as problem:
        cause = problem.strerror if isinstance(problem, OSError) and problem.strerror else str(problem)
        source = "standard input" if name == STDIN else name
        raise UsageError(f"{source} cannot be read: {cause}", "Name a readable file of one statement a line; - is standard input.") from problem


def _split(stream: BufferedIOBase) -> Iterator[bytes]:
    first = True
    while line := stream.readline(_LIMIT):
        if len(line) == _LIMIT and not line.endswith(b"\n"):
            _skip_line(stream)
        if first:
            line, first = line.removeprefix(_BOM), False
        yield line.removesuffix(b"\n").removesuffix(b"\r")


def _skip_line(stream: BufferedIOBase) -> None:
    while (rest := stream.readline(_LIMIT)) and not rest.endswith(b"\n"):
        pass
