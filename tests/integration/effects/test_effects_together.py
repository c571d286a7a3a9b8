"""Effects that share a savepoint end as those that have one each: with an impossible one among them, with duplicates, with what was parked."""

from __future__ import annotations

import pytest
from effects_world import LEARNERS, Log, booking, count, generation, new_id, program, rows, session
from sqlalchemy.ext.asyncio import AsyncEngine

from nljctl.effects import apply
from nljctl.effects.ledger_tables import applied, outbox, parked
from nljctl.effects.platform_tables import training_bookings

SEATS = 3


async def story(engine: AsyncEngine, learners: list[str]) -> tuple[dict[str, int], list[tuple[object, ...]]]:
    """A batch in which everything happens that can; gives its counts, and what the ledger says of each record, in order."""
    log, course, meeting, asked = Log(engine), new_id(), new_id(), new_id()
    early = booking(new_id(), meeting, learners[0])
    log.add(*early)
    log.add(*program(course))
    log.add(*session(meeting, course, capacity=SEATS))
    log.add(*early)
    bookings = [booking(new_id(), meeting, learner) for learner in learners[1:]]
    for record in (*bookings, booking(new_id(), meeting, new_id()), bookings[0], generation(asked, "requested")):
        log.add(*record)
    result = await log.hand_over(0, len(log.records))
    assert await count(engine, parked, topic=log.tp.topic) == 0
    assert await count(engine, training_bookings, session_id=meeting, booking_status="confirmed") == SEATS
    assert await count(engine, outbox, key=asked) == 1
    places = {statement["id"]: number for number, (_, statement) in reversed(list(enumerate(log.records)))}
    found = await rows(engine, applied, ("statement_id", "event", "result", "sqlstate"), topic=log.tp.topic)
    counts = {name: getattr(result.effects, name) for name in ("applied", "parked", "refused", "not_owned")}
    return counts, sorted((places[id], *rest) for id, *rest in found)


@pytest.mark.parametrize("together", [2, 3, 50])
async def test_it_makes_no_difference_how_many_share_a_savepoint(engine: AsyncEngine, monkeypatch: pytest.MonkeyPatch, together: int) -> None:
    learners = [person.id for person in LEARNERS[:6]]
    monkeypatch.setattr(apply, "TOGETHER", 1)
    alone = await story(engine, learners)
    monkeypatch.setattr(apply, "TOGETHER", together)
    assert await story(engine, learners) == alone
    assert alone[0] == {"applied": 9, "parked": 1, "refused": 1, "not_owned": 0}
