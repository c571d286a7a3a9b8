"""A survey's answers by groups of respondents; a group of fewer than four answers is not shown."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from elasticsearch import AsyncElasticsearch

from nljctl.analytics import vocabulary as words
from nljctl.analytics.answers import NOT_SPECIFIED, Answers, by_group, put_aside
from nljctl.analytics.days import utc
from nljctl.analytics.elastic import view_of
from nljctl.analytics.exact import mean, percentage
from nljctl.analytics.view import View

FEWEST_VALUES: Final = 2
MOST_VALUES: Final = 20
MOST_PRIMARY: Final = 3
MOST_SAMPLES: Final = 10
MESSAGE: Final = f"Fewer than {words.ANONYMITY} answers: not shown, so that nobody can be recognised."


@dataclass(frozen=True, slots=True)
class GroupAnalytics:
    """One group's answers.

    Attributes:
        total_responses: answers; `< 4` where they are so few that nothing else is told (`anonymized`, `message` says why).
        average_score: mean of the scaled scores, three digits; None without any.
        unique_respondents: who answered, by mail address, else by account.
    """

    total_responses: int | str
    anonymized: bool
    message: str | None
    response_distribution: Mapping[str, int] | None
    average_score: float | None
    unique_respondents: int | None


@dataclass(frozen=True, slots=True)
class FieldCoverage:
    """How many answers carry a field, in numbers and per cent (one digit); its values, of which at most ten, of groups that may be shown, are named."""

    frequency: int
    coverage_percentage: float
    sample_values: tuple[str, ...]
    unique_values: int


@dataclass(frozen=True, slots=True)
class DemographicConfiguration:
    primary: tuple[str, ...]
    secondary: tuple[str, ...]
    hierarchical: bool
    anonymization_threshold: int
    available_groupings: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Demographics:
    """By what a survey's answers can be grouped, and the groups (facts 6.2).

    Attributes:
        detected_fields: the extensions of `DEMOGRAPHICS` that answers carry, most frequent first.
        primary_demographics: at most three of them, with 2 to 20 values; `secondary_demographics` the others.
        groups: per detected field the groups of its values; answers without it are `not_specified`.
        sample_size: the answers looked at: all.
    """

    survey_id: str
    detected_fields: tuple[str, ...]
    primary_demographics: tuple[str, ...]
    secondary_demographics: tuple[str, ...]
    field_coverage: Mapping[str, FieldCoverage]
    recommended_groupings: tuple[str, ...]
    configuration: DemographicConfiguration
    groups: Mapping[str, Mapping[str, GroupAnalytics]]
    sample_size: int
    generated_at: str


async def demographics(
    client: AsyncElasticsearch, index: str, survey_id: str, *, since: datetime | None = None, until: datetime | None = None, now: datetime
) -> Demographics:
    """The groups of a survey's respondents; empty for a survey that nobody knows."""
    return await demographics_of(await view_of(client, index, since=since, until=until), survey_id, now=now)


async def demographics_of(view: View, survey_id: str, *, now: datetime) -> Demographics:
    """The groups of a survey's respondents in what a view shows."""
    answers = await put_aside(view, survey_id, *words.DEMOGRAPHICS)
    total, groups = await asyncio.gather(answers.count(), asyncio.gather(*(by_group(answers, name) for name in words.DEMOGRAPHICS)))
    named = {name: found[survey_id] for name, found in zip(words.DEMOGRAPHICS, groups, strict=True) if set(found[survey_id]) - {NOT_SPECIFIED}}
    coverage = {name: _coverage(found, total) for name, found in named.items()}
    detected = tuple(sorted(named, key=lambda name: (-coverage[name].frequency, name)))
    primary = tuple(name for name in detected if FEWEST_VALUES <= coverage[name].unique_values <= MOST_VALUES)[:MOST_PRIMARY]
    secondary = tuple(name for name in detected if name not in primary)
    return Demographics(
        survey_id=survey_id,
        detected_fields=detected,
        primary_demographics=primary,
        secondary_demographics=secondary,
        field_coverage=coverage,
        recommended_groupings=primary,
        configuration=DemographicConfiguration(primary, secondary, False, words.ANONYMITY, detected),
        groups={name: {value: group_analytics(found) for value, found in named[name].items()} for name in detected},
        sample_size=total,
        generated_at=utc(now),
    )


def group_analytics(answers: Answers) -> GroupAnalytics:
    """A group's figures, or that they are not shown. Pure."""
    if answers.count < words.ANONYMITY:
        return GroupAnalytics(f"< {words.ANONYMITY}", True, MESSAGE, None, None, None)
    distribution = dict(sorted(answers.responses.items()))
    return GroupAnalytics(answers.count, False, None, distribution, mean(answers.scores), answers.respondents)


def _coverage(groups: Mapping[str, Answers], total: int) -> FieldCoverage:
    values = {value: answers for value, answers in groups.items() if value != NOT_SPECIFIED}
    frequency = sum(answers.count for answers in values.values())
    shown = sorted((value for value, answers in values.items() if answers.count >= words.ANONYMITY), key=lambda value: (-values[value].count, value))
    return FieldCoverage(frequency, percentage(frequency, total, 1), tuple(shown[:MOST_SAMPLES]), len(values))
