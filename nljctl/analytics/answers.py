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
from nljctl.analytics.grouping import ACTIVITY, DAY, QUESTION, WHO, Key, Meant, by
from nljctl.analytics.view import View

NO_RESPONSE: Final = "no_response"
NOT_SPECIFIED: Final = "not_specified"

Value = TypeVar("Value")

_NUMBER: Final = re.compile(r"[+-]?\d+(?:\.\d+)?", re.ASCII)
_SURVEY: Final = Meant("survey", (by(words.SURVEY, needed=True), ACTIVITY), lambda parent, _: words.survey_of(parent))
_ASKED: Final = (_SURVEY, QUESTION)
_GIVEN: Final = (by(words.RESPONSE), by(words.RAW, "number"))
_SCORED: Final = by(words.SCALED, "number")


@dataclass(slots=True)
class Answers:
    """Answers that were counted together.

    Attributes:
        responses: how often each response was given; `no_response` for answers without one.
        values: how often each number: the response where it is one, else the raw score.
        scores: how often each scaled score.
        respondents: how many answered, by mail address, else by account.
        types: how often each pair of question type and interaction type.
    """

    responses: Counter[str] = field(default_factory=Counter)
    values: Counter[float] = field(default_factory=Counter)
    scores: Counter[float] = field(default_factory=Counter)
    respondents: int = 0
    types: Counter[tuple[str | None, str | None]] = field(default_factory=Counter)

    def add(self, response: str | None, raw: float | None, count: int, score: float | None = None) -> None:
        """Counts so many equal answers."""
        if score is not None:
            self.scores[score] += count
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
    """How many answers a day has, and of how many people."""

    count: int = 0
    respondents: int = 0


Surveys = defaultdict[str, Value]
"""Something of each survey, by its bare id."""


def answering(view: View, survey: str | None = None) -> View:
    """The answers to a survey: it is named as parent, by its bare id or by the IRI of its content, and by nothing else. Without one: to any."""
    answers = view.where(view.equals(words.VERB, words.ANSWERED))
    return answers if survey is None else answers.where(view.equals(words.SURVEY, *words.survey_forms(survey)))


async def put_aside(view: View, survey: str, *groups: str) -> View:
    """The answers to a survey, ready for all that is asked of them; with the extensions by which they will be grouped."""
    asked = (*_ASKED, *_GIVEN, _SCORED, WHO, DAY, by(words.QUESTION_TYPE), by(words.INTERACTION))
    return await answering(view, survey).aside(*asked, *(by(words.extension(name)) for name in groups))


def value_of(response: str | None, raw: float | None) -> float | None:
    """An answer as number on the question's own scale: the response if it is one, else the raw score."""
    if response is not None and _NUMBER.fullmatch(response.strip()):
        return float(response)
    return raw


async def by_question(answers: View) -> Mapping[str, dict[str, Answers]]:
    """The answers of each survey's questions."""
    found: Surveys[dict[str, Answers]] = defaultdict(lambda: defaultdict(Answers))
    async for group in answers.groups(*_ASKED, *_GIVEN, _SCORED, by(words.QUESTION_TYPE), by(words.INTERACTION)):
        survey, question, response, raw, score, type_, interaction = group.key
        into = found[survey][question]
        into.add(response, raw, group.count, score)
        into.types[type_, interaction] += group.count
    for group in await answers.different(WHO, per=_ASKED):
        survey, question = group.key
        found[survey][question].respondents = group.count
    return defaultdict(dict, {survey: dict(sorted(questions.items())) for survey, questions in found.items()})


async def by_group(answers: View, name: str, only: str | None = None) -> Mapping[str, dict[str, Answers]]:
    """The answers of each survey's groups: those that share the value of a context extension; `not_specified` for answers without it.

    Args:
        only: the one question whose answers count.
    """
    found: Surveys[dict[str, Answers]] = defaultdict(lambda: defaultdict(Answers))
    keys = Meant("group", (by(words.extension(name)),), _group), *_asked(only)
    async for group in answers.groups(*keys, *_GIVEN, _SCORED):
        value, survey, *question, response, raw, score = group.key
        if question in ([], [only]):
            found[survey][value].add(response, raw, group.count, score)
    for group in await answers.different(WHO, per=keys):
        value, survey, *question = group.key
        if question in ([], [only]):
            found[survey][value].respondents = group.count
    return defaultdict(dict, {survey: dict(sorted(groups.items())) for survey, groups in found.items()})


async def by_day(answers: View, only: str | None = None) -> Mapping[str, dict[date, AnswerDay]]:
    """The answers of each day in UTC that has any, by survey."""
    found: Surveys[dict[date, AnswerDay]] = defaultdict(lambda: defaultdict(AnswerDay))
    keys = DAY, *_asked(only)
    async for group in answers.groups(*keys):
        moment, survey, *question = group.key
        if question in ([], [only]):
            found[survey][day_of(moment)].count += group.count
    for group in await answers.different(WHO, per=keys):
        moment, survey, *question = group.key
        if question in ([], [only]):
            found[survey][day_of(moment)].respondents = group.count
    return defaultdict(dict, {survey: dict(sorted(days.items())) for survey, days in found.items()})


async def values_by_day(answers: View) -> Mapping[str, Mapping[str, dict[date, Counter[float]]]]:
    """Per survey, question and day how often each number was answered."""
    found: Surveys[dict[str, dict[date, Counter[float]]]] = defaultdict(lambda: defaultdict(lambda: defaultdict(Counter)))
    async for group in answers.groups(DAY, *_ASKED, *_GIVEN):
        moment, survey, question, response, raw = group.key
        value = value_of(response, raw)
        if value is not None:
            found[survey][question][day_of(moment)][value] += group.count
    return found


async def respondents(answers: View) -> Counter[str]:
    """How many have answered any question of each survey."""
    return Counter({group.key[0]: group.count for group in await answers.different(WHO, per=(_SURVEY,))})


def together(questions: Mapping[str, Answers], respondents: int) -> Answers:
    """The answers of several questions as one; so many gave them."""
    whole = Answers(respondents=respondents)
    for answers in questions.values():
        whole.responses += answers.responses
        whole.values += answers.values
        whole.scores += answers.scores
    return whole


def _asked(only: str | None) -> tuple[Key, ...]:
    return (_SURVEY,) if only is None else _ASKED


def _group(value: str | None) -> str:
    return value or NOT_SPECIFIED
