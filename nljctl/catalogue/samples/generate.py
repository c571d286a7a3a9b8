"""Deals the events, writes each in its form, and mixes in what is invalid, sent twice, or contradicts what was sent before."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import count as counting
from random import Random
from typing import cast

from nljctl.catalogue.event import Contract, Event, Form
from nljctl.catalogue.events import BY_NAME, EVENTS
from nljctl.catalogue.names import X
from nljctl.catalogue.samples.defects import DEFECTS
from nljctl.catalogue.samples.dice import dice, new_id
from nljctl.catalogue.samples.frame import PUBLISH_DELAY, JsonObject, Moment, envelope, mark_run
from nljctl.catalogue.samples.keys import key
from nljctl.catalogue.samples.sample import Kind, Sample, SampleRequest
from nljctl.catalogue.samples.shapes import SHAPES
from nljctl.catalogue.samples.world import Drawn, World

START = datetime(2025, 3, 1, 9, tzinfo=UTC)
_PRODUCERS: tuple[Contract, ...] = ("old", "new")
_BLOCK = 1_000
"""Percentages hold exactly within each block of so many."""
_ORDERED = 2
"""Rounds in which parents come first: after so many there is a subject of every kind for every event, of generations one that completes and one that fails."""
_REMEMBERED = 50
_UNENVELOPED = ("statements", "node")
"""Families that do not pass through the old producer."""


def run_id(seed: int) -> str:
    """The run that a seed makes, the value of context extension `test_run`."""
    return new_id(dice(seed, "run"))


def offered(request: SampleRequest) -> tuple[Event, ...]:
    """The events of a request, in catalogue order: those named, or all that the contract has."""
    named = [event for event in EVENTS if not request.events or event.name in request.events]
    return tuple(event for event in named if _producers(event, request))


def generate(request: SampleRequest) -> Iterator[Sample]:
    """Samples in the order in which they are to be published; an event's parents come before it, marked `parent` where they were not asked for."""
    events = offered(request)
    writer = _Writer(request, frozenset(event.name for event in events))
    sent: dict[str, deque[Sample]] = defaultdict(lambda: deque(maxlen=_REMEMBERED))
    everything: deque[Sample] = deque(maxlen=_REMEMBERED)
    chance = dice(request.seed, "again")
    for event, kind in zip(_deal(events, dice(request.seed, "order")), _kinds(request, _ORDERED * len(events)), strict=False):
        if kind == "plain":
            for sample in writer.write(event):
                sent[event.name].append(sample)
                everything.append(sample)
                yield sample
        elif kind == "invalid":
            yield from writer.spoil(event)
        else:
            original = chance.choice(sent[event.name] or everything)
            yield writer.again(original) if kind == "duplicate" else writer.contradict(original)


def _deal(events: tuple[Event, ...], chance: Random) -> Iterator[Event]:
    """Each event once a round: parents first in the first rounds, in any order later."""
    for _ in range(_ORDERED):
        yield from events
    while events:
        yield from chance.sample(events, len(events))


def _kinds(request: SampleRequest, ordered: int) -> Iterator[Kind]:
    """What becomes of each place; ends after `count`.

    The first rounds are plain as far as possible: later events need its subjects, and what is sent again must have been sent before.
    """
    chance = dice(request.seed, "kinds")
    shares: tuple[tuple[Kind, float], ...] = (("conflict", request.conflicts), ("duplicate", request.duplicates), ("invalid", request.invalid))
    for begin in counting(0, _BLOCK):
        size = _BLOCK if request.count is None else min(_BLOCK, request.count - begin)
        if size <= 0:
            return
        block: list[Kind] = ["plain"] * size
        places = chance.sample(range(size), size)
        free = sorted(places, key=lambda place: begin + place < ordered)
        if begin == 0 and (request.duplicates or request.conflicts):
            free.remove(0)
        for kind, percent in shares:
            wanted = round((begin + size) * percent / 100) - round(begin * percent / 100)
            for place in free[:wanted]:
                block[place] = kind
            del free[:wanted]
        yield from block


def _producers(event: Event, request: SampleRequest) -> list[Contract]:
    return [producer for producer in _PRODUCERS if request.contract in (producer, "both") and event.form(producer)]


class _Writer:
    """Writes one sample after the other, a second apart."""

    def __init__(self, request: SampleRequest, selected: frozenset[str]) -> None:
        self._request = request
        self._chance = dice(request.seed, "statements")
        self._now = START + timedelta(minutes=self._chance.randrange(60 * 24 * 30))
        self._world = World(dice(request.seed, "world"), self._now, selected)
        self._run = run_id(request.seed)
        self._spoilt = 0

    def write(self, event: Event) -> Iterator[Sample]:
        parents, drawn = self._world.draw(event.name)
        yield from self._parents(parents)
        yield self._sample(drawn)

    def spoil(self, event: Event) -> Iterator[Sample]:
        """An invalid one, of which no later event will tell."""
        parents, drawn = self._world.draw(event.name, keep=False)
        yield from self._parents(parents)
        sample = self._sample(drawn)
        defect = DEFECTS[self._spoilt % len(DEFECTS)]
        self._spoilt += 1
        yield replace(sample, statement=defect.spoil(cast(JsonObject, sample.statement)), kind="invalid", defect=defect.name)

    def again(self, original: Sample) -> Sample:
        """The same statement; where the old producer wrote its envelope, that is a new one."""
        self._tick()
        statement = cast(JsonObject, original.statement)
        if "producer_id" in statement:
            statement = envelope(statement, original.key, self._now + PUBLISH_DELAY, self._chance)
        return replace(original, statement=statement, kind="duplicate", parent=False)

    def contradict(self, original: Sample) -> Sample:
        """The same id with other content."""
        self._tick()
        statement = cast(JsonObject, original.statement)
        context = statement["context"]
        changed = {**context, "extensions": {**context["extensions"], X + "contradicts": new_id(self._chance)}}
        return replace(original, statement={**statement, "context": changed}, kind="conflict", parent=False)

    def _parents(self, parents: list[Drawn]) -> Iterator[Sample]:
        for drawn in parents:
            yield replace(self._sample(drawn), parent=True)

    def _sample(self, drawn: Drawn) -> Sample:
        self._tick()
        event = BY_NAME[drawn.event]
        producers = _producers(event, self._request) or list(_PRODUCERS)
        producer = producers[drawn.turn % len(producers)]
        form = cast(Form, event.form(producer))
        moment = Moment(self._now, form, producer, self._chance)
        statement = mark_run(SHAPES[event.name, form.contract](drawn.subject, moment), self._run)
        record_key = key(drawn.subject, statement, moment)
        if producer == "old" and event.family not in _UNENVELOPED:
            statement = envelope(statement, record_key, self._now + PUBLISH_DELAY, self._chance)
        return Sample(event.name, form.contract, event.topic, record_key, statement)

    def _tick(self) -> None:
        self._now += timedelta(seconds=1)
