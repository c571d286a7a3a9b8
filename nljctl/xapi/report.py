"""What the explain path finds, in the order of the statement: each error with its rule, place, sentence and section."""

from __future__ import annotations

import json
from typing import Any, Final

from nljctl.judgement import Violation
from nljctl.xapi.pointer import Path, pointer
from nljctl.xapi.rules import RULES

MAX_ERRORS: Final = 1_000
"""A statement of 10 MB may hold a million errors; nobody reads more than these, and the time to judge stays bounded."""

_EXCERPT: Final = 60
_TYPES: Final = ((bool, "true or false"), (str, "a string"), (int, "a number"), (float, "a number"), (list, "an array"), (dict, "an object"))


class FullError(Exception):
    """The report holds as many errors as it takes: the walk ends."""


class Report:
    """The errors of one statement."""

    def __init__(self) -> None:
        self.errors: list[Violation] = []

    def add(self, rule: str, path: Path, message: str) -> None:
        """Notes one error.

        Raises:
            FullError: there are MAX_ERRORS of them.
        """
        self.errors.append(Violation(rule, pointer(path), message, RULES[rule].section))
        if len(self.errors) >= MAX_ERRORS:
            raise FullError

    def must_be(self, rule: str, path: Path, wanted: str, value: Any) -> None:
        """Notes that the value at a place is not what it must be."""
        if value is None:
            self.null(path)
        else:
            self.add(rule, path, f"{name_of(path)} must be {wanted}; it is {excerpt(value)}.")

    def null(self, path: Path) -> None:
        """Notes a null where there must be a value or nothing."""
        self.add("XAPI-00001", path, f"{name_of(path)} is null, which only extensions may hold; leave it out or give it a value.")


def name_of(path: Path) -> str:
    """How a sentence names the place: the last member's name, in quotes."""
    if not path:
        return "The statement"
    last = path[-1]
    return f'Item {last + 1} of "{path[-2]}"' if isinstance(last, int) else f'"{_short(last)}"'


def excerpt(value: Any) -> str:
    """A value as a sentence shows it: short ones whole, others by their type."""
    if isinstance(value, str):
        return json.dumps(_short(value), ensure_ascii=False) if value else "empty"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (int, float)):
        return f"the number {_short(repr(value))}"
    return next((words for type_, words in _TYPES if isinstance(value, type_)), "null")


def _short(text: str) -> str:
    return text if len(text) <= _EXCERPT else text[: _EXCERPT - 1] + "…"
