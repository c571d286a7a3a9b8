"""A command that goes on when its terminal goes away: what it has begun must not hang on somebody's connection."""

from __future__ import annotations

import os
import signal
import sys
from typing import Any, TextIO, cast


def outlive_the_terminal() -> None:
    """From now on a hang-up is ignored, and what cannot be written any more is dropped."""
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    sys.stdout, sys.stderr = _lasting(sys.stdout), _lasting(sys.stderr)


class _Lasting:
    """A stream whose reader may go away."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def write(self, text: str) -> int:
        try:
            return self._stream.write(text)
        except OSError:
            self._forget()
            return len(text)

    def flush(self) -> None:
        try:
            self._stream.flush()
        except OSError:
            self._forget()

    def _forget(self) -> None:
        """What is still buffered goes nowhere, now and when the interpreter ends."""
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, self._stream.fileno())
        os.close(nowhere)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)


def _lasting(stream: TextIO | None) -> TextIO:
    """The stream, made to last. A process that was started without one gets one that goes nowhere."""
    return cast("TextIO", _Lasting(stream or open(os.devnull, "w")))
