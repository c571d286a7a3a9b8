"""What is said of each line, and of all of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Set
from dataclasses import dataclass, field
from typing import Any, Final

import msgspec

from nljctl.judge import ALL_REPAIRS, judge
from nljctl.judgement import Judgement, Origin, Verdict, Violation
from nljctl.validation.topic import topic_of
from nljctl.xapi.decode import decode
from nljctl.xapi.explain import repeated_ids
from nljctl.xapi.report import MAX_ERRORS
from nljctl.xapi.rules import RULES

_EXAMPLES: Final = 3


class LineResult(msgspec.Struct, frozen=True):
    """One line of input, counted from 1. A repaired statement is valid; `id` is the statement's own, in lower case; warnings reject nothing."""

    line: int
    valid: bool
    id: str | None
    event: str | None
    repairs: tuple[str, ...]
    errors: tuple[Violation, ...]
    warnings: tuple[Violation, ...] = ()


@dataclass(slots=True)
class Totals:
    """Counts over all lines so far; of each rule that was broken, and of each repair, also the first lines."""

    statements: int = 0
    valid: int = 0
    repaired: int = 0
    invalid: int = 0
    by_rule: Counter[str] = field(default_factory=Counter)
    by_repair: Counter[str] = field(default_factory=Counter)
    examples: dict[str, list[tuple[int, Violation]]] = field(default_factory=dict)

    def add(self, result: LineResult) -> None:
        """Counts one line; a rule once, however often the line breaks it."""
        self.statements += 1
        if not result.valid:
            self.invalid += 1
        elif result.repairs:
            self.repaired += 1
        else:
            self.valid += 1
        self.by_repair.update(result.repairs)
        for rule, error in {error.rule: error for error in reversed(result.errors)}.items():
            self.by_rule[rule] += 1
            examples = self.examples.setdefault(rule, [])
            if len(examples) < _EXAMPLES:
                examples.append((result.line, error))

    def counts(self) -> Mapping[str, Any]:
        return {
            "statements": self.statements,
            "valid": self.valid,
            "repaired": self.repaired,
            "invalid": self.invalid,
            "by_rule": dict(self.by_rule.most_common()),
            "by_repair": dict(self.by_repair.most_common()),
        }


def validate(lines: Iterable[bytes], *, strict: bool = False, topic: str | None = None) -> Iterator[LineResult]:
    """Judges each line: a statement, or a batch of them in an array, which is valid if all are and no id occurs twice.

    Args:
        lines: what was read.
        strict: make no repairs.
        topic: the topic that the statements are of, by which events are told; without it the one that fits.
    """
    repairs = frozenset[str]() if strict else ALL_REPAIRS
    for number, line in enumerate(lines, 1):
        if line.lstrip()[:1] == b"[":
            yield _of_batch(line, number, repairs, topic)
        else:
            yield _of_statement(judge(line, Origin(topic or topic_of(line), 0, number, 0), repairs=repairs), number)


def _of_statement(judged: Judgement, number: int) -> LineResult:
    id_ = judged.id if judged.id_given or judged.verdict is Verdict.REJECTED else None
    return LineResult(number, judged.verdict is not Verdict.REJECTED, id_, judged.event, judged.repairs, judged.errors, judged.warnings)


def _of_batch(line: bytes, number: int, repairs: Set[str], topic: str | None) -> LineResult:
    decoded = decode(line)
    if decoded.reason is not None or not isinstance(decoded.value, list):
        return LineResult(number, False, None, None, (), decoded.errors)
    if not decoded.value:
        return LineResult(number, False, None, None, (), (Violation("XAPI-00014", "", "The batch holds no statement.", RULES["XAPI-00014"].section),))
    made, errors = dict[str, None](), list(decoded.errors)
    for index, one in enumerate(msgspec.json.decode(line, type=list[msgspec.Raw])):
        statement = bytes(one)
        judged = judge(statement, Origin(topic or topic_of(statement), 0, number, 0), repairs=repairs)
        made.update(dict.fromkeys(judged.repairs))
        errors += [Violation(error.rule, f"/{index}{error.pointer}", error.message, error.section) for error in judged.errors]
        if len(errors) >= MAX_ERRORS:  # a batch of 10 MB may hold a hundred thousand wrong ones; nobody reads more, and the time stays bounded
            return LineResult(number, False, None, None, (), tuple(dict.fromkeys(errors))[:MAX_ERRORS])
    errors += repeated_ids(decoded.value)
    return LineResult(number, not errors, None, None, () if errors else tuple(made), tuple(dict.fromkeys(errors)))
