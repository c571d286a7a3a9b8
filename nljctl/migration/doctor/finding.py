"""A check is a row: its name, the facts that it needs, and a function from those facts to what is found. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

Status = Literal["ok", "warning", "failed", "skipped"]


@dataclass(frozen=True, slots=True)
class Finding:
    """What a check came to. `fix`: what to do about it, a command to type where there is one."""

    status: Status
    detail: str
    fix: str = ""


@dataclass(frozen=True, slots=True)
class Away:
    """Why the facts of a source are not known. `expected`: somebody should have answered."""

    source: str
    reason: str
    hint: str = ""
    expected: bool = True


@dataclass(frozen=True, slots=True)
class Check:
    """`find` is called with the facts that `needs` names, in that order. `reaches`: the check is whether its facts can be had at all."""

    name: str
    needs: tuple[type[Any], ...]
    find: Callable[..., Finding]
    reaches: bool = False


Known: TypeAlias = Mapping[type[Any], Any]
"""Facts by their type; an Away where there are none."""


def ok(detail: str) -> Finding:
    return Finding("ok", detail)


def warning(detail: str, fix: str = "") -> Finding:
    return Finding("warning", detail, fix)


def failed(detail: str, fix: str = "") -> Finding:
    return Finding("failed", detail, fix)


def skipped(detail: str) -> Finding:
    return Finding("skipped", detail)


def examine(checks: Iterable[Check], known: Known) -> list[tuple[str, Finding]]:
    """Every check by name, with what it found; `skipped`, with the reason, where a source is away."""
    return [(check.name, _examined(check, [known[need] for need in check.needs])) for check in checks]


def _examined(check: Check, facts: Sequence[Any]) -> Finding:
    away = next((fact for fact in facts if isinstance(fact, Away)), None)
    if away is None:
        return check.find(*facts)
    if check.reaches and away.expected:
        return failed(away.reason, away.hint)
    return skipped(f"{away.source}: {away.reason}")


def listed(things: Iterable[object], most: int = 5) -> str:
    """Some of many, for a sentence."""
    named = [str(thing) for thing in things]
    return ", ".join(named[:most]) + (f" and {len(named) - most} more" if len(named) > most else "")
