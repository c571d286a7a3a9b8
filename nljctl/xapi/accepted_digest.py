"""The digests of an accepted statement: the same normal form as `equivalence.py` makes of any JSON object, of types, at a third of its time.

Both give the same digest of every valid statement (a tested property).
"""

from __future__ import annotations

import hashlib
from typing import Any, Final

import msgspec
from msgspec import UNSET, UnsetType

from nljctl.xapi.equivalence import DIGEST_LENGTH, instant, lower_domain, lower_type, plain_number
from nljctl.xapi.model import Activities, Activity, Actor, Agent, Attachment, Context, Score, Statement, StatementRef, SubStatement, Who

_encode: Final = msgspec.json.Encoder(order="deterministic").encode
"""The types have their properties in order; only maps are left to be sorted."""


def digests_of(statement: Statement[Any]) -> tuple[str, str]:
    """The digests of the whole normal form and of its content, as `equivalence.digests`. Uses the statement up."""
    id_ = None if statement.id is UNSET else statement.id.lower()
    timestamp = None if statement.timestamp is UNSET else instant(statement.timestamp)
    statement.id = statement.timestamp = statement.version = statement.stored = statement.authority = UNSET
    _normalise(statement)
    content = hashlib.sha256(_encode(statement))
    whole = content.copy()
    whole.update(_encode((id_, timestamp)))
    return whole.hexdigest()[:DIGEST_LENGTH], content.hexdigest()[:DIGEST_LENGTH]


def _normalise(told: Statement[Any] | SubStatement[Any]) -> None:
    told.verb.display = UNSET
    _actor(told.actor)
    if told.context is not UNSET:
        _context(told.context)
    if told.attachments is not UNSET:
        for attachment in told.attachments:
            _attachment(attachment)
    if told.result is not UNSET and told.result.score is not UNSET:
        _score(told.result.score)
    target = told.object
    type_ = type(target)
    if type_ is Activity:
        target.definition = UNSET
    elif type_ is StatementRef:
        target.id = target.id.lower()
    elif type_ is Who:
        _actor(target)
    else:
        if target.timestamp is not UNSET:
            target.timestamp = instant(target.timestamp)
        _normalise(target)


def _actor(actor: Actor | Agent | Who) -> None:
    if actor.mbox is not UNSET:
        actor.mbox = lower_domain(actor.mbox)
    elif actor.mbox_sha1sum is not UNSET:
        actor.mbox_sha1sum = actor.mbox_sha1sum.lower()
    if not isinstance(actor, Agent) and actor.member is not UNSET:
        for member in actor.member:
            _actor(member)
        actor.member = sorted(actor.member, key=_encode)


def _context(context: Context) -> None:
    activities = context.contextActivities
    if activities is not UNSET:
        activities.parent = _list(activities.parent)
        activities.grouping = _list(activities.grouping)
        activities.category = _list(activities.category)
        activities.other = _list(activities.other)
    if context.registration is not UNSET:
        context.registration = context.registration.lower()
    if context.language is not UNSET:
        context.language = context.language.lower()
    if context.statement is not UNSET:
        context.statement.id = context.statement.id.lower()
    if context.instructor is not UNSET:
        _actor(context.instructor)
    if context.team is not UNSET:
        _actor(context.team)


def _list(some: Activities | UnsetType) -> Activities | UnsetType:
    if some is UNSET:
        return UNSET
    activities = some if isinstance(some, list) else [some]
    for activity in activities:
        activity.definition = UNSET
    return activities


def _score(score: Score) -> None:
    for name in ("max", "min", "raw", "scaled"):
        number = getattr(score, name)
        if isinstance(number, float):
            setattr(score, name, plain_number(number))


def _attachment(attachment: Attachment) -> None:
    attachment.sha2 = attachment.sha2.lower()
    attachment.contentType = lower_type(attachment.contentType)
    attachment.display = {tag.lower(): words for tag, words in attachment.display.items()}
    if attachment.description is not UNSET:
        attachment.description = {tag.lower(): words for tag, words in attachment.description.items()}
