"""Gates: what must hold before effects change hands, and while they do. One table, one interpreter. Pure.

A gate is `name OP value`. Words are ordered from best to worst, so `compare<=explained` also takes `same`. A gate without data is not met.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from nljctl.errors import UsageError

Value = float | str
Command = Literal["shift", "cutover"]

OPERATORS: Mapping[str, Callable[[Any, Any], bool]] = {
    "<=": operator.le,
    ">=": operator.ge,
    "==": operator.eq,
    "=": operator.eq,
    "<": operator.lt,
    ">": operator.gt,
}


@dataclass(frozen=True, slots=True)
class Gate:
    """One gate.

    Attributes:
        default: operator and value that hold unless `--gate` says otherwise.
        meaning: for people.
        words: its values from best to worst; empty for a number.
        unit: what its numbers count.
        compares: it needs a comparison, which reads log and indices whole: it is looked at once per step, not all the time.
        commands: where it is asked.
    """

    name: str
    default: str
    meaning: str
    words: tuple[str, ...] = ()
    unit: str = ""
    compares: bool = False
    commands: tuple[Command, ...] = ("shift", "cutover")


GATES: tuple[Gate, ...] = (
    Gate("compare", "<=explained", "the verdict of a comparison made now", words=("same", "explained", "differs"), compares=True),
    Gate("lag", "<=1000", "records that the slower of both pipelines is behind the log's end", unit="records"),
    Gate("validation", ">=95", "valid statements of all that faststream has judged", unit="%"),
    Gate("dead_letters", "<=5", "dead letters among the last 10,000 records", unit="%"),
    Gate("refused", "<=0", "effects that the platform refused since the newest epoch", unit="effects"),
    Gate("health", "<=degraded", "the worst component of `nljctl health`", words=("healthy", "degraded", "unhealthy")),
    Gate("history", "<=0", "statements that only the legacy index has", unit="statements", compares=True, commands=("cutover",)),
)

BY_NAME: Mapping[str, Gate] = {gate.name: gate for gate in GATES}

_EXPRESSION = re.compile(r"\s*(?P<name>[a-z_]+)\s*(?P<operator><=|>=|==|=|<|>)\s*(?P<limit>[^\s<>=]+)\s*")
_NUMBER = re.compile(r"\d{1,15}(\.\d{1,6})?")


@dataclass(frozen=True, slots=True)
class Condition:
    """A gate with its operator and limit."""

    gate: Gate
    operator: str
    limit: Value

    @property
    def expression(self) -> str:
        return f"{self.gate.name}{self.operator}{shown(self.limit)}"

    def met(self, value: Value | None) -> bool:
        """Whether a value passes; nothing passes without data."""
        if value is None:
            return False
        return OPERATORS[self.operator](self._rank(value), self._rank(self.limit))

    def _rank(self, value: Value) -> float:
        return self.gate.words.index(str(value)) if self.gate.words else float(value)


@dataclass(frozen=True, slots=True)
class Found:
    """A gate's value as it was found; None where there is none, and then `detail` says why. `evidence`: the folder of the comparison behind it."""

    value: Value | None
    detail: str = ""
    evidence: str | None = None


@dataclass(frozen=True, slots=True)
class Judged:
    """A condition held against what was found."""

    condition: Condition
    found: Found

    @property
    def met(self) -> bool:
        return self.condition.met(self.found.value)

    @property
    def words(self) -> str:
        """`lag is 2300, not <=1000`, for the reason of an epoch."""
        gate, value = self.condition.gate, self.found.value
        state = f"has no value ({self.found.detail})" if value is None else f"is {shown(value)}{f' {gate.unit}' if gate.unit else ''}"
        return f"{gate.name} {state}, {'as' if self.met else 'not'} {self.condition.expression.removeprefix(gate.name)}"

    def document(self) -> dict[str, Any]:
        return {
            "name": self.condition.gate.name,
            "expression": self.condition.expression,
            "value": self.found.value,
            "met": self.met,
            "detail": self.found.detail,
        }


@dataclass(frozen=True, slots=True)
class Verdict:
    """All gates of one look."""

    judged: tuple[Judged, ...] = field(default=())

    @property
    def broken(self) -> tuple[Judged, ...]:
        return tuple(one for one in self.judged if not one.met)

    @property
    def words(self) -> str:
        """What is not met, in one line; that all is met otherwise."""
        return "; ".join(one.words for one in self.broken) or f"{len(self.judged)} gates met"

    @property
    def evidence(self) -> str | None:
        return next((one.found.evidence for one in self.judged if one.found.evidence), None)

    def document(self) -> list[dict[str, Any]]:
        return [one.document() for one in self.judged]


def conditions(command: Command, expressions: Iterable[str]) -> tuple[Condition, ...]:
    """The conditions of a command: the defaults, with those replaced that `expressions` name.

    Raises:
        UsageError: an expression cannot be read, names no gate of this command, or one that was named before.
    """
    known = {gate.name: parse(f"{gate.name}{gate.default}") for gate in GATES if command in gate.commands}
    given: dict[str, Condition] = {}
    for expression in expressions:
        condition = parse(expression)
        name = condition.gate.name
        if name not in known:
            raise UsageError(f"--gate {expression}: {name} is no gate of {command}", f"Gates of {command}: {_listed(known.values())}.")
        if name in given:
            raise UsageError(f"--gate names {name} twice", "One expression per gate.")
        given[name] = condition
    return tuple(given.get(name, condition) for name, condition in known.items())


def parse(expression: str) -> Condition:
    """Reads `name OP value`.

    Raises:
        UsageError: it is something else; says what is allowed.
    """
    read = _EXPRESSION.fullmatch(expression)
    if read is None:
        raise UsageError(f"--gate {expression} cannot be read", f"It is NAME OP VALUE without more, such as 'lag<=1000'; OP is one of {' '.join(OPERATORS)}.")
    gate = BY_NAME.get(read["name"])
    if gate is None:
        raise UsageError(f"--gate {expression}: there is no gate {read['name']}", f"Gates: {', '.join(BY_NAME)}.")
    return Condition(gate, read["operator"], _limit(gate, read["limit"], expression))


def judge(wanted: Sequence[Condition], found: Mapping[str, Found]) -> Verdict:
    """Holds every condition against what was found under its gate's name."""
    return Verdict(tuple(Judged(condition, found.get(condition.gate.name, Found(None, "it was not looked at"))) for condition in wanted))


def shown(value: Value) -> str:
    """A value as people write it: no trailing zeros."""
    return value if isinstance(value, str) else f"{value:.15g}"


def _limit(gate: Gate, words: str, expression: str) -> Value:
    if gate.words:
        if words not in gate.words:
            raise UsageError(f"--gate {expression}: {words} is no value of {gate.name}", f"From best to worst: {', '.join(gate.words)}.")
        return words
    if not _NUMBER.fullmatch(words):
        raise UsageError(f"--gate {expression}: {words} is no number", f"{gate.name} counts {gate.unit}, such as '{gate.name}{gate.default}'.")
    return float(words)


def _listed(known: Iterable[Condition]) -> str:
    return ", ".join(condition.expression for condition in known)
