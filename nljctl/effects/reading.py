"""Takes an event's fields out of a judged statement, in either producer contract. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from nljctl.catalogue.names import N, X
from nljctl.effects.effect import UnreadableEventError

NOT_OF_ITS_TYPE = "22P02"
NO_TIME = "22007"
OUT_OF_RANGE = "22008"
"""SQLSTATEs of what is no UUID (or number, or text), no time, and no time that can be meant."""

FIRST_YEAR, LAST_YEAR = 1900, 2999
"""Times beyond these are mistakes, and the ends of a session that begins near the last year there is cannot be computed."""

LARGEST_NUMBER = 1e15

MOST_ITEMS = 1_000
"""Of a list in an event: objectives, prerequisites, source documents."""


def context(statement: Mapping[str, Any], name: str) -> Any:
    """The context extension `…/extensions/<name>`, or None."""
    return ((statement.get("context") or {}).get("extensions") or {}).get(X + name)


def result(statement: Mapping[str, Any], name: str) -> Any:
    """The result extension `…/extensions/<name>`, or None."""
    return ((statement.get("result") or {}).get("extensions") or {}).get(X + name)


def object_id(statement: Mapping[str, Any], collection: str) -> str | None:
    """The UUID behind `http://nlj.platform/<collection>/` in the object's id; None if it is in another collection."""
    prefix = f"{N}{collection}/"
    iri = statement["object"].get("id", "")
    return as_uuid(iri.removeprefix(prefix), iri) if iri.startswith(prefix) else None


def parent_id(statement: Mapping[str, Any], collection: str) -> str | None:
    """The same of the first parent activity in the context."""
    prefix = f"{N}{collection}/"
    parents = ((statement.get("context") or {}).get("contextActivities") or {}).get("parent") or []
    for activity in parents if isinstance(parents, list) else [parents]:
        iri = activity.get("id", "")
        if iri.startswith(prefix):
            return as_uuid(iri.removeprefix(prefix), iri)
    return None


def actor_user(statement: Mapping[str, Any]) -> str:
    """The platform's user id: the actor's account name, or what the repair of a second identifier kept of it."""
    account = statement["actor"].get("account") or context(statement, "actor_account")
    return as_uuid(account.get("name") if isinstance(account, dict) else None, "actor.account.name")


def display_name(statement: Mapping[str, Any], member: str) -> str | None:
    """A language map of the object's definition, in American English or else in any language it has."""
    words = (statement["object"].get("definition") or {}).get(member) or {}
    return words.get("en-US") or next(iter(words.values()), None)


def as_uuid(value: Any, what: str) -> str:
    try:
        return str(UUID(value))
    except (TypeError, ValueError, AttributeError):
        raise UnreadableEventError(f"{what} is not a UUID", NOT_OF_ITS_TYPE) from None


def optional_uuid(value: Any) -> str | None:
    """The UUID in canonical form; None for anything else (producers write words such as `learner` where they have no user)."""
    try:
        return str(UUID(value))
    except (TypeError, ValueError, AttributeError):
        return None


def as_time(value: Any, what: str) -> datetime:
    """An ISO 8601 time; one without zone is UTC."""
    try:
        time = datetime.fromisoformat(value)
    except (TypeError, ValueError):
        raise UnreadableEventError(f"{what} is not an ISO 8601 time", NO_TIME) from None
    if not FIRST_YEAR <= time.year <= LAST_YEAR:
        raise UnreadableEventError(f"{what} is not a time between the years {FIRST_YEAR} and {LAST_YEAR}", OUT_OF_RANGE)
    return time if time.tzinfo else time.replace(tzinfo=UTC)


def timestamp(statement: Mapping[str, Any]) -> datetime:
    return as_time(statement.get("timestamp"), "timestamp")


def as_capacity(value: Any) -> int:
    if isinstance(value, int) and not isinstance(value, bool) and value > 0:
        return value
    raise UnreadableEventError("capacity is not a whole number above zero")


def optional_count(value: Any, what: str) -> int | None:
    """A whole number from 0, or None where producers say nothing."""
    if value is None or (isinstance(value, int) and not isinstance(value, bool) and value >= 0):
        return value
    raise UnreadableEventError(f"{what} is not a whole number from 0", NOT_OF_ITS_TYPE)


def optional_number(value: Any, what: str) -> float | None:
    """A number, or None where producers say nothing."""
    if value is None:
        return None
    if isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < LARGEST_NUMBER:
        return float(value)
    raise UnreadableEventError(f"{what} is not a number", NOT_OF_ITS_TYPE)


def optional_text(value: Any, what: str) -> str | None:
    """A text, or None where producers say nothing."""
    if value is None or isinstance(value, str):
        return value
    raise UnreadableEventError(f"{what} is not a text", NOT_OF_ITS_TYPE)


def items(value: Any, what: str) -> list[Any]:
    """A list of bounded length; an absent one is empty."""
    if value is None:
        return []
    if not isinstance(value, list):
        raise UnreadableEventError(f"{what} is not a list", NOT_OF_ITS_TYPE)
    if len(value) > MOST_ITEMS:
        raise UnreadableEventError(f"{what} has more than {MOST_ITEMS} items")
    return value
