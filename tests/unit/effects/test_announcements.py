"""The events that effects cause are valid xAPI, known to the catalogue, and told under an id of their own."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import uuid4

import msgspec
import pytest

from nljctl.catalogue.events import BY_NAME
from nljctl.effects.announcements import generation_started, scheduling_conflict
from nljctl.effects.effect import Announce
from nljctl.effects.registry import EFFECTS
from nljctl.judge import judge
from nljctl.judgement import Origin, Verdict

AT = datetime(2026, 3, 1, 9, tzinfo=UTC)
SESSION, USER, REQUEST = (str(uuid4()) for _ in range(3))


def conflict(kind: str = "location_conflict", session: str = SESSION) -> Announce:
    return scheduling_conflict(session=session, title="Brakes", kind=kind, others=[USER], details={"location": "Bay 2"}, at=AT)


def start(request: str = REQUEST) -> Announce:
    return generation_started(session=SESSION, title="Quiz", user=USER, request=request, at=AT)


@pytest.mark.parametrize(("announced", "event"), [(conflict(), "session.conflict"), (start(), "content.generation.started")])
def test_an_announcement_needs_no_repair_and_is_the_event_it_says(announced: Announce, event: str) -> None:
    judgement = judge(msgspec.json.encode(announced.statement), Origin(announced.topic, 0, 0, 0))
    assert (judgement.verdict, judgement.repairs, judgement.event, announced.topic) == (Verdict.ACCEPTED, (), event, BY_NAME[event].topic)
    assert judgement.id == announced.id


def test_a_start_is_read_as_the_event_that_moves_its_session() -> None:
    command = EFFECTS["content.generation.started"].read(start().statement)
    assert (command.event, command.id, start().key) == ("started", SESSION, SESSION)


def test_the_same_told_twice_is_one_statement() -> None:
    assert (conflict(), start()) == (conflict(), start())


def test_another_kind_another_session_and_another_request_are_others() -> None:
    ids = {conflict().id, conflict("time_overlap").id, conflict(session=USER).id, start().id, start(str(uuid4())).id}
    assert len(ids) == 5
