"""Training programs: created and published. Rules are pure; `load` is the only I/O."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from nljctl.effects import reading
from nljctl.effects.effect import Change, Effect, Insert, UnreadableEventError, Update, no_state
from nljctl.effects.platform_tables import training_programs


@dataclass(frozen=True, slots=True)
class CreateProgram:
    id: str
    title: str
    description: str | None
    learning_objectives: Sequence[str]
    prerequisites: Sequence[str]
    created_by: str
    at: datetime
    parent: None = None
    guards: tuple[str, ...] = ()

    @property
    def aggregate(self) -> str:
        return self.id

    @property
    def creates(self) -> tuple[str, ...]:
        return (f"program:{self.id}",)

    touches = creates


@dataclass(frozen=True, slots=True)
class PublishProgram:
    id: str
    at: datetime
    creates: tuple[str, ...] = ()
    guards: tuple[str, ...] = ()

    @property
    def aggregate(self) -> str:
        return self.id

    @property
    def parent(self) -> str:
        return f"program:{self.id}"

    @property
    def touches(self) -> tuple[str, ...]:
        return (self.parent,)


def read_created(statement: Mapping[str, Any]) -> CreateProgram:
    return CreateProgram(
        id=_program(statement),
        title=reading.display_name(statement, "name") or "",
        description=reading.display_name(statement, "description"),
        learning_objectives=[str(goal) for goal in reading.items(reading.context(statement, "learning_objectives"), "learning_objectives")],
        prerequisites=[reading.as_uuid(program, "prerequisites") for program in reading.items(reading.context(statement, "prerequisites"), "prerequisites")],
        created_by=reading.actor_user(statement),
        at=reading.timestamp(statement),
    )


def read_published(statement: Mapping[str, Any]) -> PublishProgram:
    return PublishProgram(_program(statement), reading.timestamp(statement))


def create(_: None, command: CreateProgram) -> Sequence[Change]:
    values = {
        "id": command.id,
        "title": command.title,
        "description": command.description,
        "learning_objectives": list(command.learning_objectives),
        "prerequisites": list(command.prerequisites),
        "created_by_id": command.created_by,
        "is_published": False,
        "created_at": command.at,
        "updated_at": command.at,
    }
    return [Insert(training_programs, values)]


def publish(_: None, command: PublishProgram) -> Sequence[Change]:
    return [Update(training_programs, command.id, {"is_published": True, "updated_at": command.at})]


def _program(statement: Mapping[str, Any]) -> str:
    program = reading.object_id(statement, "training-programs")
    if program is None:
        raise UnreadableEventError("the object is not a training program")
    return program


EFFECTS = {
    "program.created": Effect(read_created, no_state, create),
    "program.published": Effect(read_published, no_state, publish),
}
