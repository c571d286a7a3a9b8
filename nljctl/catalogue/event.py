"""What a catalogue row says of an event: where it travels, what it changes, and the forms in which producers write it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Contract = Literal["old", "new"]
Family = Literal["training", "content", "survey", "statements", "knowledge", "tagging", "node", "workflow"]
Aggregate = Literal["program", "session", "generation", "node"]


@dataclass(frozen=True, slots=True)
class Mark:
    """A sign by which forms that share topic and verb are told apart.

    Attributes:
        place: `context`, `result`: an extension there; `status`: an extension in either; `member`: a member of the result;
            `definition`: an extension of the object's definition; `object`: what the object's id starts with; `type`: the activity type.
        name: the extension's name after `…/extensions/` (producers also write it bare), the member, the prefix or the type.
        values: the values it must have; empty if it need only be there.
    """

    place: Literal["context", "result", "status", "member", "definition", "object", "type"]
    name: str
    values: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Form:
    """One way in which a producer writes an event.

    Attributes:
        contract: the producer contract; None where both (or demo generators only) write the same.
        verbs: verb ids; the first is what producers send, the others are what repairs make of it or other generators use.
            `*word` takes any verb with that word in it, `*` any verb at all; both only where no exact verb fits.
        type: the activity type of the object; empty if producers give none.
        key: the message key in terms of the statement's ids (`{session}:{learner}`); None for records without key.
        context, result: names of the extensions that the form carries.
        when: signs of which one must be there; none needed if empty.
        topics: where this form is recognised; empty means on the event's own topic.
        new_key: the key in the new contract, where it differs although the statement does not.
    """

    contract: Contract | None
    verbs: tuple[str, ...]
    type: str
    key: str | None = None
    context: tuple[str, ...] = ()
    result: tuple[str, ...] = ()
    when: tuple[Mark, ...] = ()
    topics: tuple[str, ...] = ()
    new_key: str | None = None


@dataclass(frozen=True, slots=True)
class Event:
    """One row of the catalogue.

    Attributes:
        name: dotted, such as `booking.requested`.
        topic: where producers publish it.
        aggregate: what decides which pipeline owns its effects; None for events that change nothing.
        forms: how producers write it; a contract's first one is what they send today.
    """

    name: str
    topic: str
    family: Family
    forms: tuple[Form, ...]
    aggregate: Aggregate | None = None

    @property
    def has_effects(self) -> bool:
        """Whether it changes the platform's Postgres: exactly the events with an aggregate do."""
        return self.aggregate is not None

    def form(self, contract: Contract) -> Form | None:
        """The form in which producers of a contract write it; None if they do not."""
        return next((form for form in self.forms if form.contract in (contract, None)), None)
