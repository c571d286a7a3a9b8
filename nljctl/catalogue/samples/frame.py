"""The frame that producers put around every statement, and the ways in which they name an actor."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from typing import Any

from nljctl.catalogue.event import Contract, Form
from nljctl.catalogue.names import NP, TEST_RUN, N, X
from nljctl.catalogue.people import Person
from nljctl.catalogue.samples.dice import new_id

PLATFORM = "NLJ Platform"
HOME_PAGE = N.removesuffix("/")
PUBLISH_DELAY = timedelta(milliseconds=120)

JsonObject = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Moment:
    """When a statement is written, in which form, by which producer; and the chance of what it says."""

    at: datetime
    form: Form
    producer: Contract
    chance: Random

    @property
    def timestamp(self) -> str:
        return self.at.isoformat()

    @property
    def timestamp_z(self) -> str:
        return self.at.strftime("%Y-%m-%dT%H:%M:%SZ")


def both_identifiers(person: Person) -> JsonObject:
    """A user as the platform names one: mbox and account at once, which xAPI forbids."""
    return {"objectType": "Agent", "name": person.name, "mbox": f"mailto:{person.email}", "account": {"homePage": HOME_PAGE, "name": person.id}}


def by_mbox(person: Person) -> JsonObject:
    return {"objectType": "Agent", "name": person.name, "mbox": f"mailto:{person.email}"}


def by_account(person: Person) -> JsonObject:
    return {"objectType": "Agent", "account": {"homePage": HOME_PAGE, "name": person.id}}


def system(name: str) -> JsonObject:
    """A part of the platform that acts by itself: an account, no mbox."""
    return {"objectType": "Agent", "name": name, "account": {"homePage": HOME_PAGE, "name": name.lower().replace(" ", "-")}}


def extraction_service() -> JsonObject:
    return {"objectType": "Agent", "account": {"homePage": NP.removesuffix("/"), "name": "knowledge-extraction"}}


def extensions(values: Mapping[str, Any]) -> JsonObject:
    return {X + name: value for name, value in values.items()}


def frame(
    moment: Moment,
    actor: JsonObject,
    object_id: str,
    title: str,
    *,
    display: str | None = None,
    description: str | None = None,
    context: Mapping[str, Any] | None = None,
    result: JsonObject | None = None,
) -> JsonObject:
    """A statement of training, content or workflow. Verb and activity type are the form's; `context` names extensions without their prefix."""
    verb = moment.form.verbs[0]
    definition: JsonObject = {"name": {"en-US": title}, "type": moment.form.type}
    if description is not None:
        definition["description"] = {"en-US": description}
    statement: JsonObject = {
        "id": new_id(moment.chance),
        "version": "1.0.3",
        "timestamp": moment.timestamp,
        "actor": actor,
        "verb": {"id": verb, "display": {"en-US": display or verb.rsplit("/", 1)[-1]}},
        "object": {"objectType": "Activity", "id": object_id, "definition": definition},
    }
    if result is not None:
        statement["result"] = result
    statement["context"] = {"platform": PLATFORM, "extensions": extensions(context or {})}
    return statement


def mark_run(statement: JsonObject, run: str) -> JsonObject:
    """The statement with the context extension that names the run."""
    context = statement.get("context", {})
    return {**statement, "context": {**context, "extensions": {**context.get("extensions", {}), TEST_RUN: run}}}


def envelope(statement: JsonObject, key: str | None, published: datetime, chance: Random) -> JsonObject:
    """What the old producer writes over a statement: three members that xAPI does not know. `event_id` is the message key where there is one."""
    return {**statement, "producer_id": "nlj-platform", "producer_timestamp": published.isoformat(), "event_id": key or new_id(chance)}
