"""What a record tells the effects: its event, read into a command. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import msgspec
from aiokafka import TopicPartition

from nljctl.effects.batch import Entry
from nljctl.effects.effect import Command, UnreadableEventError
from nljctl.effects.registry import EFFECTS


@dataclass(frozen=True, slots=True)
class Told:
    """A record whose event has an effect, and the command that it was read into, or why it cannot be read."""

    tp: TopicPartition
    offset: int
    name: str
    statement_id: str
    body: bytes
    command: Command | UnreadableEventError
    generation: int = 0

    @property
    def aggregate(self) -> str | None:
        # Without a readable aggregate the statement's own id decides who records the refusal, so that one of the two does.
        return self.statement_id if isinstance(self.command, UnreadableEventError) else self.command.aggregate

    @property
    def keys(self) -> Iterator[str]:
        """What is locked before the event is looked at."""
        yield f"statement:{self.statement_id}"
        if not isinstance(self.command, UnreadableEventError):
            if self.command.parent is not None:
                yield self.command.parent
            yield from self.command.creates
            yield from self.command.guards


def told_by(entry: Entry, generation: int = 0) -> Told | None:
    name, statement_id, body = entry.judgement.event, entry.judgement.id, entry.judgement.body
    if name is None or name not in EFFECTS or not entry.effects or statement_id is None or not body:
        return None
    return Told(entry.tp, entry.offset, name, statement_id, body, _read(name, body), generation)


def _read(name: str, body: bytes) -> Command | UnreadableEventError:
    try:
        command: Command = EFFECTS[name].read(msgspec.json.decode(body))
    except UnreadableEventError as problem:
        return problem
    return command
