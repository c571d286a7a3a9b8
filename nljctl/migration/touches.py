"""Which of the platform's rows a record changes: by this, a difference in Postgres is traced to the records that made it. Pure."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from nljctl.effects.effect import Command, UnreadableEventError
from nljctl.effects.registry import EFFECTS
from nljctl.judgement import Judgement, Verdict


def touched(judgement: Judgement) -> Sequence[str]:
    """Keys such as `booking:<uuid>`; a booking also touches its session, whose seats it takes. Empty for an event without effects."""
    effect = EFFECTS.get(judgement.event or "")
    if effect is None or judgement.verdict is Verdict.REJECTED:
        return ()
    try:
        command: Command = effect.read(msgspec.json.decode(judgement.body))
    except UnreadableEventError:
        return ()
    return command.touches
