"""How the answers to one question are evaluated, by its scale: likert and rating (1 to 5), NPS (0 to 10), binary, categorical, anything else. Pure.

Answers count on the question's own scale, not on the scaled score from 0 to 1. Those that are not on the scale are left out of its figures; they are
in `response_count` and in `response_distribution`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Final

from nljctl.analytics.answers import NO_RESPONSE, Answers
from nljctl.analytics.exact import Tally, deviation, mean, median, mode, percentage

MOST_TEXTS: Final = 100


@dataclass(frozen=True, slots=True)
class Slot:
    """One place of a distribution; `percentage` of all answers that are on the scale, one digit."""

    label: str
    value: float | str
    count: int
    percentage: float
    color_key: str


@dataclass(frozen=True, slots=True)
class Part:
    """Some of the answers; `percentage` with one digit."""

    count: int
    percentage: float


@dataclass(frozen=True, slots=True)
class SemanticSummary:
    positive: Part
    neutral: Part
    negative: Part


@dataclass(frozen=True, slots=True)
class Statistics:
    """Of the answers as numbers, three digits; None of nothing. The deviation is a sample's."""

    mean: float | None
    median: float | None
    mode: float | None
    standard_deviation: float | None
    count: int


@dataclass(frozen=True, slots=True)
class ScaleInfo:
    """The scale: what its values are called and what they stand for."""

    type: str
    labels: Mapping[str, str]
    color_scheme: str
    semantic_mapping: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Evaluation:
    """What a scale makes of answers; None where it has no such figure.

    Attributes:
        distribution: the scale's places, also those without answers; of `categorical` and `other` the responses, most frequent first.
        detailed_distribution: of NPS: 0 to 10.
        nps_score: per cent of promoters (9, 10) less per cent of detractors (0 to 6), one digit.
        raw_data: of `other`: at most 100 different responses.
    """

    scale_info: ScaleInfo
    distribution: tuple[Slot, ...]
    statistics: Statistics | None = None
    semantic_summary: SemanticSummary | None = None
    nps_score: float | None = None
    nps_category: str | None = None
    detailed_distribution: tuple[Slot, ...] | None = None
    yes_percentage: float | None = None
    no_percentage: float | None = None
    top_response: str | None = None
    raw_data: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class _Place:
    """A place of a scale: what it is called, which numbers belong to it, and what they stand for."""

    label: str
    value: float | str
    numbers: tuple[int, ...]
    stands_for: str


_LIKERT: Final = tuple(
    _Place(label, number, (number,), stands_for)
    for number, label, stands_for in (
        (1, "Strongly disagree", "negative"),
        (2, "Disagree", "negative"),
        (3, "Neutral", "neutral"),
        (4, "Agree", "positive"),
        (5, "Strongly agree", "positive"),
    )
)
_RATING: Final = tuple(replace(place, label=label) for place, label in zip(_LIKERT, ("Very poor", "Poor", "Fair", "Good", "Very good"), strict=True))
_NPS: Final = (
    _Place("Detractors", "detractors", tuple(range(7)), "negative"),
    _Place("Passives", "passives", (7, 8), "neutral"),
    _Place("Promoters", "promoters", (9, 10), "positive"),
)
_TENS: Final = tuple(_Place(str(number), number, (number,), place.stands_for) for place in _NPS for number in place.numbers)
_CATEGORIES: Final = ((70, "Excellent"), (50, "Great"), (30, "Good"), (0, "Needs Improvement"))
_YES: Final = frozenset({"1", "1.0", "true", "yes", "y"})
_NO: Final = frozenset({"0", "0.0", "false", "no", "n"})


def statistics(tally: Tally) -> Statistics:
    """The usual figures of numbers."""
    return Statistics(mean(tally), median(tally), mode(tally), deviation(tally), sum(tally.values()))


def nps(tally: Tally) -> float | None:
    """The net promoter score of answers from 0 to 10, from -100 to 100 with one digit; None of nothing."""
    counts = _counts(tally, _NPS)
    whole = sum(counts)
    if not whole:
        return None
    detractors, _, promoters = counts
    lead = percentage(abs(promoters - detractors), whole, 1)
    return lead if promoters >= detractors else -lead


