"""The table of effects: which event changes the platform, and how (why the others change nothing: docs/effects.md)."""

from __future__ import annotations

from collections.abc import Mapping

from nljctl.effects import attendance, bookings, generations, interactions, programs, sessions
from nljctl.effects.effect import Effect

EFFECTS: Mapping[str, Effect] = {
    **programs.EFFECTS,
    **sessions.EFFECTS,
    **bookings.EFFECTS,
    **attendance.EFFECTS,
    **generations.EFFECTS,
    **interactions.EFFECTS,
}
