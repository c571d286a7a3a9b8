"""Learners and activities, all of a view at once: a pass over its statements per kind of figure, however many there are.

One learner's figures are those of a view that shows only this learner, so there is one way to them.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from nljctl.analytics import vocabulary as words
from nljctl.analytics.days import day_of, streak
from nljctl.analytics.exact import percentage, share
from nljctl.analytics.grouping import DAY, by
from nljctl.analytics.progress import attempting, attempts, completing
from nljctl.analytics.tallied import Tallied
from nljctl.analytics.view import View


@dataclass(frozen=True, slots=True)
class ProgramProgress:
    """What a learner has attempted of one training program: activities, completed ones, per cent with two digits."""

    total: int
    completed: int
    completion_rate: float


@dataclass(frozen=True, slots=True, kw_only=True)
class LearnerFigures:
    """What statements tell of a learner.

    Attributes:
        total_statements: statements in which the learner acts.
        total_activities: different objects of these statements.
        attempted_activities, completed_activities: different activities attempted, and completed (progress.py).
        completion_rate: per cent of the attempted activities, two digits.
        average_score: mean of all scaled scores, three digits; None without any.
        total_time_spent: all durations in minutes, two digits; None without any.
        learning_streak: days in a row with a statement, up to today or yesterday (UTC).
        progress_by_program: by the `program_id` extension.
    """

    total_statements: int
    total_activities: int
    attempted_activities: int
    completed_activities: int
    completion_rate: float
    average_score: float | None
    total_time_spent: float | None
    learning_streak: int
    progress_by_program: Mapping[str, ProgramProgress]


@dataclass(frozen=True, slots=True, kw_only=True)
class ActivityFigures:
    """What statements tell of an activity.

    Attributes:
        total_attempts: statements about it, of any verb.
        unique_learners: different mail addresses that act in them.
        completion_rate: learners who completed it, in per cent of those who attempted it (progress.py), two digits.
        average_score: mean of all scaled scores, three digits; None without any.
        average_time_spent: mean duration in minutes, two digits; None without any.
        difficulty_score: failures among the statements that tell of success or failure, 0 to 1, three digits; None if none does.
        engagement_score: learners per statement, three digits.
    """

    total_attempts: int
    unique_learners: int
    completion_rate: float
    average_score: float | None
    average_time_spent: float | None
    difficulty_score: float | None
    engagement_score: float


@dataclass(slots=True)
class Crowd:
    """What was counted, by mbox and by the object's id."""

    learners: dict[str, Tallied] = field(default_factory=lambda: defaultdict(Tallied))
    activities: dict[str, Tallied] = field(default_factory=lambda: defaultdict(Tallied))
    days: dict[str, set[date]] = field(default_factory=lambda: defaultdict(set))
    programs: dict[str, dict[str, dict[str, bool]]] = field(default_factory=lambda: defaultdict(lambda: defaultdict(dict)))

    def of(self, activity: str | None, learner: str | None) -> list[Tallied]:
        """Where a statement of both counts."""
        return [*([self.activities[activity]] if activity is not None else []), *([self.learners[learner]] if learner is not None else [])]

    def learner(self, mbox: str, today: date) -> LearnerFigures:
        """The figures of one learner; zeros for one whom nobody knows."""
        found = self.learners.get(mbox, Tallied())
        return LearnerFigures(
            total_statements=found.statements,
            total_activities=found.others,
            attempted_activities=found.attempted,
            completed_activities=found.completed,
            completion_rate=percentage(found.completed, found.attempted),
            average_score=found.average_score,
            total_time_spent=found.time.minutes,
            learning_streak=streak(self.days.get(mbox, ()), today),
            progress_by_program={
                program: ProgramProgress(len(done), sum(done.values()), percentage(sum(done.values()), len(done)))
                for program, done in sorted(self.programs.get(mbox, {}).items())
            },
        )

    def activity(self, object_id: str) -> ActivityFigures:
        """The figures of one activity; zeros for one that nobody knows."""
        found = self.activities.get(object_id, Tallied())
        told = found.won + found.lost
        return ActivityFigures(
            total_attempts=found.statements,
            unique_learners=found.others,
            completion_rate=percentage(found.completed, found.attempted),
            average_score=found.average_score,
            average_time_spent=found.time.mean_minutes,
            difficulty_score=share(found.lost, told) if told else None,
            engagement_score=share(min(found.others, found.statements), found.statements),
        )


async def put_aside(view: View) -> View:
    """The statements of one learner or about one activity, ready for all that `crowd` asks of them."""
    return await view.aside(*_BOTH, DAY, by(words.SCALED, "number"), by(words.DURATION), by(words.SUCCESS, "flag"), by(words.PROGRAM))


async def crowd(view: View) -> Crowd:
    """Counts everything that a view shows."""
    found = Crowd()
    await asyncio.gather(_met(view, found), _attempted(view, found), _scored(view, found), _timed(view, found), _succeeded(view, found))
    await asyncio.gather(_active(view, found), _programs(view, found))
    return found


_BOTH = by(words.OBJECT), by(words.MBOX)


async def _met(view: View, found: Crowd) -> None:
    async for group in view.groups(*_BOTH):
        activity, learner = group.key
        for counted in found.of(activity, learner):
            counted.statements += group.count
            counted.others += activity is not None and learner is not None


async def _attempted(view: View, found: Crowd) -> None:
    async for attempt in attempts(view):
        for counted in found.of(attempt.activity, attempt.learner):
            counted.attempted += 1
            counted.completed += attempt.completed


async def _scored(view: View, found: Crowd) -> None:
    async for group in view.where(view.has(words.SCALED, "number")).groups(*_BOTH, by(words.SCALED, "number", needed=True)):
        activity, learner, score = group.key
        for counted in found.of(activity, learner):
            counted.add_scores(score, group.count)


async def _timed(view: View, found: Crowd) -> None:
    async for group in view.where(view.has(words.DURATION)).groups(*_BOTH, by(words.DURATION, needed=True)):
        activity, learner, duration = group.key
        for counted in found.of(activity, learner):
            counted.add_durations(duration, group.count)


async def _succeeded(view: View, found: Crowd) -> None:
    async for group in view.where(view.has(words.SUCCESS, "flag")).groups(by(words.OBJECT, needed=True), by(words.SUCCESS, "flag", needed=True)):
        activity, success = group.key
        counted = found.activities[activity]
        counted.won += group.count if success else 0
        counted.lost += 0 if success else group.count


async def _active(view: View, found: Crowd) -> None:
    async for group in view.groups(by(words.MBOX, needed=True), DAY):
        learner, moment = group.key
        found.days[learner].add(day_of(moment))


async def _programs(view: View, found: Crowd) -> None:
    keys = by(words.MBOX, needed=True), by(words.PROGRAM, needed=True), by(words.OBJECT, needed=True)
    async for group in attempting(view).groups(*keys, of_which={"completed": completing(view)}):
        learner, program, activity = group.key
        done = found.programs[learner][program]
        done[activity] = done.get(activity, False) or group.of_which["completed"] > 0
