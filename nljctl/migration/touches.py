"""Which of the platform's rows a record changes: by this, a difference in Postgres is traced to the records that made it. Pure."""

from __future__ import annotations

import msgspec

from nljctl.effects.effect import UnreadableEventError
from nljctl.effects.registry import EFFECTS
from nljctl.judgement import Judgement, Verdict


def touched(judgement: Judgement) -> tuple[str, ...]:
    """Keys such as `booking:<uuid>`; a booking also touches its session, whose seats it takes. Empty for an event without effects."""
    effect = EFFECTS.get(judgement.event or "")
    if effect is None or judgement.verdict is Verdict.REJECTED:
        return ()
    try:
        command = effect.read(msgspec.json.decode(judgement.body))
    except UnreadableEventError:
        return ()
    row = command.creates or command.parent
    seats = (f"session:{command.aggregate}",) if row.startswith("booking:") and command.aggregate else ()
    return (row, *seats)
