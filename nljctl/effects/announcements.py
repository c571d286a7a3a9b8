"""The events that effects cause, as statements: what they say and under which id. Pure.

The id follows from what the event is about, so that the same event told twice is one statement. They are valid xAPI, and written as the platform's
consumers of either producer contract recognise them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from nljctl.catalogue.events import BY_NAME
from nljctl.catalogue.names import N, X
from nljctl.effects.effect import Announce

HOME_PAGE = N.removesuffix("/")
SCHEDULER = {"objectType": "Agent", "name": "Scheduling System", "account": {"homePage": HOME_PAGE, "name": "scheduling-system"}}
CONFLICT, STARTED = BY_NAME["session.conflict"], BY_NAME["content.generation.started"]


def scheduling_conflict(*, session: str, title: str, kind: str, others: Sequence[str], details: Mapping[str, Any], at: datetime) -> Announce:
    """`session.conflict`: a session was scheduled against others. One for a session and a kind of conflict."""
    conflict = _id("session.conflict", session, kind)
    extensions = {
        "conflict_id": conflict,
        "conflict_type": kind,
        "conflicting_sessions": list(others),
        "conflict_details": dict(details),
        "severity": "medium",
        "requires_resolution": True,
    }
    form = CONFLICT.forms[0]
    verb, target = _verb(form.verbs[0], "detected"), _activity(f"{N}training-sessions/{session}", form.type, title)
    return Announce(conflict, CONFLICT.topic, conflict, _statement(conflict, at, SCHEDULER, verb, target, extensions))


def generation_started(*, session: str, title: str, user: str, request: str, at: datetime) -> Announce:
    """`content.generation.started`: whoever runs the language model begins at this. One for a request.

    The status stands in both places in which producers write it.
    """
    statement_id = _id("content.generation.started", session, request)
    form = STARTED.forms[0]
    actor = {"objectType": "Agent", "account": {"homePage": HOME_PAGE, "name": user}}
    verb, target = _verb(form.verbs[0], "started"), _activity(f"{N}content-generation-sessions/{session}", form.type, title)
    statement = _statement(statement_id, at, actor, verb, target, {"generation_status": "started"})
    return Announce(statement_id, STARTED.topic, session, {**statement, "result": {"extensions": {X + "generation_status": "started"}}})


def _id(*about: str) -> str:
    return str(uuid5(NAMESPACE_URL, f"{N}announcements/{'/'.join(about)}"))


def _verb(iri: str, shown: str) -> Mapping[str, Any]:
    return {"id": iri, "display": {"en-US": shown}}


def _activity(iri: str, kind: str, title: str) -> Mapping[str, Any]:
    return {"objectType": "Activity", "id": iri, "definition": {"name": {"en-US": title}, "type": kind}}


def _statement(
    statement_id: str, at: datetime, actor: Mapping[str, Any], verb: Mapping[str, Any], target: Mapping[str, Any], extensions: Mapping[str, Any]
) -> dict[str, Any]:
    return {
        "id": statement_id,
        "version": "1.0.3",
        "timestamp": at.isoformat(),
        "actor": actor,
        "verb": verb,
        "object": target,
        "context": {"platform": "NLJ Platform", "extensions": {X + name: value for name, value in extensions.items()}},
    }
