"""What the explain path finds, in the order of the statement: each error with its rule, place, sentence and section."""

from __future__ import annotations

import json
from typing import Any, Final

from nljctl.judgement import Violation
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

    def add(self, rule: str, pointer: str, message: str) -> None:
        """Notes one error.

        Raises:
            FullError: there are MAX_ERRORS of them.
        """
        self.errors.append(Violation(rule, pointer, message, RULES[rule].section))
        if len(self.errors) >= MAX_ERRORS:
            raise FullError

    def must_be(self, rule: str, pointer: str, wanted: str, value: Any) -> None:
        """Notes that the value at `pointer` is not what it must be."""
        if value is None:
            self.null(pointer)
        else:
            self.add(rule, pointer, f"{name_of(pointer)} must be {wanted}; it is {excerpt(value)}.")

    def null(self, pointer: str) -> None:
        """Notes a null where there must be a value or nothing."""
        self.add("XAPI-00001", pointer, f"{name_of(pointer)} is null, which only extensions may hold; leave it out or give it a value.")


def join(pointer: str, name: str | int) -> str:
    """The JSON pointer of a member or item (RFC 6901)."""
    token = name.replace("~", "~0").replace("/", "~1") if isinstance(name, str) else str(name)
    return f"{pointer}/{token}"


def name_of(pointer: str) -> str:
    """How a sentence names the place: the last member's name, in quotes."""
    if not pointer:
        return "The statement"
    *parents, last = (token.replace("~1", "/").replace("~0", "~") for token in pointer.split("/")[1:])
    if last.isdigit() and parents:
        return f'Item {int(last) + 1} of "{parents[-1]}"'
    return f'"{_short(last)}"'


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
