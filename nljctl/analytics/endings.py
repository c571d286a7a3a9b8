"""How often surveys are completed, when, and how long that took."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from nljctl.analytics import vocabulary as words
from nljctl.analytics.days import day_of
from nljctl.analytics.durations import milliseconds
from nljctl.analytics.grouping import SURVEY, by
from nljctl.analytics.progress import completing
from nljctl.analytics.time_spent import TimeSpent
from nljctl.analytics.view import View


@dataclass(slots=True)
class Endings:
    """The completions of one survey: how many, per day (UTC), and their durations."""

    count: int = 0
    days: Counter[date] = field(default_factory=Counter)
    time: TimeSpent = field(default_factory=TimeSpent)


async def endings(view: View, survey: str | None = None) -> Mapping[str, Endings]:
    """The completions of each survey, or of one: statements with the verb `completed` whose parent or whose object is the survey."""
    found: dict[str, Endings] = defaultdict(Endings)
    ended = view.where(view.equals(words.VERB, words.COMPLETED), completing(view))
    if survey is not None:
        ended = ended.where(view.equals(words.SURVEY, *words.survey_forms(survey)) | view.equals(words.OBJECT, *words.survey_objects(survey)))
    async for group in ended.groups(SURVEY, by(words.OBJECT), by(words.TIMESTAMP, "day"), by(words.DURATION)):
        parent, target, moment, duration = group.key
        length = None if duration is None else milliseconds(duration)
        for name in surveys_ended(parent, target):
            entry = found[name]
            entry.count += group.count
            if moment is not None:
                entry.days[day_of(moment)] += group.count
            if length is not None:
                entry.time = TimeSpent(entry.time.milliseconds + length * group.count, entry.time.statements + group.count)
    return found


def surveys_ended(parent: str | None, target: str | None) -> frozenset[str]:
    """The surveys that a completion may be of: the one that is its parent (its bare id), and the one that its object may be."""
    named = [] if parent is None else [parent]
    objects = [target.removeprefix(prefix) for prefix in words.SURVEY_OBJECTS if target is not None and target.startswith(prefix)]
    return frozenset(named + objects)
