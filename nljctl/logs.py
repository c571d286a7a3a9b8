"""Logs: one line per event on stderr, as text for people or JSON for programs. Fields travel in `extra`: `log.info("what", extra={"topic": …})`."""

from __future__ import annotations

import json
import logging
import sys
from datetime import UTC, datetime
from typing import Any, Literal

Format = Literal["text", "json"]

LOUD_LIBRARIES = ("aiokafka", "elastic_transport", "elasticsearch", "faststream", "httpcore", "httpx", "sqlalchemy", "uvicorn")
"""Shown from WARNING on: they log every request, or every message."""

REPEAT_SECONDS = 30.0

_KNOWN = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}


def configure(form: Format = "text", *, verbose: bool = False) -> None:
    """Sends every log to stderr in one form. `verbose` shows nljctl's own DEBUG too, and traces."""
    handler = logging.StreamHandler(sys.stderr)
    handler.addFilter(_Repeats())
    handler.setFormatter(_Json(traces=verbose) if form == "json" else _Text(traces=verbose))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.INFO)
    for name in LOUD_LIBRARIES:
        library = logging.getLogger(name)
        library.handlers.clear()
        library.propagate = True
        library.setLevel(logging.WARNING)
    logging.getLogger("nljctl").setLevel(logging.DEBUG if verbose else logging.INFO)


class _Repeats(logging.Filter):
    """Lets a library say the same thing once in a while: aiokafka says it hundreds of times a second when its broker is away."""

    def __init__(self) -> None:
        super().__init__()
        self._said: dict[tuple[str, str], tuple[float, int]] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        if record.name.startswith("nljctl"):
            return True
        said, kept_back = self._said.get((record.name, str(record.msg)), (-REPEAT_SECONDS, 0))
        if record.created - said < REPEAT_SECONDS:
            self._said[record.name, str(record.msg)] = said, kept_back + 1
            return False
        self._said[record.name, str(record.msg)] = record.created, 0
        if kept_back:
            record.repeated = kept_back
        return True


class _Line(logging.Formatter):
    """One line per event. A cause is one field of it; only `-v` adds its trace."""

    def __init__(self, *, traces: bool) -> None:
        super().__init__()
        self._traces = traces

    def fields(self, record: logging.LogRecord) -> dict[str, Any]:
        fields = {name: value for name, value in vars(record).items() if name not in _KNOWN}
        if record.exc_info and record.exc_info[1]:
            fields["cause"] = f"{type(record.exc_info[1]).__name__}: {record.exc_info[1]}"
            if self._traces:
                fields["trace"] = self.formatException(record.exc_info)
        return fields


class _Text(_Line):
    def format(self, record: logging.LogRecord) -> str:
        fields = " ".join(f"{name}={_bare(value)}" for name, value in self.fields(record).items())
        return f"{_time(record)} {record.levelname.lower():<7} {_source(record)}: {record.getMessage()}  {fields}".rstrip()


class _Json(_Line):
    def format(self, record: logging.LogRecord) -> str:
        line = {"at": _time(record), "level": record.levelname.lower(), "source": _source(record), "event": record.getMessage(), **self.fields(record)}
        return json.dumps(line, default=str, ensure_ascii=False)


def _time(record: logging.LogRecord) -> str:
    return datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _source(record: logging.LogRecord) -> str:
    return record.name.removeprefix("nljctl.")


def _bare(value: Any) -> str:
    text = str(value)
    return json.dumps(text, ensure_ascii=False) if not text or any(char in text for char in ' "=\n') else text
