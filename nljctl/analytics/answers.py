"""The answers to a survey's questions, counted: by question, by what was answered, by who answered, by day, by group."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Final, TypeVar

from nljctl.analytics import vocabulary as words
from nljctl.analytics.days import day_of
from nljctl.analytics.view import DAY, View, by

NO_RESPONSE: Final = "no_response"
NOT_SPECIFIED: Final = "not_specified"

Value = TypeVar("Value")

_NUMBER: Final = re.compile(r"[+-]?\d+(?:\.\d+)?", re.ASCII)
_ASKED: Final = (by(words.SURVEY, needed=True), by(words.QUESTION), by(words.OBJECT, needed=True))
_SCORE: Final = by(words.SCALED, "number", needed=True)
_WHO: Final = (words.MBOX, words.ACCOUNT)


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

    def add(self, response: str | None, raw: float | None, count: int) -> None:
        """Counts so many equal answers."""
        self.responses[NO_RESPONSE if response is None else response] += count
        value = value_of(response, raw)
        if value is not None:
            self.values[value] += count

    @property
    def count(self) -> int:
        return self.responses.total()

    @property
    def scale(self) -> str:
        """How they are evaluated: by the type that most of them name."""
        if not self.types:
            return "other"
        return words.scale_of(*min(self.types, key=lambda pair: (-self.types[pair], pair[0] or "", pair[1] or "")))


@dataclass(slots=True)
class AnswerDay:
    """The answers of one day, and who gave them."""

    count: int = 0
    respondents: set[str] = field(default_factory=set)


Surveys = defaultdict[str, Value]
"""Something of each survey, by its bare id."""


def answering(view: View, survey: str | None = None) -> View:
    """The answers to a survey: it is named as parent, by its bare id or by the IRI of its content, and by nothing else. Without one: to any."""
    answers = view.where(view.equals(words.VERB, words.ANSWERED))
    return answers if survey is None else answers.where(view.equals(words.SURVEY, *words.survey_forms(survey)))


def value_of(response: str | None, raw: float | None) -> float | None:
    """An answer as number on the question's own scale: the response if it is one, else the raw score."""
    if response is not None and _NUMBER.fullmatch(response.strip()):
        return float(response)
    return raw


async def by_question(answers: View) -> Mapping[str, dict[str, Answers]]:
    """The answers of each survey's questions."""
    found: Surveys[dict[str, Answers]] = defaultdict(lambda: defaultdict(Answers))
    keys = *_ASKED, by(words.RESPONSE), by(words.RAW, "number"), by(words.QUESTION_TYPE), by(words.INTERACTION)
    async for group in answers.groups(*keys):
        *asked, response, raw, type_, interaction = group.key
        survey, question = _question(*asked)
        into = found[survey][question]
        into.add(response, raw, group.count)
        into.types[type_, interaction] += group.count
    async for group in answers.where(answers.has(words.SCALED, "number")).groups(*_ASKED, _SCORE):
        *asked, score = group.key
        survey, question = _question(*asked)
        found[survey][question].scores[score] += group.count
    async for group in answers.groups(*_ASKED, by(_WHO, needed=True)):
        *asked, who = group.key
        survey, question = _question(*asked)
        found[survey][question].respondents.add(who)
    return defaultdict(dict, {survey: dict(sorted(questions.items())) for survey, questions in found.items()})


async def by_group(answers: View, name: str, only: str | None = None) -> Mapping[str, dict[str, Answers]]:
    """The answers of each survey's groups: those that share the value of a context extension; `not_specified` for answers without it.

    Args:
        only: the one question whose answers count.
    """
    found: Surveys[dict[str, Answers]] = defaultdict(lambda: defaultdict(Answers))
    of = by(words.extension(name))
    async for group in answers.groups(of, *_ASKED, by(words.RESPONSE), by(words.RAW, "number")):
        value, *asked, response, raw = group.key
        survey, question = _question(*asked)
        if only in (None, question):
            found[survey][value or NOT_SPECIFIED].add(response, raw, group.count)
    async for group in answers.where(answers.has(words.SCALED, "number")).groups(of, *_ASKED, _SCORE):
        value, *asked, score = group.key
        survey, question = _question(*asked)
        if only in (None, question):
            found[survey][value or NOT_SPECIFIED].scores[score] += group.count
    async for group in answers.groups(of, *_ASKED, by(_WHO, needed=True)):
        value, *asked, who = group.key
        survey, question = _question(*asked)
        if only in (None, question):
            found[survey][value or NOT_SPECIFIED].respondents.add(who)
    return defaultdict(dict, {survey: dict(sorted(groups.items())) for survey, groups in found.items()})


async def by_day(answers: View, only: str | None = None) -> Mapping[str, dict[date, AnswerDay]]:
    """The answers of each day in UTC that has any, by survey."""
    found: Surveys[dict[date, AnswerDay]] = defaultdict(lambda: defaultdict(AnswerDay))
    async for group in answers.groups(DAY, *_ASKED, by(_WHO)):
        moment, *asked, who = group.key
        survey, question = _question(*asked)
        if only in (None, question):
            day = found[survey][day_of(moment)]
            day.count += group.count
            if who is not None:
                day.respondents.add(who)
    return defaultdict(dict, {survey: dict(sorted(days.items())) for survey, days in found.items()})


async def values_by_day(answers: View) -> Mapping[str, dict[date, Counter[float]]]:
    """Per question and day how often each number was answered. Of one survey."""
    found: dict[str, dict[date, Counter[float]]] = defaultdict(lambda: defaultdict(Counter))
    async for group in answers.groups(DAY, *_ASKED, by(words.RESPONSE), by(words.RAW, "number")):
        moment, *asked, response, raw = group.key
        value = value_of(response, raw)
        if value is not None:
            found[_question(*asked)[1]][day_of(moment)][value] += group.count
    return found


def _question(parent: str, named: str | None, target: str) -> tuple[str, str]:
    """The survey and the question that an answer is to."""
    return words.survey_of(parent), words.question_of(named, target)


def together(questions: Mapping[str, Answers]) -> Answers:
    """The answers of several questions as one."""
    whole = Answers()
    for answers in questions.values():
        whole.responses += answers.responses
        whole.values += answers.values
        whole.scores += answers.scores
        whole.respondents |= answers.respondents
    return whole
