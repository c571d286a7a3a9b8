"""A workshop's learners over thirty days: they watch, answer, pass, fail, drop out, and say in a survey how it was. All of it valid xAPI."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from hashlib import sha1
from random import Random
from typing import Any

from nljctl.catalogue.event import Form
from nljctl.catalogue.events import BY_NAME
from nljctl.catalogue.names import NV, V
from nljctl.catalogue.people import PEOPLE, Person
from nljctl.catalogue.samples import learning
from nljctl.catalogue.samples.cast import Cast
from nljctl.catalogue.samples.dice import dice
from nljctl.catalogue.samples.frame import JsonObject, Moment, by_account, by_mbox, mark_run
from nljctl.catalogue.samples.generate import START, run_id
from nljctl.catalogue.samples.sample import Sample
from nljctl.catalogue.samples.subjects import Response, Study

SPAN = timedelta(days=30)
_AT_ONCE = 12
"""Learners who are at it at the same time."""

_Deed = tuple[str, Any, Callable[[Any, Moment], JsonObject]]
"""An event, its subject, and what writes it."""


def learning_story(seed: int, count: int) -> Iterator[Sample]:
    """`count` statements in the order in which they happened, each on its event's topic."""
    chance = dice(seed, "story")
    people = Cast(chance, START)
    run, step = run_id(seed), SPAN / max(count, 1)
    active = [_visit(people, chance) for _ in range(_AT_ONCE)]
    for number in range(count):
        deed = None
        while deed is None:
            place = chance.randrange(len(active))
            deed = next(active[place], None)
            if deed is None:
                active[place] = _visit(people, chance)
        name, subject, write = deed
        event = BY_NAME[name]
        form: Form = event.forms[0]
        statement = write(subject, Moment(START + number * step, form, "new", chance))
        statement["actor"] = _identified(subject.learner)
        yield Sample(name, form.contract, event.topic, None, mark_run(statement, run))


def _visit(people: Cast, chance: Random) -> Iterator[_Deed]:
    """One learner at one activity: of ten, six pass, two fail, two leave early; every third then fills in a survey, not always to its end."""
    study = people.study()
    for _ in range(chance.randint(1, 3)):
        yield "learning.experienced", study, learning.study(learning.watched)
    yield "statement.attempted", study, learning.study(learning.nothing)
    for _ in range(chance.randint(2, 6)):
        yield "survey.answered", study, _answer
        if chance.random() < 0.05:
            yield "statement.general", study, learning.study(learning.nothing, V + "suspended")
            return
    if chance.random() < 0.75:
        yield "statement.passed", study, learning.study(learning.passed)
        yield "learning.completed", study, learning.study(learning.completed)
    else:
        yield "statement.failed", study, learning.study(learning.failed)
        if chance.random() < 0.5:
            yield "statement.general", study, learning.study(learning.nothing, NV + "retried")
    if chance.random() < 0.33:
        yield from _survey(people.response("realistic"), study, chance)


def _survey(response: Response, study: Study, chance: Random) -> Iterator[_Deed]:
    response.learner = study.learner
    yield "survey.started", response, learning.survey_started
    for _ in response.survey.questions:
        if chance.random() < 0.06:
            return
        yield "survey.answered", response, learning.survey_answered
    yield "survey.completed", response, learning.survey_completed


def _answer(study: Study, moment: Moment) -> JsonObject:
    statement = learning.study(_marked, V + "answered")(study, moment)
    statement["object"]["definition"]["interactionType"] = "choice"
    return statement


def _marked(moment: Moment) -> JsonObject:
    right = moment.chance.random() < 0.7
    return {"success": right, "response": moment.chance.choice("abcd"), "score": {"scaled": float(right)}, "duration": f"PT{moment.chance.randint(3, 60)}S"}


def _identified(person: Person) -> JsonObject:
    """Most by mailbox; of ten, one by account and one by the mailbox's hash: all of them legal."""
    match PEOPLE.index(person) % 10:
        case 3:
            return by_account(person)
        case 7:
            digest = sha1(f"mailto:{person.email}".encode(), usedforsecurity=False).hexdigest()
            return {"objectType": "Agent", "name": person.name, "mbox_sha1sum": digest}
        case _:
            return by_mbox(person)