def nps_category(score: float) -> str:
    """What a net promoter score is called."""
    return next((name for least, name in _CATEGORIES if score >= least), "Critical")


def evaluate(answers: Answers, scale: str) -> Evaluation:
    """The figures of a question's answers on its scale."""
    return _EVALUATIONS[scale](answers, scale)


def _steps(answers: Answers, scale: str) -> Evaluation:
    places = _LIKERT if scale == "likert" else _RATING
    return Evaluation(
        _info(scale, places), _slots(places, answers.values), statistics(_on(answers.values, places)), semantic_summary=_semantics(answers.values, places)
    )


def _nps(answers: Answers, scale: str) -> Evaluation:
    score = nps(answers.values)
    return Evaluation(
        _info(scale, _TENS),
        _slots(_NPS, answers.values),
        statistics(_on(answers.values, _TENS)),
        semantic_summary=_semantics(answers.values, _NPS),
        nps_score=score,
        nps_category=None if score is None else nps_category(score),
        detailed_distribution=_slots(_TENS, answers.values),
    )


def _binary(answers: Answers, scale: str) -> Evaluation:
    yes = sum(count for response, count in answers.responses.items() if response.strip().lower() in _YES)
    no = sum(count for response, count in answers.responses.items() if response.strip().lower() in _NO)
    slots = (
        Slot("Yes", "yes", yes, percentage(yes, yes + no, 1), "positive"),
        Slot("No", "no", no, percentage(no, yes + no, 1), "negative"),
    )
    info = ScaleInfo(scale, {"yes": "Yes", "no": "No"}, "two-sided", {"yes": "positive", "no": "negative"})
    return Evaluation(info, slots, yes_percentage=slots[0].percentage, no_percentage=slots[1].percentage)


def _categorical(answers: Answers, scale: str) -> Evaluation:
    slots = _responses(answers.responses)
    return Evaluation(ScaleInfo(scale, {}, "qualitative", {}), slots, top_response=str(slots[0].value) if slots else None)


def _other(answers: Answers, scale: str) -> Evaluation:
    slots = _responses(answers.responses)
    texts = tuple(str(slot.value) for slot in slots)[:MOST_TEXTS]
    return Evaluation(ScaleInfo(scale, {}, "neutral", {}), slots, statistics(answers.values) if answers.values else None, raw_data=texts)


_EVALUATIONS: Final[Mapping[str, Callable[[Answers, str], Evaluation]]] = {
    "likert": _steps,
    "rating": _steps,
    "nps": _nps,
    "binary": _binary,
    "categorical": _categorical,
    "other": _other,
}


def _info(scale: str, places: tuple[_Place, ...]) -> ScaleInfo:
    return ScaleInfo(scale, {str(place.value): place.label for place in places}, "diverging", {str(place.value): place.stands_for for place in places})


def _counts(tally: Tally, places: tuple[_Place, ...]) -> list[int]:
    return [sum(tally.get(number, 0) for number in place.numbers) for place in places]


def _slots(places: tuple[_Place, ...], tally: Tally) -> tuple[Slot, ...]:
    counts = _counts(tally, places)
    whole = sum(counts)
    return tuple(Slot(place.label, place.value, count, percentage(count, whole, 1), place.stands_for) for place, count in zip(places, counts, strict=True))


def _on(tally: Tally, places: tuple[_Place, ...]) -> Tally:
    """The numbers that are on a scale."""
    numbers = {number for place in places for number in place.numbers}
    return {value: count for value, count in tally.items() if value in numbers}


def _semantics(tally: Tally, places: tuple[_Place, ...]) -> SemanticSummary:
    counts: Counter[str] = Counter()
    for place, count in zip(places, _counts(tally, places), strict=True):
        counts[place.stands_for] += count
    whole = counts.total()
    return SemanticSummary(*(Part(counts[name], percentage(counts[name], whole, 1)) for name in ("positive", "neutral", "negative")))


def _responses(responses: Counter[str]) -> tuple[Slot, ...]:
    given = {response: count for response, count in responses.items() if response != NO_RESPONSE}
    whole = sum(given.values())
    return tuple(
        Slot(response, response, count, percentage(count, whole, 1), "neutral")
        for response, count in sorted(given.items(), key=lambda item: (-item[1], item[0]))
    )
