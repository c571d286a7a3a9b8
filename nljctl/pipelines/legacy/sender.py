"""One record on its way to the LRS: read, routed, completed, posted; and what became of it."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from aiokafka import TopicPartition

from nljctl.effects.batch import OutcomeRow
from nljctl.judgement import Origin
from nljctl.pipelines.legacy import statement as statements
from nljctl.pipelines.legacy.doubt import Doubt
from nljctl.pipelines.legacy.ralph import Answer, Kind, Ralph
from nljctl.pipelines.legacy.routes import Decision, Edition, decide
from nljctl.pipelines.legacy.statement import Unreadable

log = logging.getLogger("nljctl.legacy")

FILTERED = "filtered"
UNREADABLE = "unreadable"


@dataclass(frozen=True, slots=True)
class Letter:
    """A statement as it goes to the LRS."""

    id: str
    body: bytes
    timestamp_given: bool


@dataclass(frozen=True, slots=True)
class Prepared:
    """A record looked at, but not sent.

    Attributes:
        letter: what is to be sent; None if nothing is.
        outcome: why not.
        decision: what the routes say, for its effects; None for a value that cannot be read.
    """

    letter: Letter | None
    outcome: OutcomeRow | None
    decision: Decision | None

    def effects(self, judged: str | None) -> bool:
        return self.decision is not None and self.decision.effects(judged)


def prepare(edition: Edition, value: bytes | None, origin: Origin, now: datetime) -> Prepared:
    """What an edition does with a record. Pure."""
    statement = statements.read(value)
    if isinstance(statement, Unreadable):
        return Prepared(None, _unreadable(statement), None)
    decision = decide(edition, statement)
    if not decision.sends:
        return Prepared(None, OutcomeRow(FILTERED, decision.why), decision)
    completed = statements.complete(statement, origin, now)
    body = statements.encode(completed)
    if isinstance(body, Unreadable):
        return Prepared(None, _unreadable(body), None)
    return Prepared(Letter(str(completed["id"]), body, "timestamp" in statement), None, decision)


def outcome_of(answer: Answer) -> OutcomeRow | None:
    """The row that an answer leaves; none for what is plainly stored."""
    if answer.kind is Kind.STORED:
        return None
    return OutcomeRow(answer.kind, answer.reason, answer.rule, answer.pointer, answer.detail)


class Sender:
    """Posts what the routes send, one statement after the other. Failures are logged, recorded and swallowed, as in the original."""

    def __init__(self, edition: Edition, ralph: Ralph, clock: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self._edition = edition
        self._ralph = ralph
        self._clock = clock

    def prepare(self, value: bytes | None, origin: Origin) -> Prepared:
        return prepare(self._edition, value, origin, self._clock())

    async def send(self, tp: TopicPartition, offset: int, prepared: Prepared, doubt: Doubt) -> Prepared:
        """The record with its outcome, after the LRS has answered."""
        letter = prepared.letter
        if letter is None:
            _log(tp, offset, prepared.outcome)
            return prepared
        answer = await self._ralph.post(letter.body)
        mark = doubt.mark(tp, offset)
        if mark is not None and _is_there(letter, answer) and doubt.same_record(mark, letter.id, await self._ralph.stored_at(letter.id)):
            answer = Answer(Kind.STORED)
        outcome = outcome_of(answer)
        _log(tp, offset, outcome)
        return replace(prepared, outcome=outcome)


def _is_there(letter: Letter, answer: Answer) -> bool:
    """Whether the LRS may be speaking of this very statement. With a timestamp made anew, it calls that a conflict."""
    return answer.kind is Kind.DUPLICATE or (answer.kind is Kind.CONFLICT and not letter.timestamp_given)


def _unreadable(problem: Unreadable) -> OutcomeRow:
    return OutcomeRow(UNREADABLE, problem.reason, detail=problem.detail)


_LEVELS = {Kind.FAILED: logging.WARNING, FILTERED: logging.DEBUG, Kind.DUPLICATE: logging.DEBUG}


def _log(tp: TopicPartition, offset: int, outcome: OutcomeRow | None) -> None:
    if outcome is None:
        return
    said = {"reason": outcome.reason, "rule": outcome.rule, "pointer": outcome.pointer, "detail": outcome.detail[:200]}
    fields = {"topic": tp.topic, "partition": tp.partition, "offset": offset, **{name: value for name, value in said.items() if value}}
    log.log(_LEVELS.get(outcome.kind, logging.INFO), "statement %s", outcome.kind, extra=fields)
