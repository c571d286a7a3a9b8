"""Content generation: one state machine for a generation session. Rules are pure; `load` is the only I/O.

The language model is run by a worker, which begins at the `started` event that a request causes, and tells by `completed` or `failed` how it
ended. What it made it writes into the row itself. All events of a session have its id as their key, in both producer contracts: they lie on one
partition, and order is the log's.

The platform's API creates rows and sets `processing` and `cancelled` by itself, before or after the events arrive. So a request of a session that is
processing still starts it, and a start that comes when the end is known already changes nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import Text, cast, func, select, text
from sqlalchemy.ext.asyncio import AsyncConnection

from nljctl.effects import reading
from nljctl.effects.announcements import generation_started
from nljctl.effects.effect import Announce, Decision, Effect, Insert, Refusal, UnreadableEventError, Update
from nljctl.effects.platform_tables import generation_session_sources, generation_sessions

Event = Literal["requested", "started", "completed", "failed"]
Step = Literal["create", "ask", "begin", "end", "stay"]

ENUM = "generationstatus"
"""The type of the status in newer platforms, whose labels are in capitals; before, it is a text in small letters, as it is in the shadow."""

TRANSITIONS: Mapping[tuple[str | None, Event], Step] = {
    (None, "requested"): "create",
    ("pending", "requested"): "ask",
    ("processing", "requested"): "ask",
    ("failed", "requested"): "ask",
    ("pending", "started"): "begin",
    ("processing", "started"): "begin",
    ("completed", "started"): "stay",
    ("failed", "started"): "stay",
    ("pending", "completed"): "end",
    ("processing", "completed"): "end",
    ("completed", "completed"): "stay",
    ("failed", "completed"): "end",
    ("pending", "failed"): "end",
    ("processing", "failed"): "end",
    ("failed", "failed"): "stay",
}
"""What an event does to a session in a status (None: no row). What is not here cannot be: it is refused.

`create` makes the row and asks for the run; `ask` asks for it (again, after a failure); `begin` notes the start; `end` notes how it ended; `stay`
changes nothing. A session may end without a known start, for the end tells that there was one; a failure may be followed by a success (somebody
tried again), not the other way round. What was cancelled stays so.
"""


@dataclass(frozen=True, slots=True)
class Generate:
    """One event of a session. `columns`: what it says of the row; `causes`: the start that a request asks for."""

    event: Event
    id: str
    columns: Mapping[str, Any]
    at: datetime
    sources: Sequence[str] = ()
    causes: Sequence[Announce] = ()
    guards: tuple[str, ...] = ()

    @property
    def aggregate(self) -> str:
        return self.id

    @property
    def parent(self) -> str | None:
        return None if self.event == "requested" else f"generation:{self.id}"

    @property
    def creates(self) -> tuple[str, ...]:
        return (f"generation:{self.id}",) if self.event == "requested" else ()

    @property
    def touches(self) -> tuple[str, ...]:
        return (f"generation:{self.id}",)


@dataclass(frozen=True, slots=True)
class Generation:
    """The row as the rules see it. `status` is in small letters in any case; `capitals`: the column is that enum."""

    status: str | None = None
    started_at: datetime | None = None
    capitals: bool = False

    def spelled(self, status: str) -> Any:
        """A status as a value of the platform's column."""
        return text(f"'{status.upper()}'") if self.capitals else status


def read_requested(statement: Mapping[str, Any]) -> Generate:
    """The new contract names prompt, kind and sources beside each other in the result; the old one has a prompt configuration."""
    config = reading.context(statement, "prompt_config")
    if config is None:
        config = {"generated_prompt_text": reading.result(statement, "prompt"), "generation_type": reading.result(statement, "content_type")}
    sources = reading.context(statement, "source_document_ids")
    if sources is None:
        sources = reading.result(statement, "source_documents")
    documents = [reading.as_uuid(source, "a source document") for source in reading.items(sources, "the source documents")]
    session, user, at = _session(statement), reading.actor_user(statement), reading.timestamp(statement)
    title = reading.display_name(statement, "name") or "Content generation"
    return Generate(
        event="requested",
        id=session,
        columns={"prompt_config": config, "user_id": user},
        at=at,
        sources=list(dict.fromkeys(documents)),
        causes=[generation_started(session=session, title=title, user=user, request=statement["id"], at=at)],
    )


def read_started(statement: Mapping[str, Any]) -> Generate:
    return Generate("started", _session(statement), {}, reading.timestamp(statement))


def read_completed(statement: Mapping[str, Any]) -> Generate:
    columns = {
        "total_tokens_used": reading.optional_count(reading.result(statement, "tokens_used"), "tokens_used"),
        "generation_time_seconds": reading.optional_number(reading.result(statement, "duration_seconds"), "duration_seconds"),
    }
    told = {name: value for name, value in columns.items() if value is not None}
    return Generate("completed", _session(statement), {"error_message": None, **told}, reading.timestamp(statement))


def read_failed(statement: Mapping[str, Any]) -> Generate:
    message = reading.context(statement, "error_message")
    if message is None:
        message = reading.result(statement, "error_message")
    columns = {"error_message": reading.optional_text(message, "error_message")}
    return Generate("failed", _session(statement), columns, reading.timestamp(statement))


def generate(known: Generation, command: Generate) -> Decision:
    step = TRANSITIONS.get((known.status, command.event))
    if step is None:
        return Refusal(f"a generation session that is {known.status} cannot be {command.event}")
    match step:
        case "create":
            row = {"id": command.id, "status": known.spelled("pending"), "created_at": command.at, **command.columns}
            sources = ({"generation_session_id": command.id, "source_document_id": source, "created_at": command.at} for source in command.sources)
            return [Insert(generation_sessions, row), *(Insert(generation_session_sources, source) for source in sources), *command.causes]
        case "ask":
            again = known.status == "failed"
            anew = {"status": known.spelled("pending"), "error_message": None, "started_at": None, "completed_at": None}
            return [*([Update(generation_sessions, command.id, anew)] if again else []), *command.causes]
        case "begin":
            return [Update(generation_sessions, command.id, {"status": known.spelled("processing"), "started_at": known.started_at or command.at})]
        case "end":
            return [Update(generation_sessions, command.id, {"status": known.spelled(command.event), "completed_at": command.at, **command.columns})]
        case "stay":
            return []


def _session(statement: Mapping[str, Any]) -> str:
    session = reading.object_id(statement, "content-generation-sessions")
    if session is None:
        raise UnreadableEventError("the object is not a content generation session")
    return session


async def _generation(connection: AsyncConnection, command: Generate) -> Generation:
    """The row, locked against the platform's API, which changes it too."""
    c = generation_sessions.c
    known = select(cast(c.status, Text), c.started_at, cast(func.pg_typeof(c.status), Text).label("kind")).where(c.id == command.id)
    row = (await connection.execute(known.with_for_update())).first()
    if row is not None:
        return Generation(row.status.lower(), row.started_at, row.kind == ENUM)
    kind = (await connection.execute(select(cast(func.pg_typeof(select(c.status).limit(0).scalar_subquery()), Text)))).scalar_one()
    return Generation(capitals=kind == ENUM)


EFFECTS = {
    "content.generation.requested": Effect(read_requested, _generation, generate),
    "content.generation.started": Effect(read_started, _generation, generate),
    "content.generation.completed": Effect(read_completed, _generation, generate),
    "content.generation.failed": Effect(read_failed, _generation, generate),
}
