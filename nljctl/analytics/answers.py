"""The answers to a survey's questions, counted: by question, by what was answered, by who answered, by day, by group."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final

from nljctl.analytics import vocabulary as words
from nljctl.analytics.days import day_of
from nljctl.analytics.view import DAY, View, by

NO_RESPONSE: Final = "no_response"
NOT_SPECIFIED: Final = "not_specified"

_NUMBER: Final = re.compile(r"[+-]?\d+(?:\.\d+)?", re.ASCII)
_ASKED: Final = (by(words.QUESTION), by(words.OBJECT, needed=True))
_WHO: Final = by((words.MBOX, words.ACCOUNT), needed=True)


@dataclass(slots=True)
class Answers:
    """Answers that were counted together.

    Attributes:
        responses: how often each response was given; `no_response` for answers without one.
        values: how often each number: the response where it is one, else the raw score.
        scores: how often each scaled score.
        respondents: who answered, by mail address, else by account.
        types: how often each pair of question type and interaction type.
    """

    responses: Counter[str] = field(default_factory=Counter)
    values: Counter[float] = field(default_factory=Counter)
    scores: Counter[float] = field(default_factory=Counter)
    respondents: set[str] = field(default_factory=set)
    types: Counter[tuple[str | None, str | None]] = field(default_factory=Counter)

    @property
    def count(self) -> int:
        return self.responses.total()

    @property
    def scale(self) -> str:
        """How they are evaluated: by the type that most of them name."""
        if not self.types:
            return "other"
        return words.scale_of(*min(self.types, key=lambda pair: (-self.types[pair], str(pair))))


def answering(view: View, survey: str) -> View:
    """The answers to a survey: it is named as parent, by its bare id or by the IRI of its content, and by nothing else."""
    return view.where(view.equals(words.VERB, words.ANSWERED), view.equals(words.SURVEY, *words.survey_forms(survey)))


def value_of(response: str | None, raw: float | None) -> float | None:
    """An answer as number on the question's own scale: the response if it is one, else the raw score."""
    if response is not None and _NUMBER.fullmatch(response.strip()):
        return float(response)
    return raw


async def by_question(answers: View) -> dict[str, Answers]:
    """The answers of each question."""
    found: dict[str, Answers] = defaultdict(Answers)
    keys = *_ASKED, by(words.RESPONSE), by(words.RAW, "number"), by(words.QUESTION_TYPE), by(words.INTERACTION)
    async for group in answers.groups(*keys):
        named, target, response, raw, type_, interaction = group.key
        into = found[words.question_of(named, target)]
        _count(into, response, raw, group.count)
        into.types[type_, interaction] += group.count
    async for group in answers.where(answers.has(words.SCALED, "number")).groups(*_ASKED, by(words.SCALED, "number", needed=True)):
        named, target, score = group.key
        found[words.question_of(named, target)].scores[score] += group.count
    async for group in answers.groups(*_ASKED, _WHO):
        named, target, who = group.key
        found[words.question_of(named, target)].respondents.add(who)
    return dict(sorted(found.items()))


async def by_group(answers: View, name: str, question: str | None = None) -> dict[str, Answers]:
    """The answers of each group: those that share the value of a context extension; `not_specified` for answers without it."""
    found: dict[str, Answers] = defaultdict(Answers)
    group_key = by(words.extension(name))
    async for group in answers.groups(group_key, *_ASKED, by(words.RESPONSE), by(words.RAW, "number")):
        of, named, target, response, raw = group.key
        if question in (None, words.question_of(named, target)):
            _count(found[of or NOT_SPECIFIED], response, raw, group.count)
    async for group in answers.where(answers.has(words.SCALED, "number")).groups(group_key, *_ASKED, by(words.SCALED, "number", needed=True)):
        of, named, target, score = group.key
        if question in (None, words.question_of(named, target)):
            found[of or NOT_SPECIFIED].scores[score] += group.count
    async for group in answers.groups(group_key, *_ASKED, _WHO):
        of, named, target, who = group.key
        if question in (None, words.question_of(named, target)):
            found[of or NOT_SPECIFIED].respondents.add(who)
    return dict(sorted(found.items()))


@dataclass(slots=True)
class AnswerDay:
    """The answers of one day, and who gave them."""

    count: int = 0
    respondents: set[str] = field(default_factory=set)


async def by_day(answers: View, question: str | None = None) -> dict[date, AnswerDay]:
    """The answers of each day in UTC that has any."""
    found: dict[date, AnswerDay] = defaultdict(AnswerDay)
    async for group in answers.groups(DAY, *_ASKED, by((words.MBOX, words.ACCOUNT))):
        moment, named, target, who = group.key
        if question in (None, words.question_of(named, target)):
            day = found[day_of(moment)]
            day.count += group.count
            if who is not None:
                day.respondents.add(who)
    return dict(sorted(found.items()))


async def values_by_day(answers: View) -> dict[str, dict[date, Counter[float]]]:
    """Per question and day how often each number was answered."""
    found: dict[str, dict[date, Counter[float]]] = defaultdict(lambda: defaultdict(Counter))
    async for group in answers.groups(DAY, *_ASKED, by(words.RESPONSE), by(words.RAW, "number")):
        moment, named, target, response, raw = group.key
        value = value_of(response, raw)
        if value is not None:
            found[words.question_of(named, target)][day_of(moment)][value] += group.count
    return found


def together(questions: Mapping[str, Answers]) -> Answers:
    """The answers of several questions as one."""
    whole = Answers()
    for answers in questions.values():
        whole.responses += answers.responses
        whole.values += answers.values
        whole.scores += answers.scores
        whole.respondents |= answers.respondents
    return whole


def _count(into: Answers, response: Any, raw: float | None, count: int) -> None:
    into.responses[NO_RESPONSE if response is None else response] += count
    value = value_of(response, raw)
    if value is not None:
        into.values[value] += count
